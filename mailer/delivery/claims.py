"""Who works on which deliveries: claims by lease, the fence before the dot, the outcomes."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.campaigns.rendering import Reader
from mailer.delivery.models import Delivery, DeliveryStatus

LEASE = timedelta(minutes=15)
WAITING = (DeliveryStatus.pending, DeliveryStatus.deferred)


@dataclass(frozen=True)
class Claim:
    """One person's copy that is ours to send until the lease ends."""

    delivery_id: int
    subscriber_id: int
    list_id: int
    list_public_id: str
    reader: Reader
    attempts: int
    lease: str


@dataclass(frozen=True)
class Outcome:
    """What became of a claim. ``next_at`` is set for what is to be tried again.

    ``burnt`` is how many of the reader's attempts it cost: none when the trouble was not hers.
    """

    claim: Claim
    status: DeliveryStatus
    at: datetime
    reason: str = ""
    smtp_code: int | None = None
    smtp_text: str = ""
    next_at: datetime | None = None
    burnt: int = 1


def claim(session: Session, campaign_id: int, most: int, now: datetime) -> list[Claim]:
    """Take up to ``most`` due deliveries in one statement; the caller commits."""
    lease = secrets.token_hex(16)
    due = (
        sa.select(Delivery.id)
        .where(
            Delivery.campaign_id == campaign_id,
            Delivery.status.in_(WAITING),
            Delivery.next_at <= now,
        )
        .order_by(Delivery.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    session.execute(
        sa.update(Delivery)
        .where(Delivery.id.in_(due.scalar_subquery()), Delivery.status.in_(WAITING))
        .values(status=DeliveryStatus.claimed, lease=lease, lease_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )
    return claimed(session, lease)


def claimed(session: Session, lease: str) -> list[Claim]:
    rows = session.execute(
        sa.select(Delivery, Subscriber.name, Subscriber.attributes, MailingList.public_id)
        .join(MailingList, Delivery.list_id == MailingList.id)
        .outerjoin(Subscriber, Delivery.subscriber_id == Subscriber.id)
        .where(Delivery.lease == lease, Delivery.status == DeliveryStatus.claimed)
        .order_by(Delivery.id)
    )
    return [
        Claim(
            delivery_id=row.id,
            subscriber_id=row.subscriber_id,
            list_id=row.list_id,
            list_public_id=public_id,
            reader=Reader(row.email, name or "", attributes or {}),
            attempts=row.attempts,
            lease=lease,
        )
        for row, name, attributes, public_id in rows
    ]


def fence(session: Session, one: Claim, now: datetime) -> bool:
    """Mark a claim as sending, if it still may be sent: the last question before the dot.

    One statement asks for the lease, the campaign's state, and the reader's standing. The caller
    commits before the dot leaves; False means that it must not leave.
    """
    given = {
        "one": one.delivery_id,
        "its_lease": one.lease,
        "its_reader": one.subscriber_id,
        "its_list": one.list_id,
        "this_moment": now,
    }
    return session.execute(fencing(), given).scalar() is not None


@cache  # building a statement costs more than running it
def fencing() -> sa.UpdateBase:
    may_be_mailed = (
        sa.select(Subscriber.id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, Subscription.list_id == MailingList.id)
        .where(
            Subscriber.id == sa.bindparam("its_reader"),
            MailingList.id == sa.bindparam("its_list"),
            standing.refusal() == standing.MAILABLE,
        )
        .exists()
    )
    is_running = (
        sa.select(Campaign.id)
        .where(Campaign.id == Delivery.campaign_id, Campaign.status == CampaignStatus.running)
        .exists()
    )
    return (
        sa.update(Delivery)
        .where(
            Delivery.id == sa.bindparam("one"),
            Delivery.status == DeliveryStatus.claimed,
            Delivery.lease == sa.bindparam("its_lease"),
            Delivery.lease_until > sa.bindparam("this_moment", type_=Delivery.next_at.type),
            is_running,
            may_be_mailed,
        )
        .values(
            status=DeliveryStatus.sending,
            sending_at=sa.bindparam("this_moment", type_=Delivery.next_at.type),
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )


def settle(session: Session, outcomes: Iterable[Outcome]) -> None:
    """Write what became of claims; the caller commits."""
    for outcome in outcomes:
        given = {
            "one": outcome.claim.delivery_id,
            "its_lease": outcome.claim.lease,
            "its_status": outcome.status,
            "its_reason": outcome.reason,
            "its_code": outcome.smtp_code,
            "its_text": outcome.smtp_text[:200],
            "its_attempts": outcome.claim.attempts + outcome.burnt,
            "its_next": outcome.next_at or outcome.at,
            "its_end": None if outcome.next_at else outcome.at,
        }
        session.execute(settling(), given)


@cache
def settling() -> sa.UpdateBase:
    # Who was erased meanwhile has no address left: she is not tried again, and the relay's
    # words, which may quote it, are not kept.
    is_erased = Delivery.email == ""
    status = sa.bindparam("its_status", type_=Delivery.status.type)
    again = status.in_(WAITING)
    return (
        sa.update(Delivery)
        .where(
            Delivery.id == sa.bindparam("one"),
            Delivery.lease == sa.bindparam("its_lease"),
        )
        .values(
            status=sa.case((is_erased & again, DeliveryStatus.excluded), else_=status),
            reason=sa.bindparam("its_reason"),
            smtp_code=sa.bindparam("its_code", type_=sa.Integer),
            smtp_text=sa.case((is_erased, ""), else_=sa.bindparam("its_text")),
            attempts=sa.bindparam("its_attempts"),
            next_at=sa.bindparam("its_next", type_=Delivery.next_at.type),
            finished_at=sa.bindparam("its_end", type_=Delivery.next_at.type),
            lease=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )


def barred(session: Session, one: Claim, now: datetime) -> Outcome:
    """Return what becomes of a claim that the fence held back."""
    refusal = session.scalar(
        sa.select(standing.refusal())
        .select_from(Subscriber)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, Subscription.list_id == MailingList.id)
        .where(Subscriber.id == one.subscriber_id, MailingList.id == one.list_id)
    )
    if refusal == standing.MAILABLE:  # the campaign was paused or cancelled, or the lease is over
        return Outcome(one, DeliveryStatus.pending, now, next_at=now, burnt=0)
    reason = refusal or "erased"
    left = reason in standing.SUPPRESSED
    status = DeliveryStatus.suppressed if left else DeliveryStatus.excluded
    return Outcome(one, status, now, reason=reason, burnt=0)


def release(session: Session, claims: Iterable[Claim], next_at: datetime) -> None:
    """Give back claims that were not begun."""
    session.execute(
        sa.update(Delivery)
        .where(
            Delivery.lease.in_({one.lease for one in claims}),
            Delivery.status == DeliveryStatus.claimed,
        )
        .values(status=DeliveryStatus.pending, lease=None, lease_until=None, next_at=next_at)
        .execution_options(synchronize_session=False)
    )


def rest(session: Session, campaign_id: int, until: datetime) -> None:
    """Let a campaign's waiting copies rest while its relay cannot be reached."""
    session.execute(
        sa.update(Delivery)
        .where(
            Delivery.campaign_id == campaign_id,
            Delivery.status == DeliveryStatus.pending,
            Delivery.next_at < until,
        )
        .values(next_at=until)
        .execution_options(synchronize_session=False)
    )


def waiting(session: Session, now: datetime) -> list[tuple[int, int]]:
    """Return each running campaign with something due, and how many turns are at work on it."""
    due = sa.and_(Delivery.status.in_(WAITING), Delivery.next_at <= now)
    at_work = sa.case((Delivery.lease_until > now, Delivery.lease))
    counted = (
        sa.select(Delivery.campaign_id, sa.func.count(at_work.distinct()))
        .join(Campaign, Delivery.campaign_id == Campaign.id)
        .where(Campaign.status == CampaignStatus.running)
        .group_by(Delivery.campaign_id)
        .having(sa.func.count(sa.case((due, 1))) > 0)
    )
    return list(session.execute(counted))


def turns(session: Session, campaign_id: int, now: datetime) -> int:
    """Return how many turns are at work on a campaign, in whatever process."""
    at_work = sa.select(sa.func.count(Delivery.lease.distinct())).where(
        Delivery.campaign_id == campaign_id, Delivery.lease_until > now
    )
    return session.scalar(at_work) or 0


def reap(session: Session, now: datetime) -> None:
    """Free what a dead worker held: claims go back, what was on the wire becomes unknown.

    Never pending again by itself: the relay may have taken it (RFC 1047).
    """
    for status, then, reason in (
        (DeliveryStatus.claimed, DeliveryStatus.pending, ""),
        (DeliveryStatus.sending, DeliveryStatus.unknown, "the sending process ended"),
    ):
        session.execute(
            sa.update(Delivery)
            .where(Delivery.status == status, Delivery.lease_until <= now)
            .values(
                status=then,
                reason=reason,
                lease=None,
                lease_until=None,
                finished_at=now if reason else None,
            )
            .execution_options(synchronize_session=False)
        )
