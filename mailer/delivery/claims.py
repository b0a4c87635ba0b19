"""Who works on which deliveries: claims by lease, given back or reaped."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Subscriber
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.campaigns.rendering import Reader
from mailer.delivery import unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause

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
        freed = session.scalars(
            sa.update(Delivery)
            .where(Delivery.status == status, Delivery.lease_until <= now)
            .values(
                status=then,
                reason=reason,
                lease=None,
                lease_until=None,
                finished_at=now if reason else None,
            )
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        )
        if reason:
            unknowns.note(session, list(freed), Cause.crash, now)
