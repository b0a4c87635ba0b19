"""What was mailed to one person, and when nobody could say whether it arrived."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber
from mailer.campaigns.models import Campaign
from mailer.delivery import biography
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Unknown
from mailer.privacy.names import Names

# What she has, or may have.
WITH_HER = frozenset({DeliveryStatus.accepted, DeliveryStatus.unknown, DeliveryStatus.sending})


def deliveries_of(
    session: Session, subscriber: Subscriber, names: Names
) -> list[tuple[object, ...]]:
    found = session.execute(
        sa.select(Delivery, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(biography.copies(session, subscriber))
        .order_by(Delivery.id)
    )
    return [
        (
            campaign.name,
            campaign.subject,
            names.senders.get(campaign.sender_id, ""),
            names.lists.get(one.list_id, ""),
            one.email,
            one.status,
            one.reason,
            one.attempts,
            one.sending_at,
            one.finished_at,
            one.smtp_code,
            one.smtp_text,
            f"messages/{one.id}.eml" if one.status in WITH_HER else "",
        )
        for one, campaign in found
    ]


def doubts_about(session: Session, subscriber: Subscriber) -> list[tuple[object, ...]]:
    """Return when nobody could say whether a copy arrived, and what ended that."""
    found = session.execute(
        sa.select(Unknown, Campaign.name)
        .join(Delivery, Delivery.id == Unknown.delivery_id)
        .join(Campaign, Campaign.id == Unknown.campaign_id)
        .where(biography.copies(session, subscriber))
        .order_by(Unknown.id)
    )
    return [
        (
            campaign,
            one.handed_over_at,
            one.found_at,
            one.cause,
            one.relay,
            one.resolved_at,
            one.resolution,
        )
        for one, campaign in found
    ]
