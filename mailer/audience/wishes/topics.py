"""Topics: what a list writes about, which of them a reader chose, and whom a campaign reaches."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber, Subscription
from mailer.audience.wishes import wishes
from mailer.audience.wishes.models import Topic, subscription_topics
from mailer.audience.words import SubscriptionStatus

LONGEST_NAME = 100
MOST = 20
TO_HER = subscription_topics.c


def of_lists(session: Session, list_ids: Collection[int]) -> Sequence[Topic]:
    """Return the open topics of some lists, by name."""
    chosen = sa.select(Topic).where(Topic.list_id.in_(list_ids), Topic.is_open)
    return session.scalars(chosen.order_by(Topic.name, Topic.id)).all()


def keep(session: Session, list_id: int, names: Sequence[str]) -> bool:
    """Open these topics of a list and close its others; return whether that is a change."""
    known = {one.name: one for one in session.scalars(sa.select(Topic).filter_by(list_id=list_id))}
    wanted = list(dict.fromkeys(names))
    fresh = [Topic(list_id=list_id, name=name) for name in wanted if name not in known]
    turned = [one for one in known.values() if one.is_open is not (one.name in wanted)]
    for one in turned:
        one.is_open = not one.is_open
    session.add_all(fresh)
    session.flush()
    return bool(fresh or turned)


def chosen(session: Session, subscriber_id: int) -> set[int]:
    """Return the topics that a reader has chosen, of all her lists."""
    mine = sa.select(TO_HER.topic_id).join(Subscription, Subscription.id == TO_HER.subscription_id)
    return set(session.scalars(mine.where(Subscription.subscriber_id == subscriber_id)))


def choose(
    session: Session, now: datetime, subscriber: Subscriber, wanted: Collection[int]
) -> bool:
    """Keep a reader's choice for the lists that she is on; none chosen means all."""
    places = session.scalars(
        sa.select(Subscription).where(
            Subscription.subscriber_id == subscriber.id,
            Subscription.status == SubscriptionStatus.confirmed,
        )
    ).all()
    offered = of_lists(session, [one.list_id for one in places])
    before, changed = chosen(session, subscriber.id), False
    for place in places:
        here = [one for one in offered if one.list_id == place.list_id]
        picked = [one for one in here if one.id in wanted]
        if {one.id for one in picked} == before & {one.id for one in here}:
            continue
        put(session, place.id, here, picked)
        names = ", ".join(one.name for one in picked) or "all"
        wishes.record(session, now, subscriber.address_key, f"Topics: {names}", place.list_id)
        changed = True
    return changed


def put(session: Session, place_id: int, here: Sequence[Topic], picked: Sequence[Topic]) -> None:
    old = TO_HER.topic_id.in_([one.id for one in here]) & (TO_HER.subscription_id == place_id)
    session.execute(sa.delete(subscription_topics).where(old))
    if picked:
        rows = [{"subscription_id": place_id, "topic_id": one.id} for one in picked]
        session.execute(sa.insert(subscription_topics), rows)


def is_unwanted(topic_id: int) -> ColumnElement[bool]:
    """Ask, in SQL over Subscription, if she has chosen open topics of this list but not this."""
    hers = (
        sa.select(sa.literal(1))
        .select_from(subscription_topics)
        .join(Topic, Topic.id == TO_HER.topic_id)
        .where(TO_HER.subscription_id == Subscription.id, Topic.is_open)
        .correlate(Subscription)
    )
    # A topic belongs to one list: on the campaign's other lists nobody can have chosen it.
    its_list = sa.select(Topic.list_id).where(Topic.id == topic_id).scalar_subquery()
    is_about = Subscription.list_id == its_list
    return is_about & hers.exists() & ~hers.where(Topic.id == topic_id).exists()
