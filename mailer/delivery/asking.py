"""Asking readers for their consent anew: only while it holds, only when it is time, not often.

A question for consent is an advertisement in law: whoever left, never confirmed or whose consent
is over is not asked, however politely (R37). That is told by ``wished`` and ``standing``, as for
every campaign; here is what a question wants besides.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from mailer.audience import expiry, standing
from mailer.audience.models import Subscriber, Subscription
from mailer.campaigns.models import Campaign
from mailer.delivery import wished
from mailer.delivery.models import Delivery

# Consent that ends within so many months may be renewed, and one that has no end when it is old.
SOON = 3
OLD = 12
# Nobody is asked twice within so many months, whatever she answered.
APART = 6
RECENT = "consent is recent"
ASKED = "was asked before"


def refusal(campaign: Campaign, now: datetime) -> ColumnElement[str]:
    """Return why a campaign does not go to a reader, or MAILABLE, as ``standing.refusal`` does."""
    against = wished.refusal(campaign, now)
    if not campaign.is_asking:
        return against
    return sa.case(
        (against != standing.MAILABLE, against),
        (is_over(campaign, now), standing.EXPIRED),
        (sa.not_(is_time(campaign, now)), RECENT),
        (has_been_asked(campaign, now), ASKED),
        else_=standing.MAILABLE,
    )


def is_over(campaign: Campaign, at: datetime) -> ColumnElement[bool]:
    """Ask, in SQL, whose consent has ended by then, whether the clock has marked it yet or not."""
    implied = sa.func.coalesce(Subscription.consent_ends_at <= at, sa.false())
    aged = [
        sa.and_(
            Subscription.list_id == one.id,
            expiry.said_yes() <= expiry.before(at, one.consent_months),
        )
        for one in campaign.lists
        if one.consent_months is not None
    ]
    return sa.or_(implied, *aged)


def is_time(campaign: Campaign, now: datetime) -> ColumnElement[bool]:
    """Ask, in SQL, whose consent ends soon, or was given long ago."""
    is_old = expiry.said_yes() <= expiry.before(now, OLD)
    return sa.or_(is_over(campaign, expiry.after(now, SOON)), is_old)


def has_been_asked(campaign: Campaign, now: datetime) -> ColumnElement[bool]:
    """Ask, in SQL, whether another question about this list reached her of late."""
    return (
        sa.select(Delivery.id)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(
            Delivery.address_key == Subscriber.address_key,
            Delivery.list_id == Subscription.list_id,
            Delivery.status.in_(wished.HAD),
            Delivery.sending_at > expiry.before(now, APART),
            Campaign.is_asking,
            Campaign.id != campaign.id,
        )
        .correlate(Subscriber, Subscription)
        .exists()
    )
