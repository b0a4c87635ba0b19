"""Why readers left by the link in a campaign, in numbers: for its report."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Suppression
from mailer.audience.wishes.models import Leaving
from mailer.delivery.models import Delivery


def of_campaign(session: Session, campaign_id: int) -> dict[str, int]:
    """Return how often each reason was pressed by readers who left by this campaign's links."""
    counted = (
        sa.select(Leaving.reason, sa.func.count())
        .join(Suppression, Suppression.id == Leaving.suppression_id)
        .join(Delivery, Delivery.id == Suppression.delivery_id)
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Leaving.reason)
    )
    return {reason.value: number for reason, number in session.execute(counted)}
