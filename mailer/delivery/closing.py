"""When the rows of an old campaign go, its numbers stay: the last count of its people."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Suppression
from mailer.audience.wishes.models import Leaving
from mailer.campaigns.models import Campaign
from mailer.delivery import cells, counting, leavings, tallies
from mailer.delivery.counting import Counts
from mailer.delivery.models import Delivery, DeliveryStatus, Portion


def close(session: Session, campaign: Campaign) -> None:
    """Make one last portion of all of a campaign's, which nobody counts again.

    Its figures are those of the report, without small numbers by domain or by reason; why readers
    left is kept with them, and their own words of it go. The caller commits, and deletes the rows.
    """
    session.execute(
        sa.select(Campaign.id).where(Campaign.id == campaign.id).with_for_update(key_share=True)
    )
    counts = tallies.of_campaign(session, campaign.id)
    left = dict(cells.told(leavings.of_campaign(session, campaign.id)))
    first, last = span(session, campaign.id)
    session.execute(sa.delete(Portion).where(Portion.campaign_id == campaign.id))
    session.add(
        Portion(
            campaign_id=campaign.id,
            first_id=first,
            last_id=last,
            people=counts.people,
            open_ones=counts.open_ones,
            accepted=counts.states[DeliveryStatus.accepted],
            counts=without_few(counts).as_dict() | {leavings.KEPT: left},
            is_final=True,
        )
    )
    session.execute(sa.delete(Leaving).where(Leaving.suppression_id.in_(leaving(campaign.id))))
    session.flush()


def span(session: Session, campaign_id: int) -> tuple[int, int]:
    """Return the first and the last number of a campaign's copies, 0 where there is none."""
    # The sum keeps databases from walking to them through the copies of all other campaigns.
    number = Delivery.id + 0
    ends = sa.select(sa.func.min(number), sa.func.max(number))
    first, last = session.execute(ends.where(Delivery.campaign_id == campaign_id)).one()
    return first or 0, last or 0


def leaving(campaign_id: int) -> sa.Select[int]:
    """Return the refusals that readers pressed in a campaign's copies."""
    chosen = sa.select(Suppression.id).join(Delivery, Delivery.id == Suppression.delivery_id)
    return chosen.where(Delivery.campaign_id == campaign_id)


def without_few(counts: Counts) -> Counts:
    """Return the counts without small numbers by reason and by domain; the states stay."""
    kept = Counts(
        states=Counter(counts.states),
        reasons=cells.told(counts.reasons),
        refusals=cells.told(counts.refusals),
    )
    for domain, states in counts.domains.items():
        kept.domains[counting.OTHERS if cells.are_few(states) else domain].update(states)
    return kept
