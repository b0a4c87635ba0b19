"""Readers in the hands of staff: added, renamed, and switched off."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import consent, enrolment, lists, suppressions
from mailer.audience.consent import Decision, Evidence
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.segments import fields
from mailer.audience.words import (
    ConsentAction,
    ConsentMethod,
    Optin,
    SubscriberStatus,
    SubscriptionStatus,
)
from mailer.tokens import Keys

CHILDREN = (
    "This list lets in who is under 13. Its readers come by an import, for which an administrator "
    "vouches that the parents agreed (R36)."
)


class Unwilling(Exception):  # noqa: N818 - errors are named for the situation
    """The reader has refused this mail, which only she can undo; the message says how far."""


class ForChildren(Unwilling):
    """The list lets people under 13 in, and nobody can vouch here for what their parents said."""


class AlreadyThere(Exception):  # noqa: N818 - errors are named for the situation
    """The reader is on the list, or her confirmation is awaited."""


class Added(StrEnum):
    """What became of a reader whom staff added."""

    confirmed = "confirmed"
    asked = "asked"
    already_asked = "already asked"


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
    staff never undo an opt-out, ForChildren (R36), and AlreadyThere.
    """
    if lists.let_children_in(session, [mailing_list.id]):
        raise ForChildren(CHILDREN)
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


def edit(
    session: Session,
    now: datetime,
    subscriber_id: int,
    name: str,
    values: Mapping[str, fields.Kept],
) -> list[str]:
    """Change a reader's name and fields; return what was changed, by its key."""
    subscriber = enrolment.locked(session, subscriber_id)
    if subscriber is None:
        return []
    known = subscriber.attributes
    changed = [key for key, value in values.items() if known.get(key) != value]
    changed += ["name"] if subscriber.name != name else []
    if changed:
        subscriber.name, subscriber.updated_at = name, now
        subscriber.attributes = fields.changed(known, values)
    return changed


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
