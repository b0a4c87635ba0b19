"""Fewer mails: a reader's pause until a day that she names, and one mail a week at most."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber, Subscription
from mailer.audience.wishes import wishes
from mailer.audience.words import SubscriptionStatus

LONGEST_PAUSE = timedelta(days=366)


def pause(session: Session, now: datetime, subscriber: Subscriber, until: datetime | None) -> bool:
    """Pause a reader's mail until a time ahead, or end her pause; return if that is a change."""
    if until is not None:
        until = min(until, now + LONGEST_PAUSE) if until > now else None
    if subscriber.paused_until == until:
        return False
    subscriber.paused_until = until
    words = f"Paused until {until:%d %B %Y}" if until else "Ended her pause"
    wishes.record(session, now, subscriber.address_key, words, None)
    return True


def end_due(session: Session, now: datetime) -> None:
    """End the pauses whose time is over; ``standing`` knows a pause by its being set."""
    over = sa.update(Subscriber).where(Subscriber.paused_until <= now).values(paused_until=None)
    session.execute(over.execution_options(synchronize_session=False))


def space_out(
    session: Session, now: datetime, subscriber: Subscriber, weekly: Collection[int]
) -> bool:
    """Keep which of her lists may write once in seven days at most; return what has changed."""
    places = sa.select(Subscription).where(
        Subscription.subscriber_id == subscriber.id,
        Subscription.status == SubscriptionStatus.confirmed,
    )
    changed = False
    for place in session.scalars(places):
        if place.is_weekly is (place.list_id in weekly):
            continue
        place.is_weekly = not place.is_weekly
        words = "Once a week at most" if place.is_weekly else "As often as it comes"
        wishes.record(session, now, subscriber.address_key, words, place.list_id)
        changed = True
    session.flush()
    return changed
