"""A reader who was asked again says yes: her consent counts from that moment, with a receipt."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import consent, enrolment, subscriptions, suppressions
from mailer.audience.consent import Decision, Evidence
from mailer.audience.models import ConsentEvent, Subscription
from mailer.audience.words import ConsentAction, ConsentMethod, SubscriptionStatus

SOURCE = "asked again"


class HasLeft(Exception):  # noqa: N818 - errors are named for the situation
    """She is not on the list any more: only a sign-up of her own leads back."""


class Asked(NamedTuple):
    """Which message asked whom about which list."""

    list_id: int
    subscriber_id: int
    delivery_id: int


def place(session: Session, asked: Asked) -> Subscription:
    """Return the place on the list whose consent may be renewed; raises HasLeft.

    Her own press renews consent that is over as well: to ask was lawful, and the word is hers.
    """
    chosen = sa.select(Subscription).where(
        Subscription.subscriber_id == asked.subscriber_id, Subscription.list_id == asked.list_id
    )
    found = session.scalar(chosen.execution_options(populate_existing=True))
    if found is None or found.status is not SubscriptionStatus.confirmed:
        raise HasLeft
    refusals = suppressions.reaching(session, found.subscriber.address_key, found.list)
    if refusals or not subscriptions.is_welcome(found.subscriber, refusals):
        raise HasLeft
    return found


def is_done(session: Session, asked: Asked, key: bytes) -> bool:
    """Tell whether this very question was answered before."""
    answer = sa.select(ConsentEvent.id).where(
        ConsentEvent.address_key == key,
        ConsentEvent.list_id == asked.list_id,
        ConsentEvent.delivery_id == asked.delivery_id,
        ConsentEvent.action == ConsentAction.confirmed,
    )
    return session.scalar(answer.limit(1)) is not None


def renew(session: Session, now: datetime, asked: Asked, evidence: Evidence) -> Subscription:
    """Let a reader's consent begin anew; raises HasLeft. A second press changes nothing."""
    enrolment.locked(session, asked.subscriber_id)
    found = place(session, asked)
    key = found.subscriber.address_key
    if not is_done(session, asked, key):
        enrolment.confirm_now(now, found)
        method = ConsentMethod.link
        decision = Decision(ConsentAction.confirmed, method, asked.list_id, None, asked.delivery_id)
        consent.record(session, now, key, decision, evidence)
    return found
