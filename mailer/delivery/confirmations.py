"""The mail that asks a reader to confirm: nothing in it was written by a visitor."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.audience.joining import limits
from mailer.audience.models import Sender, Subscription
from mailer.campaigns import rendering
from mailer.campaigns.rendering import Rendered
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.inputs import Dealing, Recipient, Relation
from mailer.delivery import approval, composing, signing
from mailer.delivery.approval import Unlawful
from mailer.delivery.composing import Envelope
from mailer.delivery.smtp import door
from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused
from mailer.links import Site

LOG = logging.getLogger(__name__)
FOLDER = Path(__file__).parents[2] / "templates/email/confirmation"
LINK_LIFE = timedelta(days=3)
RETRY = timedelta(minutes=1)
MOST_TRIES = 10  # each waits twice as long as the one before: about 17 hours in all
# Who has waited a day for it no longer expects it: a late one would be a surprise, or a trap.
STALE = timedelta(hours=24)


@dataclass(frozen=True)
class Question:
    """What a confirmation mail is made of; ``number`` and ``serial`` stand in its link."""

    sender: Sender
    list_name: str
    address: str
    number: int
    serial: int


def due(session: Session, site: Site, now: datetime) -> list[int]:
    """Return the subscriptions whose confirmation mail may leave now, oldest first.

    Beyond the hour's budget (``site.confirmations_per_hour``) they wait.
    """
    most = limits.room(session, now, site.confirmations_per_hour)
    chosen = sa.select(Subscription.id).where(Subscription.confirmation_due_at <= now)
    return list(session.scalars(chosen.order_by(Subscription.confirmation_due_at).limit(most)))


def send(
    session: Session, site: Site, relay: Relay, subscription_id: int, clock: Callable[[], datetime]
) -> bool:
    """Send one confirmation mail that is owed; return whether it left. Commits as it goes.

    It is taken first, and comes due again by itself unless it left: a confirmation that arrives
    twice harms nobody, one that never arrives loses a reader.
    """
    now = clock()
    owed = take(session, site, subscription_id, now)
    if owed is None:
        session.rollback()
        return False
    address, sender = owed.subscriber.email, owed.list.sender.from_address
    list_id = owed.list_id
    case = candidate(session, site, asked(owed), now)
    session.commit()  # no transaction stays open while the relay answers
    try:
        letter = approval.approved(case)
    except Unlawful as error:
        # Nothing in it is the visitor's: the page of the list says what to mend, and it comes due
        # again.
        LOG.warning("The confirmation mail of list %d cannot leave: %s", list_id, error)
        return False
    try:
        left = door.send(relay, site.host, sender, address, letter).is_positive
    except (Lost, Refused):
        return False
    if left:
        mark_sent(session, subscription_id, clock())
    return left


def take(session: Session, site: Site, subscription_id: int, now: datetime) -> Subscription | None:
    """Take the mail that a subscription is owed, or None when there is none that may leave now."""
    owed = session.get(Subscription, subscription_id, with_for_update=True, populate_existing=True)
    if owed is None or owed.confirmation_due_at is None or owed.confirmation_due_at > now:
        return None
    asked_at = owed.confirmation_asked_at or now
    if owed.confirmation_tries >= MOST_TRIES or now > asked_at + STALE:
        owed.confirmation_due_at, owed.confirmation_tries = None, 0
        session.commit()
        return None
    if not limits.leaves(session, now, site.confirmations_per_hour):
        return None
    owed.confirmation_due_at = now + RETRY * 2**owed.confirmation_tries
    owed.confirmation_tries += 1
    session.flush()
    return owed


def mark_sent(session: Session, subscription_id: int, now: datetime) -> None:
    session.execute(
        sa.update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(confirmation_due_at=None, confirmation_sent_at=now, confirmation_tries=0)
        .execution_options(synchronize_session=False)
    )
    session.commit()


def asked(owed: Subscription) -> Question:
    return Question(
        owed.list.sender, owed.list.name, owed.subscriber.email, owed.id, owed.confirmation_serial
    )


def message_id(site: Site, question: Question) -> str:
    """Return the Message-ID of a confirmation mail, the same each time that it is sent."""
    domain = question.sender.from_address.rpartition("@")[2]
    return composing.message_id(site.keys, domain, 0, question.number, question.serial)


def message(session: Session, site: Site, question: Question, now: datetime) -> bytes:
    """Return the signed confirmation mail; it names the list and the sender, never the visitor."""
    sender = question.sender
    envelope = Envelope(
        from_name=sender.from_name,
        from_address=sender.from_address,
        reply_to=sender.reply_to,
        to=question.address,
        message_id=message_id(site, question),
        date=now,
    )
    words = rendered(site, question, now + LINK_LIFE)
    signers = signing.signers(session, site.keys, sender)
    return signing.signed(composing.composed(envelope, words), signers)


def candidate(session: Session, site: Site, question: Question, now: datetime) -> Candidate:
    """Return the confirmation mail as the gate is shown it: about what the reader asked for."""
    return Candidate(
        raw=message(session, site, question, now),
        sender=senders.record(question.sender),
        unsubscribe_url=None,
        today=now.date(),
        kind=Kind.transactional,
        development=site.development,
        dealing=Dealing(Relation.account, question.list_name),
        recipient=Recipient(question.address),
    )


def rendered(site: Site, question: Question, expires: datetime) -> Rendered:
    address = senders.record(question.sender).block()
    variables: dict[str, object] = {
        "sender": {"legal_name": question.sender.legal_name},
        "list": {"name": question.list_name},
        "confirm_url": site.confirm(question.number, question.serial, expires),
        "expires": f"{expires:%d %B %Y, %H:%M} UTC",
    }
    return rendering.of_our_own(FOLDER, variables, address)
