"""Who works on which portion of an audience: claimed by lease, given back or reaped."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber
from mailer.campaigns.rendering import Reader
from mailer.delivery import tallies, told, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus, Portion
from mailer.delivery.report_models import Cause

# Renewed with each fence and, while the relay thinks, every third of it.
LEASE = timedelta(minutes=2)
WAITING = (DeliveryStatus.pending, DeliveryStatus.deferred)
ENDED = "the sending process ended"
# Whether a delivery is in a portion, in SQL; ``within`` gives the parameters.
IN_PORTION = (
    Delivery.campaign_id == sa.bindparam("campaign"),
    Delivery.id.between(sa.bindparam("first"), sa.bindparam("last")),
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A portion that is ours until its lease ends."""

    portion_id: int
    campaign_id: int
    first_id: int
    last_id: int
    lease: str

    @property
    def people(self) -> int:
        """How many people the portion was made of, those done included, at most."""
        return self.last_id - self.first_id + 1


class Claim(NamedTuple):
    """One person's copy that is ours to send while its portion is."""

    delivery_id: int
    subscriber_id: int
    list_id: int
    list_public_id: str
    reader: Reader
    attempts: int


def claim(session: Session, campaign_id: int, lease: str, now: datetime) -> Hold | None:
    """Take a portion that has somebody due, or None; the caller commits."""
    given = {"campaign": campaign_id, "our_lease": lease, "now": now, "its_end": now + LEASE}
    taken = told.run(session, claiming(), given).mappings().one_or_none()
    return None if taken is None else Hold(**taken, lease=lease)


@cache
def claiming() -> sa.UpdateBase:
    due = (
        sa.select(Portion.id)
        .where(
            Portion.campaign_id == sa.bindparam("campaign"),
            Portion.next_at <= sa.bindparam("now"),
            Portion.lease.is_(None),
        )
        .order_by(Portion.next_at, Portion.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    values = {
        "lease": sa.bindparam("our_lease"),
        "lease_until": sa.bindparam("its_end"),
        "counts": sa.null(),
    }
    return (
        sa.update(Portion)
        .where(Portion.id == due.scalar_subquery(), Portion.lease.is_(None))
        .values(values)
        .returning(
            Portion.id.label("portion_id"), Portion.campaign_id, Portion.first_id, Portion.last_id
        )
    )


def people(session: Session, hold: Hold, public_ids: dict[int, str], now: datetime) -> list[Claim]:
    """Return the people of a portion who are due; ``public_ids`` of the campaign's lists."""
    found = told.run(session, due_people(), within(hold) | {"now": now})
    return [
        Claim(
            delivery_id,
            subscriber_id,
            list_id,
            public_ids[list_id],
            Reader(email, name or "", attributes or {}),
            attempts,
        )
        for delivery_id, subscriber_id, list_id, email, attempts, name, attributes in found
    ]


@cache
def due_people() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Delivery.id,
            Delivery.subscriber_id,
            Delivery.list_id,
            Delivery.email,
            Delivery.attempts,
            Subscriber.name,
            Subscriber.attributes,
        )
        .outerjoin(Subscriber, Delivery.subscriber_id == Subscriber.id)
        .where(*IN_PORTION, Delivery.status.in_(WAITING), Delivery.next_at <= sa.bindparam("now"))
        .order_by(Delivery.id)
    )


def within(hold: Hold) -> dict[str, int]:
    """Return the parameters of IN_PORTION."""
    return {"campaign": hold.campaign_id, "first": hold.first_id, "last": hold.last_id}


def is_renewed(session: Session, hold: Hold, now: datetime) -> bool:
    """Make our lease last on, if it is still ours; until the commit nobody can take it."""
    given = {
        "portion": hold.portion_id,
        "our_lease": hold.lease,
        "now": now,
        "its_end": now + LEASE,
    }
    return told.run(session, renewing(), given).scalar() is not None


@cache
def renewing() -> sa.UpdateBase:
    return (
        sa.update(Portion)
        .where(
            Portion.id == sa.bindparam("portion"),
            Portion.lease == sa.bindparam("our_lease"),
            Portion.lease_until > sa.bindparam("now"),
        )
        .values(lease_until=sa.bindparam("its_end"))
        .returning(Portion.id)
    )


def is_left(
    session: Session,
    hold: Hold,
    now: datetime,
    rested: datetime | None = None,
    *,
    is_done: bool = False,
) -> bool:
    """Give a portion back: whom we marked and did not send waits again. The caller commits.

    It is not due before ``rested``, nor ever again when it ``is_done``: then nobody in it waits or
    is marked. False when our lease was over, and nothing was changed.
    """
    if not is_renewed(session, hold, now):
        return False
    if is_done:
        told.run(session, ending(), {"portion": hold.portion_id})
        return True
    told.run(session, putting_back(), within(hold))
    given = {"portion": hold.portion_id, "rested": rested or now}
    told.run(session, leaving(), within(hold) | given)
    return True


@cache
def ending() -> sa.UpdateBase:
    portion = sa.update(Portion).where(Portion.id == sa.bindparam("portion"))
    return portion.values(lease=None, lease_until=None, next_at=None)


@cache
def putting_back() -> sa.UpdateBase:
    marked = sa.update(Delivery).where(*IN_PORTION, Delivery.status == DeliveryStatus.sending)
    return marked.values(status=DeliveryStatus.pending, sending_at=None)


@cache
def leaving() -> sa.UpdateBase:
    rested = sa.bindparam("rested", type_=Delivery.next_at.type)
    first = sa.func.min(Delivery.next_at)
    waits = sa.select(sa.case((first < rested, rested), else_=first))
    next_at = waits.where(*IN_PORTION, Delivery.status.in_(WAITING)).scalar_subquery()
    portion = sa.update(Portion).where(Portion.id == sa.bindparam("portion"))
    return portion.values(lease=None, lease_until=None, next_at=next_at)


def in_hand(session: Session, campaign_id: int) -> int:
    """Return how many people's turn is next: those who wait in portions that somebody holds."""
    held = sa.and_(tallies.WITHIN, Portion.lease.is_not(None))
    counted = (
        sa.select(sa.func.count())
        .select_from(Delivery)
        .join(Portion, held)
        .where(Portion.campaign_id == campaign_id, Delivery.status == DeliveryStatus.pending)
    )
    return session.scalar(counted) or 0


def reap(session: Session, now: datetime) -> None:
    """Free what a dead process held; what it had marked for the wire becomes unknown.

    Never pending again by itself: the relay may have taken it (RFC 1047). A journal of that
    process, where there is one, still tells more. The caller commits.
    """
    expired = session.execute(
        sa.update(Portion)
        .where(Portion.lease_until <= now)
        .values(lease=None, lease_until=None, next_at=now)
        .returning(Portion.id, Portion.campaign_id, Portion.first_id, Portion.last_id)
        .execution_options(synchronize_session=False)
    )
    for portion in expired.all():
        marked = sa.update(Delivery).where(*IN_PORTION, Delivery.status == DeliveryStatus.sending)
        lost = session.scalars(
            marked.values(status=DeliveryStatus.unknown, reason=ENDED, finished_at=now)
            .returning(Delivery.id)
            .execution_options(synchronize_session=False),
            within(Hold(*portion, "")),
        ).all()
        unknowns.note(session, lost, Cause.crash, now)
