"""Who of an audience has asked for fewer mails than this one: asked once, when it is frozen."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from mailer.audience import standing
from mailer.audience.models import Subscriber, Subscription
from mailer.audience.wishes import topics
from mailer.campaigns.models import Campaign
from mailer.delivery.models import Delivery, DeliveryStatus

A_WEEK = timedelta(days=7)
OTHER_TOPICS = "chose other topics"
FEWER = "wants fewer mails"
# A copy that may have arrived has arrived, for who wants fewer of them.
HAD = (DeliveryStatus.accepted, DeliveryStatus.sending, DeliveryStatus.unknown)


def refusal(campaign: Campaign, now: datetime) -> ColumnElement[str]:
    """Return why a campaign does not go to a reader, or MAILABLE, as ``standing.refusal`` does."""
    if campaign.is_notice:  # the law wants her told, whatever she chose
        return standing.refusal_of_notice()
    general = standing.refusal()
    cases = [(general != standing.MAILABLE, general)]
    if campaign.topic_id is not None:
        cases.append((topics.is_unwanted(campaign.topic_id), sa.literal(OTHER_TOPICS)))
    cases.append((sa.and_(Subscription.is_weekly, has_had_one(campaign, now)), sa.literal(FEWER)))
    return sa.case(*cases, else_=standing.MAILABLE)


def has_had_one(campaign: Campaign, now: datetime) -> ColumnElement[bool]:
    """Ask, in SQL, whether a campaign reached her through this list within seven days."""
    return (
        sa.select(Delivery.id)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(
            Delivery.subscriber_id == Subscriber.id,
            Delivery.list_id == Subscription.list_id,
            Delivery.status.in_(HAD),
            Delivery.sending_at > now - A_WEEK,
            Campaign.id != campaign.id,
        )
        .correlate(Subscriber, Subscription)
        .exists()
    )
