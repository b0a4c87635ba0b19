"""Who works on which deliveries: claims by lease, the fence before the dot, the outcomes."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    may_be_mailed = (
        sa.select(Subscriber.id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, Subscription.list_id == MailingList.id)
        .where(
            Subscriber.id == one.subscriber_id,
            MailingList.id == one.list_id,
            standing.refusal() == standing.MAILABLE,
        )
        .exists()
    )
    is_running = (
        sa.select(Campaign.id)
        .where(Campaign.id == Delivery.campaign_id, Campaign.status == CampaignStatus.running)
        .exists()
    )
    passed = session.execute(
        sa.update(Delivery)
        .where(
            Delivery.id == one.delivery_id,
            Delivery.status == DeliveryStatus.claimed,
            Delivery.lease == one.lease,
            Delivery.lease_until > now,
            is_running,
            may_be_mailed,
        )
        .values(status=DeliveryStatus.sending, sending_at=now)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    return passed is not None


def settle(session: Session, outcomes: Iterable[Outcome]) -> None:
    """Write what became of claims; the caller commits."""
    for outcome in outcomes:
        session.execute(
            sa.update(Delivery)
            .where(
                Delivery.id == outcome.claim.delivery_id,
                Delivery.lease == outcome.claim.lease,
            )
            .values(
                status=outcome.status,
                reason=outcome.reason,
                smtp_code=outcome.smtp_code,
                smtp_text=outcome.smtp_text[:200],
                attempts=Delivery.attempts + outcome.burnt,
                next_at=outcome.next_at or Delivery.next_at,
                finished_at=None if outcome.next_at else outcome.at,
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
