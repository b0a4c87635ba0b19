"""Why readers left by the link in a campaign, in numbers: for its report."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Suppression
from mailer.audience.wishes.models import Leaving
from mailer.delivery.models import Delivery, Portion

# What the last portion of a campaign whose rows are gone calls them among its counts.
KEPT = "leavings"


def of_campaign(session: Session, campaign_id: int) -> dict[str, int]:
    """Return how often each reason was pressed by readers who left by this campaign's links."""
    final = sa.select(Portion.counts).where(Portion.campaign_id == campaign_id, Portion.is_final)
    if kept := session.scalar(final.limit(1)):
        return dict(kept[KEPT])
    counted = (
        sa.select(Leaving.reason, sa.func.count())
        .join(Suppression, Suppression.id == Leaving.suppression_id)
        .join(Delivery, Delivery.id == Suppression.delivery_id)
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Leaving.reason)
    )
    return {reason.value: number for reason, number in session.execute(counted)}
