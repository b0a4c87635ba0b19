"""How a person gets her row, her place on a list, and the question whether she means it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import consent, domain_keys, rows
from mailer.audience.addresses import Address
from mailer.audience.consent import Decision, Evidence
from mailer.audience.models import (
    ConsentAction,
    ConsentEvent,
    ConsentMethod,
    MailingList,
    Subscriber,
    SubscriberStatus,
    Subscription,
    SubscriptionStatus,
)
from mailer.tokens import Keys

# Nobody's mailbox is filled by filling in our form: each address gets at most so many
# confirmation mails, whoever asks for them.
ONCE_PER_LIST = timedelta(hours=24)
FEW_TIMES_AT_ALL = timedelta(days=7)
CONFIRMATIONS_AT_MOST = 3


@dataclass(frozen=True)
class Person:
    """Who signs up, as far as she has told."""

    address: Address
    name: str = ""


def enrol(session: Session, now: datetime, keys: Keys, person: Person) -> Subscriber:
    """Return the reader with this address, made if there is none, and locked.

    Every change to a reader takes this lock first, so that her decisions stand in one order.
    """
    key = tokens.fingerprint(keys, person.address.normalised)
    rows.insert_missing(
        session,
        Subscriber,
        email=person.address.spelled,
        address_key=key,
        domain_key=domain_keys.domain_key(keys, person.address.normalised),
        name=person.name,
        attributes={},
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
    subscription: Subscription,
    method: ConsentMethod,
    evidence: Evidence,
) -> bool:
    """Make a confirmation mail due; False when the address has had enough of them.

    A new serial makes the links of earlier mails void.
    """
    key = subscription.subscriber.address_key
    if has_had_enough(session, now, key, subscription.list_id):
        return False
    subscription.confirmation_serial += 1
    subscription.confirmation_due_at = now
    subscription.confirmation_tries = 0
    decision = Decision(ConsentAction.requested, method, subscription.list_id)
    consent.record(session, now, key, decision, evidence)
    return True


def has_had_enough(session: Session, now: datetime, key: bytes, list_id: int) -> bool:
    """Count in the ledger, which keeps its entries even when the person is erased."""
    asked = sa.select(ConsentEvent.list_id).where(
        ConsentEvent.address_key == key, ConsentEvent.action == ConsentAction.requested
    )
    lately = session.scalars(asked.where(ConsentEvent.at > now - FEW_TIMES_AT_ALL)).all()
    if len(lately) >= CONFIRMATIONS_AT_MOST:
        return True
    today = asked.where(ConsentEvent.at > now - ONCE_PER_LIST, ConsentEvent.list_id == list_id)
    return session.scalars(today.limit(1)).first() is not None


def confirm_now(now: datetime, subscription: Subscription) -> None:
    """Set the state of a reader who is on the list by her own word."""
    subscription.status = SubscriptionStatus.confirmed
    subscription.confirmed_at = now
    subscription.unsubscribed_at = None
    subscription.confirmation_due_at = None
    subscription.consent_ends_at = subscription.consent_expired_at = None
