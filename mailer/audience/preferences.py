"""A reader's own page: the lists she is on, those she might join, and her changes to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from mailer.audience import consent, enrolment, subscriptions, suppressions
from mailer.audience.consent import Decision, Evidence
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.segments.fields import Kept
from mailer.audience.subscriptions import OptOut
from mailer.audience.wishes import pauses, profiles, topics
from mailer.audience.words import (
    ConsentAction,
    ConsentMethod,
    ListStatus,
    ListType,
    Scope,
    SubscriptionStatus,
)


@dataclass(frozen=True)
class Choice:
    """One list on a reader's page.

    A list that she has not confirmed is not on: a box that others have ticked is no consent.
    """

    list: MailingList
    status: SubscriptionStatus | None

    @property
    def is_on(self) -> bool:
        return self.status is SubscriptionStatus.confirmed

    @property
    def is_open(self) -> bool:
        """May she join? Private lists take back only who was on them before."""
        known = self.list.type is ListType.public or self.status is not None
        return self.list.status is ListStatus.active and known


@dataclass(frozen=True)
class Changes:
    """What became of a reader's wishes; ``barred`` are lists that others keep her off.

    ``has_more`` tells that something else was changed: a topic, a pause, her name.
    """

    joined: tuple[str, ...]
    left: tuple[str, ...]
    barred: tuple[str, ...]
    has_more: bool = False


@dataclass(frozen=True)
class Pause:
    """No mail until then; None ends it."""

    until: datetime | None


@dataclass(frozen=True)
class Wanted:
    """A reader's page as she sent it back; what is None stays as it is."""

    lists: Collection[int]
    topics: Collection[int] = ()
    weekly: Collection[int] = ()
    name: str | None = None
    language: str | None = None
    pause: Pause | None = None
    attributes: Mapping[str, Kept] = field(default_factory=dict)


def choices(session: Session, subscriber: Subscriber) -> list[Choice]:
    """Return the lists of every sender who has her on one, in the order of their names."""
    own = {
        subscription.list_id: subscription.status
        for subscription in session.scalars(
            sa.select(Subscription).where(Subscription.subscriber_id == subscriber.id)
        )
    }
    senders = sa.select(MailingList.sender_id).where(MailingList.id.in_(own))
    lists = (
        sa.select(MailingList)
        .where(MailingList.sender_id.in_(senders))
        .order_by(MailingList.name, MailingList.id)
        .options(joinedload(MailingList.sender))
    )
    found = [Choice(one, own.get(one.id)) for one in session.scalars(lists)]
    return [choice for choice in found if choice.is_on or choice.is_open]


def keep(
    session: Session, now: datetime, subscriber_id: int, wanted: Wanted, evidence: Evidence
) -> Changes:
    """Keep all that a reader has chosen on her page: her lists, and her wishes for them."""
    changes = change(session, now, subscriber_id, wanted.lists, evidence)
    subscriber = enrolment.locked(session, subscriber_id)
    if subscriber is None:
        return changes
    changed = [
        topics.choose(session, now, subscriber, wanted.topics),
        pauses.space_out(session, now, subscriber, wanted.weekly),
        wanted.pause is not None and pauses.pause(session, now, subscriber, wanted.pause.until),
        profiles.correct(session, now, subscriber, wanted.name, wanted.language),
        profiles.fill_in(session, now, subscriber, wanted.attributes),
    ]
    return replace(changes, has_more=any(changed))


def change(
    session: Session,
    now: datetime,
    subscriber_id: int,
    wanted: Collection[int],
    evidence: Evidence,
) -> Changes:
    """Join the wanted lists and leave the others, as far as the page offers them.

    Joining needs no further mail: the link to the page went to her own mailbox.
    """
    subscriber = enrolment.locked(session, subscriber_id)
    if subscriber is None:
        return Changes((), (), ())
    offered = choices(session, subscriber)
    left = [one.list for one in offered if one.is_on and one.list.id not in wanted]
    for one in left:
        opt_out = OptOut(one.id, subscriber.id)
        subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.preferences, evidence)
    asked = [one for one in offered if not one.is_on and one.is_open and one.list.id in wanted]
    joined = [one for one in asked if join(session, now, subscriber, one, evidence)]
    barred = [one for one in asked if one not in joined]
    return Changes(
        joined=tuple(one.list.name for one in joined),
        left=tuple(one.name for one in left),
        barred=tuple(one.list.name for one in barred),
    )


def join(
    session: Session, now: datetime, subscriber: Subscriber, choice: Choice, evidence: Evidence
) -> bool:
    key = subscriber.address_key
    refusals = suppressions.reaching(session, key, choice.list)
    if not subscriptions.is_welcome(subscriber, refusals):
        return False
    suppressions.make_way(session, now, key, choice.list)
    enrolment.confirm_now(now, enrolment.place(session, now, subscriber, choice.list))
    came_back = choice.status is SubscriptionStatus.unsubscribed or bool(refusals)
    decision = Decision(
        ConsentAction.returned if came_back else ConsentAction.confirmed,
        ConsentMethod.preferences,
        choice.list.id,
    )
    consent.record(session, now, key, decision, evidence)
    return True


def leave_sender(
    session: Session, now: datetime, subscriber_id: int, sender_id: int, evidence: Evidence
) -> bool:
    """Refuse all mail of a sender; False when none of its lists stands on her page."""
    subscriber = enrolment.locked(session, subscriber_id)
    offered: Sequence[Choice] = [] if subscriber is None else choices(session, subscriber)
    for choice in offered:
        if choice.list.sender_id == sender_id:
            opt_out = OptOut(choice.list.id, subscriber_id, scope=Scope.sender)
            subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.preferences, evidence)
            return True
    return False


def leave_all(session: Session, now: datetime, subscriber_id: int, evidence: Evidence) -> bool:
    """Refuse all mail from this installation, whoever sends it; False when she is on no list."""
    subscriber = enrolment.locked(session, subscriber_id)
    place = sa.select(Subscription.list_id).where(Subscription.subscriber_id == subscriber_id)
    list_id = session.scalar(place.order_by(Subscription.id).limit(1))
    if subscriber is None or list_id is None:
        return False
    opt_out = OptOut(list_id, subscriber_id, scope=Scope.everything)
    subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.preferences, evidence)
    return True
