"""What DNS says of senders' domains: when it is looked up, what is kept, what the gate is told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.campaigns.models import Campaign
from mailer.compliance import domains as names
from mailer.compliance.mailboxes import canonical
from mailer.compliance.readiness import Authentication
from mailer.delivery import rotation, signing
from mailer.delivery.domains import Facts, Key, Question
from mailer.delivery.models import Delivery, DeliveryStatus, DomainCheck, SigningKey

DAILY = timedelta(days=1)
HOURLY = timedelta(hours=1)
SOON = timedelta(minutes=10)
LONGEST_LOOK = timedelta(minutes=5)  # then another process may try
MONTH = timedelta(days=30)
MOST_KEYS = 12  # newest first; older ones have long left DNS


def due(session: Session, now: datetime) -> Sequence[int]:
    """Return the senders whose DNS is to be looked up: never yet, again by now, or elsewhere."""
    is_other = sa.or_(
        DomainCheck.from_address != Sender.from_address, DomainCheck.reply_to != Sender.reply_to
    )
    is_due = sa.or_(DomainCheck.id.is_(None), DomainCheck.next_at <= now, is_other)
    chosen = sa.select(Sender.id).outerjoin(DomainCheck, DomainCheck.sender_id == Sender.id)
    return session.scalars(chosen.where(is_due).order_by(Sender.id)).all()


def take(session: Session, sender_id: int, now: datetime) -> Question | None:
    """Take the look at one sender's DNS upon oneself; None when there is no such sender.

    The caller commits before asking, and then calls ``keep`` or ``keep_fault``.
    """
    sender = session.get(Sender, sender_id, with_for_update=True, populate_existing=True)
    if sender is None:
        return None
    check = of(session, sender)
    if check is None:
        check = DomainCheck(sender_id=sender.id)
        session.add(check)
    if (check.from_address, check.reply_to) != (sender.from_address, sender.reply_to):
        check.from_address, check.reply_to = sender.from_address, sender.reply_to
        check.checked_at, check.facts = None, None
    check.next_at = now + LONGEST_LOOK
    session.flush()
    domain = sender.from_address.rpartition("@")[2]
    keys = tuple(
        Key(signing.name(key, domain), key.algorithm, signing.bits(key), key.public_key)
        for key in rotation.kept(session, sender)[:MOST_KEYS]
        if rotation.stage(key, now) is not rotation.Stage.removable
    )
    return Question(sender.id, sender.from_address, sender.reply_to, keys)


def keep(session: Session, question: Question, facts: Facts, now: datetime) -> list[SigningKey]:
    """Keep what DNS said; keys that it shows begin to sign. Return those.

    Nothing is kept for a sender who has moved to another address meanwhile.
    """
    sender = session.get(Sender, question.sender_id, with_for_update=True, populate_existing=True)
    check = of(session, sender) if sender else None
    if sender is None or check is None or check.from_address != question.from_address:
        return []
    facts = facts.counted(daily_volume(session, question.domain, now))
    seen = {key.selector for key in facts.keys if key.matches}
    for key in rotation.kept(session, sender):
        if key.selector in seen:
            key.verified_at = now
    check.facts, check.checked_at, check.fault = facts.as_dict(), now, ""
    check.next_at = now + (DAILY if facts.is_whole else HOURLY)
    return rotation.switch(session, sender, seen, now)


def keep_fault(session: Session, question: Question, fault: str, now: datetime) -> None:
    """Keep that DNS did not answer; what it said before still stands, with its date."""
    session.execute(
        sa.update(DomainCheck)
        .where(DomainCheck.sender_id == question.sender_id)
        .values(fault=fault[:200], next_at=now + SOON)
    )


def of(session: Session, sender: Sender) -> DomainCheck | None:
    return session.scalar(sa.select(DomainCheck).where(DomainCheck.sender_id == sender.id))


def facts(session: Session, sender: Sender) -> Facts | None:
    """Return what DNS said of the sender as she is now, or None."""
    check = of(session, sender)
    is_hers = check is not None and check.from_address == sender.from_address
    return Facts.of(check.facts) if check is not None and check.facts and is_hers else None


def known(session: Session, sender: Sender, now: datetime) -> Authentication | None:
    """Return what is known of the From domain, for R02; None if it was never looked up."""
    del now  # the rule itself judges how old the answer is
    found, check = facts(session, sender), of(session, sender)
    if found is None or check is None or check.checked_at is None:
        return None
    return Authentication(
        domain=canonical(sender.from_address.rpartition("@")[2]),
        checked_at=check.checked_at,
        keys=found.keys,
        spf=found.spf.spf,
        dmarc=found.dmarc.policy,
        daily_volume=found.daily_volume,
        spf_fault=found.spf.fault,
        dmarc_fault=found.dmarc.fault,
        is_strict=found.dmarc.is_strict,
    )


def daily_volume(session: Session, domain: str, now: datetime) -> int:
    """Return the most that relays took in a day of the last 30 from senders of one organisation.

    Gmail counts for the primary domain, all its senders together.
    """
    home = names.organisational(domain)
    senders = session.execute(sa.select(Sender.id, Sender.from_address)).all()
    kin = [
        row.id
        for row in senders
        if names.organisational(row.from_address.rpartition("@")[2]) == home
    ]
    day = sa.func.date(Delivery.finished_at)
    counted = (
        sa.select(sa.func.count().label("number"))
        .select_from(Delivery)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(
            Campaign.sender_id.in_(kin),
            Delivery.status == DeliveryStatus.accepted,
            Delivery.finished_at >= now - MONTH,
        )
        .group_by(day)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.max(counted.c.number))) or 0
