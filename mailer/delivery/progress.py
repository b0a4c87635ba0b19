"""How far campaigns have come, how fast they go, and when they will be through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import counting, limits, tallies, windows
from mailer.delivery.holds import Holds
from mailer.delivery.limits import Scene
from mailer.delivery.models import Delivery, DeliveryStatus, Portion
from mailer.delivery.statistics import Report

WINDOW = timedelta(minutes=1)
# What holds it back is judged by what was seen just now: a limit that was lifted is none.
MOMENT = timedelta(seconds=10)
# What is due within this is as good as due: the tick has only not rung for it yet.
SOON = timedelta(seconds=3)


@dataclass(frozen=True)
class Progress:
    """People of one audience: all, those whose outcome is known, those whose copy was taken."""

    audience: int
    settled: int
    accepted: int

    def plus(self, audience: int, settled: int, accepted: int) -> "Progress":
        return Progress(self.audience + audience, self.settled + settled, self.accepted + accepted)


@dataclass(frozen=True)
class Pace:
    """Copies a minute, the time left at that pace (None where none is to tell), and what binds."""

    per_minute: int
    left: timedelta | None
    binding: str = ""


def of_each(session: Session, campaigns: Iterable[Campaign]) -> dict[int, Progress]:
    """Return the progress of each campaign that has an audience, by its id."""
    numbers = [campaign.id for campaign in campaigns]
    found: dict[int, Progress] = {}
    # In one statement: a run that is kept or taken meanwhile is counted one way, and once.
    for campaign_id, *figures in session.execute(kept(numbers).union_all(in_motion(numbers))):
        found[campaign_id] = found.get(campaign_id, Progress(0, 0, 0)).plus(*figures)
    without_runs = [number for number in numbers if number not in found]
    rows = by_campaign().where(Delivery.campaign_id.in_(without_runs))
    for campaign_id, *figures in session.execute(rows) if without_runs else ():
        found[campaign_id] = Progress(*figures)
    return found


Figures = sa.Select[int, int, int, int]


def kept(campaigns: list[int]) -> Figures:
    people, accepted = sa.func.sum(Portion.people), sa.func.sum(Portion.accepted)
    return (
        sa.select(Portion.campaign_id, people, people - sa.func.sum(Portion.open_ones), accepted)
        .where(Portion.campaign_id.in_(campaigns), Portion.counts.is_not(None))
        .group_by(Portion.campaign_id)
    )


def in_motion(campaigns: list[int]) -> Figures:
    return (
        by_campaign()
        .select_from(Portion)
        .join(Delivery, tallies.WITHIN)
        .where(Portion.campaign_id.in_(campaigns), Portion.counts.is_(None))
    )


def by_campaign() -> Figures:
    is_open = Delivery.status.in_(counting.UNSETTLED)
    return sa.select(
        Delivery.campaign_id,
        sa.func.count(),
        sa.func.count(sa.case((is_open, None), else_=1)),
        sa.func.count(sa.case((Delivery.status == DeliveryStatus.accepted, 1))),
    ).group_by(Delivery.campaign_id)


def pace(
    session: Session, campaign: Campaign, report: Report, hosts: Sequence[str], now: datetime
) -> Pace:
    """Judge by the last minute, or by the time since the start when that is shorter.

    ``hosts`` are those of the relays that carry the campaign's mail.
    """
    figures, seconds = lately(session, campaign, WINDOW, now)
    done = figures.settled
    unsettled = report.audience - report.settled
    left = timedelta(seconds=round(unsettled * seconds / done)) if done else None
    first, is_held = next_due(session, campaign.id)
    figures_now, seconds_now = lately(session, campaign, MOMENT, now)
    scene = Scene(
        figures_now,
        seconds_now,
        Holds.read(session, hosts, campaign.sender.from_address.rpartition("@")[2], now),
        put_off=report.states[DeliveryStatus.deferred],
        next_at=first if first and not is_held and first > now + SOON else None,
        left_for=(now - first).total_seconds() if first and not is_held else 0.0,
        is_pending=report.states[DeliveryStatus.pending] > 0,
        through=[name for name, states in report.domains.items() if not open_ones(states)],
    )
    return Pace(
        per_minute=round(done * WINDOW.total_seconds() / seconds),
        left=left,
        binding=limits.binding(scene).sentence,
    )


def lately(
    session: Session, campaign: Campaign, span: timedelta, now: datetime
) -> tuple[windows.Figures, float]:
    """Return the figures of this time at least, and how many seconds they were taken."""
    began = max(campaign.started_at or now, windows.beginning(now - span))
    figures = windows.since(session, campaign.id, began)
    return figures, max((now - began).total_seconds(), 1.0)


def open_ones(states: Mapping[str, int]) -> int:
    return sum(states.get(status, 0) for status in counting.UNSETTLED)


def next_due(session: Session, campaign_id: int) -> tuple[datetime | None, bool]:
    """Return when the next portion that nobody holds is due, and whether any is held."""
    is_free = Portion.lease.is_(None)
    first, held = session.execute(
        sa.select(
            sa.func.min(sa.case((is_free, Portion.next_at))), sa.func.count(Portion.lease)
        ).where(Portion.campaign_id == campaign_id)
    ).one()
    return first, held > 0


@dataclass(frozen=True)
class Queue:
    """How long the copy that waits longest has been due, and how many leases are held."""

    age: timedelta
    leases: int


def queue(session: Session, now: datetime) -> Queue:
    """Look at what is due in running campaigns, and at who works on it."""
    running = sa.select(Campaign.id).where(Campaign.status == CampaignStatus.running)
    mine = Portion.campaign_id.in_(running)
    is_due = Portion.lease.is_(None) & (Portion.next_at <= now)
    oldest = session.scalar(sa.select(sa.func.min(Portion.next_at)).where(mine, is_due))
    leases = sa.select(sa.func.count(Portion.lease.distinct())).where(Portion.lease_until > now)
    return Queue(now - oldest if oldest else timedelta(0), session.scalar(leases) or 0)
