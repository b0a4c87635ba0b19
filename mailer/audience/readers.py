"""Readers as staff see them: searched, added by hand, switched off, and their whole story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from mailer.audience import consent, enrolment, suppressions
from mailer.audience.consent import Decision, Evidence
from mailer.audience.enrolment import Person
from mailer.audience.models import (
    ConsentAction,
    ConsentMethod,
    MailingList,
    Optin,
    Subscriber,
    SubscriberStatus,
    Subscription,
    SubscriptionStatus,
)
from mailer.tokens import Keys

PAGE_SIZE = 50


class Unwilling(Exception):  # noqa: N818 - errors are named for the situation
    """The reader has refused this mail, which only she can undo; the message says how far."""


class AlreadyThere(Exception):  # noqa: N818 - errors are named for the situation
    """The reader is on the list, or her confirmation is awaited."""


class Added(StrEnum):
    """What became of a reader whom staff added."""

    confirmed = "confirmed"
    asked = "asked"
    already_asked = "already asked"


@dataclass(frozen=True)
class Search:
    """``status`` is that of the reader, or (with or without a list) that of a subscription."""

    text: str = ""
    list_id: int | None = None
    status: str = ""


@dataclass(frozen=True)
class Page:
    rows: Sequence[Subscriber]
    total: int
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def add(
    session: Session,
    now: datetime,
    keys: Keys,
    mailing_list: MailingList,
    person: Person,
    evidence: Evidence,
) -> tuple[Subscription, Added]:
    """Put a person on a list on a colleague's word: ``evidence.shown`` is its basis.

    On a double opt-in list she is asked to confirm. Raises Unwilling where she has refused, for
    staff never undo an opt-out, and AlreadyThere.
    """
    subscriber = enrolment.enrol(session, now, keys, person)
    known = session.scalar(
        sa.select(Subscription.status).where(
            Subscription.subscriber_id == subscriber.id, Subscription.list_id == mailing_list.id
        )
    )
    demand_willing(session, subscriber, mailing_list, known)
    if known is SubscriptionStatus.confirmed:
        raise AlreadyThere("This reader is on the list already.")
    subscription = enrolment.place(session, now, subscriber, mailing_list)
    if mailing_list.optin is Optin.single:
        enrolment.confirm_now(now, subscription)
        decision = Decision(ConsentAction.confirmed, ConsentMethod.staff, mailing_list.id)
        consent.record(session, now, subscriber.address_key, decision, evidence)
        return subscription, Added.confirmed
    asked = enrolment.ask_to_confirm(
        session, now, keys, subscription, ConsentMethod.staff, evidence
    )
    return subscription, Added.asked if asked else Added.already_asked


def demand_willing(
    session: Session,
    subscriber: Subscriber,
    mailing_list: MailingList,
    known: SubscriptionStatus | None,
) -> None:
    refusals = suppressions.reaching(session, subscriber.address_key, mailing_list)
    if refusals:
        worst = refusals[-1]
        reach = {
            "list": "this list",
            "sender": "all mail from this sender",
            "domain": "its whole domain",
        }
        scope = reach.get(worst.scope, "all mail")
        raise Unwilling(f"This address is suppressed for {scope} ({worst.reason}).")
    if known is SubscriptionStatus.unsubscribed:
        raise Unwilling("This reader has left the list. Nobody else can undo that.")
    if subscriber.status is not SubscriberStatus.enabled:
        raise Unwilling(f"This reader is {subscriber.status} and gets no mail.")


def page(session: Session, search: Search, number: int = 1) -> Page:
    """Return one page of readers, newest first; pages count from 1."""
    found = matching(search)
    total = session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    number = min(max(1, number), max(1, -(-total // PAGE_SIZE)))
    newest = found.order_by(Subscriber.id.desc()).options(
        selectinload(Subscriber.subscriptions).joinedload(Subscription.list)
    )
    rows = session.scalars(newest.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, total, number)


def matching(search: Search) -> sa.Select[Subscriber]:
    found = sa.select(Subscriber)
    if search.text:
        wanted = search.text.lower()
        columns = (Subscriber.email, Subscriber.name)
        found = found.where(
            sa.or_(*(sa.func.lower(one).contains(wanted, autoescape=True) for one in columns))
        )
    if search.status in {status.value for status in SubscriberStatus}:
        found = found.where(Subscriber.status == SubscriberStatus(search.status))
    subscribed = sa.select(Subscription.id).where(Subscription.subscriber_id == Subscriber.id)
    if search.list_id is not None:
        subscribed = subscribed.where(Subscription.list_id == search.list_id)
    by_subscription = search.status in {status.value for status in SubscriptionStatus}
    if by_subscription:
        subscribed = subscribed.where(Subscription.status == SubscriptionStatus(search.status))
    if by_subscription or search.list_id is not None:
        found = found.where(subscribed.correlate(Subscriber).exists())
    return found


def set_status(
    session: Session, now: datetime, subscriber_id: int, status: SubscriberStatus
) -> bool:
    """Enable or disable a reader; False when nothing changed. Blocklisted stays blocklisted."""
    subscriber = enrolment.locked(session, subscriber_id)
    if subscriber is None or subscriber.status in {status, SubscriberStatus.blocklisted}:
        return False
    subscriber.status = status
    subscriber.updated_at = now
    return True
