"""Readers who have left: all that names them goes, their opt-outs stay (promise N3)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing, suppressions
from mailer.audience.address_models import AddressChange
from mailer.audience.models import MailingList, Subscriber, Subscription, Suppression
from mailer.audience.suppressions import Refusal
from mailer.audience.wishes.models import Wish
from mailer.audience.words import Scope, SubscriberStatus, SubscriptionStatus
from mailer.delivery import tallies
from mailer.delivery.models import Delivery
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.models import Held
from mailer.privacy.keeping.sweeps.sweep import Ground, Step, Sweep
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.words import State

PORTION = 500
HAS_LEFT = Subscription.status == SubscriptionStatus.unsubscribed
OPTIONS = {"synchronize_session": False}


def is_over(ground: Ground) -> sa.ColumnElement[bool]:
    """Ask, in SQL, whether a place on a list ended before the edge: she left, or it was closed."""
    left = sa.func.coalesce(Subscription.unsubscribed_at, Subscription.created_at) < ground.edge
    return sa.or_(sa.and_(HAS_LEFT, left), MailingList.closed_at < ground.edge)


def people(ground: Ground) -> sa.Select[int]:
    """Return the readers who are through: all their places are over, and nothing keeps them.

    Whose data is restricted, and who has a request open, is kept (Art. 18 GDPR).
    """
    place = sa.select(Subscription.id).join(MailingList, MailingList.id == Subscription.list_id)
    place = place.where(Subscription.subscriber_id == Subscriber.id)
    still = place.where(sa.not_(sa.func.coalesce(is_over(ground), sa.false())))
    asks = sa.select(Request.id).where(
        Request.address_key == Subscriber.address_key, Request.state != State.closed
    )
    return sa.select(Subscriber.id).where(
        Subscriber.created_at < ground.edge,
        Subscriber.restricted_at.is_(None),
        sa.not_(still.correlate(Subscriber).exists()),
        sa.not_(asks.correlate(Subscriber).exists()),
        holds.none_on_reader(ground.now),
    )


def counted(ground: Ground) -> dict[str, int]:
    number = sa.select(sa.func.count()).select_from(people(ground).subquery())
    return {"subscribers": ground.session.scalar(number) or 0}


def portion(ground: Ground, after: int) -> Step:
    """Throw away up to PORTION readers; who is being changed at the moment is left for later."""
    session = ground.session
    columns = people(ground).add_columns(Subscriber.address_key, Subscriber.status)
    chosen = columns.where(Subscriber.id > after).order_by(Subscriber.id).limit(PORTION)
    found = session.execute(chosen.with_for_update(of=Subscriber, skip_locked=True)).all()
    if not found:
        return Step({}, None)
    ids, keys = [one[0] for one in found], [one[1] for one in found]
    keep_refusals(ground, sa.and_(HAS_LEFT, Subscription.subscriber_id.in_(ids)))
    blocked = [key for _, key, status in found if status is SubscriberStatus.blocklisted]
    refusal = Refusal(Scope.everything, reason=suppressions.BLOCKED)
    suppressions.suppress_all(session, ground.now, dict.fromkeys(blocked, refusal))
    counts = {
        "deliveries": blank_copies(ground, ids, keys),
        "suppressions": gone(session, told(keys)),
        "wishes": gone(session, sa.delete(Wish).where(Wish.address_key.in_(keys))),
        "subscriptions": gone(session, places_of(ids)),
        "subscribers": gone(session, sa.delete(Subscriber).where(Subscriber.id.in_(ids))),
    }
    session.expire_all()
    return Step(counts, ids[-1])


def places_of(ids: Sequence[int]) -> sa.Delete:
    return sa.delete(Subscription).where(Subscription.subscriber_id.in_(ids))


def told(keys: Sequence[bytes]) -> sa.Update:
    """Return the blanking of what staff noted about them at their refusals."""
    noted = sa.update(Suppression).where(Suppression.address_key.in_(keys), Suppression.note != "")
    return noted.values(note="")


def gone(session: Session, statement: sa.Delete | sa.Update) -> int:
    return int(session.execute(statement, execution_options=OPTIONS).rowcount)  # type: ignore[attr-defined]


def keep_refusals(ground: Ground, which: sa.ColumnElement[bool]) -> None:
    """Put a refusal in force wherever only the place itself said that she has left."""
    bare = (
        sa.select(Subscriber.address_key, Subscription.list_id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, MailingList.id == Subscription.list_id)
        .where(which, sa.not_(standing.is_suppressed()))
    )
    lists: dict[int, list[bytes]] = {}
    for key, list_id in ground.session.execute(bare):
        lists.setdefault(list_id, []).append(key)
    for list_id, keys in lists.items():
        refusal = Refusal(Scope.list, list_id)
        suppressions.suppress_all(ground.session, ground.now, dict.fromkeys(keys, refusal))


def blank_copies(ground: Ground, ids: Sequence[int], keys: Sequence[bytes]) -> int:
    """Blank the addresses in their copies, also those that went to former addresses of theirs."""
    former = sa.select(AddressChange.old_key).where(
        AddressChange.subscriber_id.in_(ids), AddressChange.done_at.is_not(None)
    )
    every = {*keys, *ground.session.scalars(former)}
    theirs = sa.and_(
        Delivery.address_key.in_(every),
        Delivery.subscriber_id.in_(ids),
        Delivery.email != "",
        holds.none_on(Held.campaign, Delivery.campaign_id, ground.now),
        holds.none_on(Held.list, Delivery.list_id, ground.now),
    )
    tallies.forget_those_of(ground.session, theirs)
    return gone(ground.session, sa.update(Delivery).where(theirs).values(email="", smtp_text=""))


def places(ground: Ground) -> sa.Select[*tuple[Any, ...]]:
    """Return the ended places of readers who are on other lists still."""
    return (
        sa.select(Subscription.id, Subscription.status)
        .join(MailingList, MailingList.id == Subscription.list_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            is_over(ground),
            Subscriber.restricted_at.is_(None),
            Subscriber.id.not_in(people(ground)),
            holds.none_on_key(Subscriber.address_key, ground.now),
            holds.none_on(Held.list, Subscription.list_id, ground.now),
        )
    )


def counted_places(ground: Ground) -> dict[str, int]:
    number = sa.select(sa.func.count()).select_from(places(ground).subquery())
    return {"subscriptions": ground.session.scalar(number) or 0}


def portion_of_places(ground: Ground, after: int) -> Step:
    """Throw away up to PORTION ended places."""
    chosen = places(ground).where(Subscription.id > after).order_by(Subscription.id).limit(PORTION)
    found = ground.session.execute(chosen.with_for_update(of=Subscription, skip_locked=True)).all()
    if not found:
        return Step({}, None)
    ids = [one[0] for one in found]
    keep_refusals(ground, sa.and_(HAS_LEFT, Subscription.id.in_(ids)))
    ended = sa.delete(Subscription).where(Subscription.id.in_(ids))
    number = gone(ground.session, ended)
    ground.session.expire_all()
    return Step({"subscriptions": number}, ids[-1])


SWEEPS = (
    Sweep(Class.subscription, counted, portion),
    Sweep(Class.subscription, counted_places, portion_of_places),
)
