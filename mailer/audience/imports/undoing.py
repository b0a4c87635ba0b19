"""Undoing a batch: what it added and nobody has touched since goes; every opt-out stays."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import ConsentEvent, Subscriber, Subscription
from mailer.audience.words import SubscriptionStatus

SIZE = 2000


def some(
    session: Session, batch_id: int, done: dict[str, int], spared: sa.ColumnElement[bool]
) -> dict[str, int] | None:
    """Undo some places and return the counts with them; None when there are no more.

    Lifts, shortens and removes no refusal. Who has left, come back, been changed by hand or,
    as ``spared`` tells, been mailed since stays: a link in a mail must go on working.
    """
    chosen = sa.select(Subscription.id, Subscription.subscriber_id).where(
        Subscription.import_id == batch_id, Subscription.id > done.get("last", 0)
    )
    found = session.execute(chosen.order_by(Subscription.id).limit(SIZE)).all()
    if not found:
        return None
    people = {one.subscriber_id for one in found}
    lock(session, people)
    going = session.scalars(untouched(batch_id, [one.id for one in found], spared)).all()
    session.execute(sa.delete(Subscription).where(Subscription.id.in_(going)))
    gone = session.scalars(
        sa.delete(Subscriber).where(is_alone(batch_id, people)).returning(Subscriber.id)
    ).all()
    return {
        "last": found[-1].id,
        "places": done.get("places", 0) + len(going),
        "people": done.get("people", 0) + len(gone),
        "kept": done.get("kept", 0) + len(found) - len(going),
    }


def lock(session: Session, people: Collection[int]) -> None:
    rows = sa.select(Subscriber.id).where(Subscriber.id.in_(people)).order_by(Subscriber.id)
    session.execute(rows.with_for_update())


def untouched(
    batch_id: int, places: Collection[int], spared: sa.ColumnElement[bool]
) -> sa.Select[int]:
    """Return those of some places that are as the batch made them."""
    later = sa.select(ConsentEvent.id).where(
        ConsentEvent.address_key == Subscriber.address_key,
        ConsentEvent.at > Subscription.created_at,
    )
    return (
        sa.select(Subscription.id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.id.in_(places),
            Subscription.import_id == batch_id,
            Subscription.status != SubscriptionStatus.unsubscribed,
            Subscription.unsubscribed_at.is_(None),
            Subscription.confirmation_serial == 0,
            ~later.correlate(Subscriber, Subscription).exists(),
            ~spared,
        )
    )


def is_alone(batch_id: int, people: Collection[int]) -> sa.ColumnElement[bool]:
    """Ask, in SQL, for people whom the batch brought, who are unchanged and on no list now."""
    places = sa.select(Subscription.id).where(Subscription.subscriber_id == Subscriber.id)
    return sa.and_(
        Subscriber.id.in_(people),
        Subscriber.import_id == batch_id,
        Subscriber.updated_at == Subscriber.created_at,
        ~places.correlate(Subscriber).exists(),
    )
