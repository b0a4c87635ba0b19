"""The portions of an audience: made once, and due, at rest or closed for all workers alike."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery.claims import WAITING
from mailer.delivery.models import Delivery, DeliveryStatus, Portion

# People in one portion: few enough to be read at once, many enough that claims cost nothing.
SIZE = 1000


def divide(session: Session, campaign_id: int) -> None:
    """Part the audience of a campaign into portions, and count them; the caller commits."""
    place = sa.func.row_number().over(order_by=Delivery.id) - 1
    waits_until = sa.case((Delivery.status.in_(WAITING), Delivery.next_at)).label("next_at")
    waiting = (
        sa.select(Delivery.id, waits_until, (place // SIZE).label("number"))
        .where(Delivery.campaign_id == campaign_id)
        .subquery()
    )
    runs = sa.select(
        sa.literal(campaign_id),
        sa.func.min(waiting.c.id),
        sa.func.max(waiting.c.id),
        sa.func.min(waiting.c.next_at),
        *(sa.literal(0) for _ in range(3)),
    ).group_by(waiting.c.number)
    columns = ["campaign_id", "first_id", "last_id", "next_at", "people", "open_ones", "accepted"]
    session.execute(sa.insert(Portion).from_select(columns, runs.order_by(waiting.c.number)))


def rest(session: Session, campaign_id: int, until: datetime) -> None:
    """Let a campaign's portions rest while its relay cannot be reached."""
    session.execute(
        sa.update(Portion)
        .where(Portion.campaign_id == campaign_id, Portion.lease.is_(None), Portion.next_at < until)
        .values(next_at=until)
        .execution_options(synchronize_session=False)
    )


def rouse(session: Session, campaign_id: int, now: datetime) -> None:
    """Let whom no relay has put off be due at once, as when a person resumes a campaign."""
    for model, is_waiting in (
        (Delivery, Delivery.status == DeliveryStatus.pending),
        (Portion, Portion.next_at.is_not(None)),
    ):
        session.execute(
            sa.update(model)
            .where(model.campaign_id == campaign_id, is_waiting, model.next_at > now)
            .values(next_at=now)
            .execution_options(synchronize_session=False)
        )


def call(session: Session, campaign_id: int, now: datetime) -> None:
    """Let the portions be due in which somebody waits again, as when copies are sent anew."""
    waits = sa.exists().where(
        Delivery.campaign_id == Portion.campaign_id,
        Delivery.id.between(Portion.first_id, Portion.last_id),
        Delivery.status.in_(WAITING),
    )
    session.execute(
        sa.update(Portion)
        .where(Portion.campaign_id == campaign_id, Portion.lease.is_(None), waits)
        .values(next_at=now)
        .execution_options(synchronize_session=False)
    )


def close(session: Session, campaign_id: int) -> None:
    """Leave nobody of a campaign waiting, but for the portions that somebody holds."""
    session.execute(
        sa.update(Portion)
        .where(Portion.campaign_id == campaign_id, Portion.lease.is_(None))
        .values(next_at=None)
        .execution_options(synchronize_session=False)
    )


def due(session: Session, now: datetime) -> Sequence[int]:
    """Return the running campaigns that have a portion to claim."""
    is_due = sa.exists().where(
        Portion.campaign_id == Campaign.id, Portion.next_at <= now, Portion.lease.is_(None)
    )
    running = sa.select(Campaign.id).where(Campaign.status == CampaignStatus.running, is_due)
    return session.scalars(running.order_by(Campaign.id)).all()
