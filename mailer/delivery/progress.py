"""How far campaigns have come, how fast they go, and when they will be through."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from mailer.delivery import statistics
from mailer.delivery.models import Delivery, DeliveryStatus

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Progress:
    """People of one audience: all, those whose outcome is known, those whose copy was taken."""

    audience: int
    settled: int
    accepted: int


@dataclass(frozen=True)
class Pace:
    """Copies a minute, and the time left at that pace; None where there is none to tell."""

    per_minute: int
    left: timedelta | None


def of_each(session: Session, campaigns: Iterable[Campaign]) -> dict[int, Progress]:
    """Return the progress of each campaign that has an audience, by its id."""
    is_open = Delivery.status.in_(statistics.UNSETTLED)
    taken = sa.case((Delivery.status == DeliveryStatus.accepted, 1))
    rows = session.execute(
        sa.select(
            Delivery.campaign_id,
            sa.func.count(),
            sa.func.count(sa.case((is_open, None), else_=1)),
            sa.func.count(taken),
        )
        .where(Delivery.campaign_id.in_([campaign.id for campaign in campaigns]))
        .group_by(Delivery.campaign_id)
    )
    return {
        campaign_id: Progress(audience, settled, accepted)
        for campaign_id, audience, settled, accepted in rows
    }


def pace(session: Session, campaign: Campaign, unsettled: int, now: datetime) -> Pace:
    """Judge by the last minute, or by the time since the start when that is shorter."""
    began = max(campaign.started_at or now, now - WINDOW)
    seconds = max((now - began).total_seconds(), 1.0)
    done = statistics.pace(session, campaign, began)
    left = timedelta(seconds=round(unsettled * seconds / done)) if done else None
    return Pace(per_minute=round(done * WINDOW.total_seconds() / seconds), left=left)
