"""Copies whose final dot was written and never answered: noted, listed and settled.

Nobody can say of them whether they arrived (RFC 1047), so nothing sends them again by itself.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign
from mailer.delivery import composing, tallies
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause, Resolution, Unknown
from mailer.tokens import Keys

PER_PAGE = 50


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


def settle(session: Session, campaign: Campaign, now: datetime, actor: str) -> int:
    """Take a person's word that the copies in doubt arrived; return how many there were.

    Raises WrongState when nothing is in doubt.
    """
    session.refresh(campaign, with_for_update=True)
    values = {"status": DeliveryStatus.accepted}
    settled = resolve(session, open_of(campaign.id), Resolution.word, actor, now, values)
    if not settled:
        raise lifecycle.WrongState("None of its copies is in doubt any more.")
    return settled


def settled_by(
    session: Session, keys: Keys, message_id: str, what: Resolution, now: datetime
) -> bool:
    """Settle the copy in doubt that carries this Message-ID: a bounce or a click proves it taken.

    ``message_id`` is as a header holds it, with or without its angle brackets. False when no
    copy in doubt carries it. The Message-ID is made anew for each of them, with each key of the
    ring: they are few, and nothing of it need be kept.
    """
    local = message_id.strip().strip("<>").partition("@")[0].lower()
    for one_id, campaign_id, subscriber_id in session.execute(in_doubt()):
        if local in locals_of(keys, campaign_id, subscriber_id):
            locked = sa.select(Campaign.id).where(Campaign.id == campaign_id)
            session.execute(locked.with_for_update(key_share=True))
            values = {"status": DeliveryStatus.accepted}
            return resolve(session, Unknown.id == one_id, what, "", now, values) > 0
    return False


def in_doubt() -> sa.Select[int, int, int]:
    return (
        sa.select(Unknown.id, Unknown.campaign_id, Delivery.subscriber_id)
        .join(Delivery, Delivery.id == Unknown.delivery_id)
        .where(Unknown.resolved_at.is_(None))
    )


def locals_of(keys: Keys, *numbers: int) -> set[str]:
    """Return what may stand before the @ of a copy's Message-ID, by each secret of the ring."""
    rings = (Keys((secret,), keys.suppression) for secret in keys.secrets)
    return {composing.message_id(ring, "", *numbers)[1:-2] for ring in rings}


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
) -> int:
    """End these doubts, each for one time only, and change the copies; return how many."""
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
    return len(deliveries)
