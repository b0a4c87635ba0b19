"""What became of a campaign, in numbers that always add up to its audience."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from mailer.delivery import claims
from mailer.delivery.models import Delivery, DeliveryStatus, Portion

UNSETTLED = (
    DeliveryStatus.pending,
    DeliveryStatus.claimed,
    DeliveryStatus.sending,
    DeliveryStatus.deferred,
)
PER_PAGE = 50


@dataclass(frozen=True)
class Report:
    """People by state and, for those who were left out, by reason.

    ``audience`` is counted by itself and equals the sum over ``states``.
    """

    audience: int
    states: dict[DeliveryStatus, int]
    reasons: dict[str, int]

    @property
    def settled(self) -> int:
        return self.audience - sum(self.states[status] for status in UNSETTLED)


def report(session: Session, campaign: Campaign) -> Report:
    mine = Delivery.campaign_id == campaign.id
    by_status = sa.select(Delivery.status, sa.func.count()).where(mine).group_by(Delivery.status)
    counted = dict(iter(session.execute(by_status)))
    in_hand = claims.in_hand(session, campaign.id) if DeliveryStatus.pending in counted else 0
    counted[DeliveryStatus.claimed] = in_hand
    counted[DeliveryStatus.pending] = counted.get(DeliveryStatus.pending, 0) - in_hand
    by_reason = (
        sa.select(Delivery.reason, sa.func.count())
        .where(mine, Delivery.reason != "")
        .group_by(Delivery.reason)
        .order_by(sa.func.count().desc())
    )
    total = sa.select(sa.func.count()).select_from(Delivery).where(mine)
    return Report(
        audience=session.scalar(total) or 0,
        states={status: counted.get(status, 0) for status in DeliveryStatus},
        reasons=dict(iter(session.execute(by_reason))),
    )


def is_done(session: Session, campaign: Campaign) -> bool:
    """Tell whether everybody in the audience has an outcome."""
    is_open = sa.or_(Portion.next_at.is_not(None), Portion.lease.is_not(None))
    unsettled = sa.select(Portion.id).where(Portion.campaign_id == campaign.id, is_open)
    return session.scalar(unsettled.limit(1)) is None


def people(
    session: Session, campaign: Campaign, status: DeliveryStatus | None, page: int
) -> list[Delivery]:
    """Return one page of the ledger, PER_PAGE rows, newest state first within the order of ids."""
    rows = sa.select(Delivery).where(Delivery.campaign_id == campaign.id)
    if status is not None:
        rows = rows.where(Delivery.status == status)
    rows = rows.order_by(Delivery.id).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return list(session.scalars(rows))


def pace(session: Session, campaign: Campaign, since: datetime) -> int:
    """Return how many copies were settled since a time."""
    counted = sa.select(sa.func.count()).where(
        Delivery.campaign_id == campaign.id, Delivery.finished_at >= since
    )
    return session.scalar(counted) or 0
