"""Copies whose final dot was written and never answered: noted, listed and settled.

Nobody can say of them whether they arrived (RFC 1047), so nothing sends them again by itself.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign
from mailer.delivery import tallies
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause, Resolution, Unknown

PER_PAGE = 50
DOUBTS = rows.table(Unknown)
IN_DOUBT = sa.select(DOUBTS.c.delivery_id).where(
    DOUBTS.c.delivery_id.in_(sa.bindparam("deliveries", expanding=True)),
    DOUBTS.c.resolved_at.is_(None),
)


def note(
    session: Session, deliveries: Collection[int], cause: Cause, now: datetime, relay: str = ""
) -> None:
    """Write down copies that have just become unknown; one that stands there already stays."""
    is_open = sa.exists().where(Unknown.delivery_id == Delivery.id, Unknown.resolved_at.is_(None))
    found = sa.select(
        Delivery.campaign_id,
        Delivery.id,
        Delivery.sending_at,
        sa.literal(now, Delivery.next_at.type),
        sa.literal(cause.value),
        sa.literal(relay),
        sa.literal(""),
    ).where(Delivery.id.in_(deliveries), ~is_open)
    columns = (
        *("campaign_id", "delivery_id", "handed_over_at"),
        *("found_at", "cause", "relay", "actor"),
    )
    session.execute(sa.insert(Unknown).from_select(columns, found))


def number(session: Session, campaign_id: int) -> int:
    """Return how many copies of a campaign are in doubt."""
    counted = sa.select(sa.func.count()).select_from(Unknown).where(open_of(campaign_id))
    return session.scalar(counted) or 0


def page(session: Session, campaign_id: int, number: int) -> Sequence[tuple[Unknown, Delivery]]:
    """Return PER_PAGE of the copies in doubt, in the order in which they were found."""
    found = (
        sa.select(Unknown, Delivery)
        .join(Delivery, Delivery.id == Unknown.delivery_id)
        .where(open_of(campaign_id))
        .order_by(Unknown.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    return session.execute(found).all()


def open_of(campaign_id: int) -> sa.ColumnElement[bool]:
    return (Unknown.campaign_id == campaign_id) & Unknown.resolved_at.is_(None)


def of_deliveries(session: Session, deliveries: Collection[int]) -> dict[int, list[Unknown]]:
    """Return the doubts there were about each of these copies, the first one first."""
    found: dict[int, list[Unknown]] = {}
    chosen = sa.select(Unknown).where(Unknown.delivery_id.in_(deliveries)).order_by(Unknown.id)
    for one in session.scalars(chosen):
        found.setdefault(one.delivery_id, []).append(one)
    return found


def settle(
    session: Session,
    campaign: Campaign,
    now: datetime,
    actor: str,
    only: Collection[int] | None = None,
) -> int:
    """Take a person's word that the copies in doubt arrived; return how many there were.

    ``only`` names deliveries, where the word is not about all. Raises WrongState when none of
    them is in doubt.
    """
    session.refresh(campaign, with_for_update=True)
    chosen = open_of(campaign.id)
    if only is not None:
        chosen &= Unknown.delivery_id.in_(only)
    values = {"status": DeliveryStatus.accepted}
    ended = resolve(session, chosen, Resolution.word, actor, now, values)
    if not ended:
        which = "its copies is in doubt any more" if only is None else "these copies is in doubt"
        raise lifecycle.WrongState(f"None of {which}.")
    return len(ended)


def settled(
    session: Session, deliveries: Collection[int], what: Resolution, now: datetime
) -> set[int]:
    """Settle those of these copies that are in doubt, for news prove that the relay took them.

    Returns which they were. The caller commits.
    """
    if not deliveries:
        return set()
    theirs = sa.select(Delivery.campaign_id).where(Delivery.id.in_(deliveries))
    locked = sa.select(Campaign.id).where(Campaign.id.in_(theirs)).order_by(Campaign.id)
    session.execute(locked.with_for_update(key_share=True))
    values = {"status": DeliveryStatus.accepted}
    chosen = Unknown.delivery_id.in_(deliveries)
    return resolve(session, chosen, what, "", now, values)


def in_doubt(session: Session, deliveries: Collection[int]) -> Sequence[int]:
    """Return those of these copies that are in doubt."""
    return session.connection().scalars(IN_DOUBT, {"deliveries": deliveries}).all()


def close(
    session: Session, deliveries: Collection[int], resolution: Resolution, now: datetime
) -> None:
    """End the doubts about copies of which more is known now; the copies are the caller's."""
    session.execute(
        sa.update(Unknown)
        .where(Unknown.delivery_id.in_(deliveries), Unknown.resolved_at.is_(None))
        .values(resolved_at=now, resolution=resolution)
        .execution_options(synchronize_session=False)
    )


def resolve(
    session: Session,
    chosen: sa.ColumnElement[bool],
    resolution: Resolution,
    actor: str,
    now: datetime,
    values: Mapping[str, object],
) -> set[int]:
    """End these doubts, each for one time only, and change the copies; return which they were."""
    ended = sa.update(Unknown).where(chosen, Unknown.resolved_at.is_(None))
    ended = ended.values(resolved_at=now, resolution=resolution, actor=actor)
    kept = {"synchronize_session": False}
    deliveries = list(
        session.scalars(ended.returning(Unknown.delivery_id).execution_options(**kept))
    )
    those = Delivery.id.in_(deliveries) & (Delivery.status == DeliveryStatus.unknown)
    tallies.forget_those_of(session, those)
    changes = sa.update(Delivery).where(those).values(reason="", smtp_text="", **values)
    session.execute(changes.execution_options(**kept))
    session.expire_all()
    return set(deliveries)
