"""How a person gets her row, her place on a list, and the question whether she means it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import consent, domain_keys, rows
from mailer.audience.addresses import Address
from mailer.audience.consent import Decision, Evidence
from mailer.audience.joining import limits
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.segments.fields import Kept
from mailer.audience.turning import incoming
from mailer.audience.words import ConsentAction, ConsentMethod, SubscriberStatus, SubscriptionStatus
from mailer.tokens import Keys

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Person:
    """Who signs up, as far as she has told."""

    address: Address
    name: str = ""
    attributes: Mapping[str, Kept] = field(default_factory=dict)


def enrol(session: Session, now: datetime, keys: Keys, person: Person) -> Subscriber:
    """Return the reader with this address, made if there is none, and locked.

    Every change to a reader takes this lock first, so that her decisions stand in one order.
    """
    key = incoming.key(session, now, keys, person.address.normalised)
    rows.insert_missing(
        session,
        Subscriber,
        email=person.address.spelled,
        address_key=key,
        domain_key=domain_keys.domain_key(keys, person.address.normalised),
        name=person.name,
        attributes=dict(person.attributes),
        status=SubscriberStatus.enabled,
        created_at=now,
        updated_at=now,
    )
    chosen = sa.select(Subscriber).where(Subscriber.address_key == key).with_for_update()
    return session.execute(chosen.execution_options(populate_existing=True)).scalar_one()


def locked(session: Session, subscriber_id: int) -> Subscriber | None:
    """Return a reader, locked until the transaction ends, or None when she is gone."""
    return session.get(Subscriber, subscriber_id, with_for_update=True, populate_existing=True)


def place(
    session: Session, now: datetime, subscriber: Subscriber, mailing_list: MailingList
) -> Subscription:
    """Return the reader's place on a list, made (unconfirmed) if there is none."""
    rows.insert_missing(
        session,
        Subscription,
        subscriber_id=subscriber.id,
        list_id=mailing_list.id,
        status=SubscriptionStatus.unconfirmed,
        created_at=now,
        confirmation_serial=0,
    )
    chosen = sa.select(Subscription).where(
        Subscription.subscriber_id == subscriber.id, Subscription.list_id == mailing_list.id
    )
    return session.execute(chosen.execution_options(populate_existing=True)).scalar_one()


def ask_to_confirm(
    session: Session,
    now: datetime,
    keys: Keys,
    subscription: Subscription,
    method: ConsentMethod,
    evidence: Evidence,
) -> bool:
    """Make a confirmation mail due; False when the mailbox has had enough of them.

    A new serial makes the links of earlier mails void.
    """
    subscriber = subscription.subscriber
    address = Address(subscriber.email, subscriber.email.casefold())
    mailbox = limits.mailbox_keys(keys, address)
    if limits.has_had_enough(session, now, mailbox, subscription.list_id):
        return False
    limits.note(session, now, mailbox[0], subscription.list_id)
    subscription.confirmation_serial += 1
    subscription.confirmation_asked_at = now
    subscription.confirmation_due_at = now
    subscription.confirmation_tries = 0
    decision = Decision(ConsentAction.requested, method, subscription.list_id)
    consent.record(session, now, subscriber.address_key, decision, evidence)
    return True


def confirm_now(now: datetime, subscription: Subscription) -> None:
    """Set the state of a reader who is on the list by her own word."""
    subscription.status = SubscriptionStatus.confirmed
    subscription.confirmed_at = now
    subscription.unsubscribed_at = None
    subscription.confirmation_due_at = None
    subscription.consent_ends_at = subscription.consent_expired_at = None


def is_unconfirmed(edge: datetime) -> sa.ColumnElement[bool]:
    """Ask, in SQL, for places that were asked for before the edge and never confirmed."""
    return sa.and_(
        Subscription.status == SubscriptionStatus.unconfirmed,
        Subscription.confirmed_at.is_(None),
        Subscription.confirmation_asked_at < edge,
    )


def forget_unconfirmed(session: Session, edge: datetime, free: sa.ColumnElement[bool]) -> int:
    """Throw away such places that are ``free`` to go, MOST_AT_ONCE of them; return how many.

    With her last place goes whoever was known by nothing else. What a colleague or an import put
    here without asking is not touched.
    """
    places = sa.select(Subscription.id, Subscription.subscriber_id).where(
        is_unconfirmed(edge), free
    )
    found = session.execute(places.limit(MOST_AT_ONCE)).all()
    people = sorted({one.subscriber_id for one in found})
    still = sa.select(Subscriber.id).where(Subscriber.id.in_(people)).order_by(Subscriber.id)
    session.execute(still.with_for_update())
    still_is = Subscription.status == SubscriptionStatus.unconfirmed
    chosen = Subscription.id.in_([one.id for one in found]) & still_is
    gone = session.execute(sa.delete(Subscription).where(chosen))
    has_place = sa.select(Subscription.id).where(Subscription.subscriber_id == Subscriber.id)
    session.execute(
        sa.delete(Subscriber).where(
            Subscriber.id.in_(people),
            Subscriber.status == SubscriberStatus.enabled,
            ~has_place.correlate(Subscriber).exists(),
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]
