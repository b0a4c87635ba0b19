"""What became of a campaign, in numbers that always add up to its audience."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from mailer.delivery import claims, counting, tallies
from mailer.delivery.models import Delivery, DeliveryStatus, Portion

UNSETTLED = counting.UNSETTLED
PER_PAGE = 50


@dataclass(frozen=True)
class Report:
    """People by state; by reason, for those who were left out; by what relays said; by domain.

    ``audience`` equals the sum over ``states``. ``refusals`` counts by SMTP code and, where the
    relay gave one, enhanced status code ("550 5.1.1"). ``domains`` names the largest ones, and
    holds the people of all others together under an empty name.
    """

    audience: int
    states: dict[DeliveryStatus, int]
    reasons: dict[str, int]
    refusals: dict[str, int]
    domains: dict[str, Mapping[str, int]]

    @property
    def settled(self) -> int:
        return self.audience - sum(self.states[status] for status in UNSETTLED)


def report(session: Session, campaign: Campaign) -> Report:
    counts = tallies.of_campaign(session, campaign.id)
    states = counts.states
    states[DeliveryStatus.claimed] = claims.in_hand(session, campaign.id)
    states[DeliveryStatus.pending] -= states[DeliveryStatus.claimed]
    domains = {name: states for name, states in counts.domains.items() if states.total()}
    ordered = sorted(domains, key=lambda name: (name == counting.OTHERS, -domains[name].total()))
    return Report(
        audience=counts.people,
        states={status: states[status] for status in DeliveryStatus},
        reasons=dict(counts.reasons.most_common()),
        refusals=dict(counts.refusals.most_common()),
        domains={name: domains[name] for name in ordered},
    )


def is_done(session: Session, campaign: Campaign) -> bool:
    """Tell whether everybody in the audience has an outcome."""
    is_open = sa.or_(Portion.next_at.is_not(None), Portion.lease.is_not(None))
    unsettled = sa.select(Portion.id).where(Portion.campaign_id == campaign.id, is_open)
    return session.scalar(unsettled.limit(1)) is None


def people(
    session: Session, campaign: Campaign, status: DeliveryStatus | None, page: int
) -> list[Delivery]:
    """Return one page of the ledger, PER_PAGE rows in the order of their ids.

    Where counts are kept, they tell in which runs the page lies, and no other row is read.
    """
    before = (page - 1) * PER_PAGE
    runs, before = tallies.around(session, campaign.id, status, before, PER_PAGE)
    rows = sa.select(Delivery).where(Delivery.campaign_id == campaign.id)
    if runs is not None:
        rows = rows.where(sa.or_(sa.false(), *(Delivery.id.between(*run) for run in runs)))
    if status is not None:
        rows = rows.where(Delivery.status == status)
    return list(session.scalars(rows.order_by(Delivery.id).limit(PER_PAGE).offset(before)))
