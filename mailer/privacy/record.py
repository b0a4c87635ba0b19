"""Everything that is kept about one person, as plain values for an answer to her (Art. 15 GDPR)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from mailer.accounts import cases
from mailer.accounts.models import AuditEntry
from mailer.audience import former
from mailer.audience.address_models import AddressChange
from mailer.audience.bulk_models import BulkAct, BulkMember
from mailer.audience.imports.models import ForeignId
from mailer.audience.models import (
    ConsentEvent,
    MailingList,
    Sender,
    Subscriber,
    Subscription,
    Suppression,
)
from mailer.audience.receipts import texts
from mailer.audience.receipts.receipt import OTHERS
from mailer.audience.wishes import wishes
from mailer.audience.wishes.models import Topic, subscription_topics
from mailer.audience.words import Scope
from mailer.delivery import biography
from mailer.privacy import mailed
from mailer.privacy.archive import dealings
from mailer.privacy.archive.columns import COLUMNS
from mailer.privacy.incidents import affected
from mailer.privacy.keeping import holds
from mailer.privacy.names import Names
from mailer.tokens import Keys

Table = list[dict[str, object]]


@dataclass(frozen=True)
class Record:
    """One person's data. Each table is a list of rows with the same keys in the same order.

    ``files`` holds the letters that she wrote, byte for byte.
    """

    tables: dict[str, Table]
    senders: Sequence[Sender] = field(repr=False)
    files: dict[str, bytes] = field(repr=False)


def gathered(session: Session, keys: Keys, subscriber: Subscriber) -> Record:
    """Return all that the database holds about a person, found by her number and address keys."""
    names, letters = Names.read(session), dealings.letters_of(session, subscriber)
    found: dict[str, Sequence[Sequence[object]]] = {
        "profile": [profile_of(subscriber)],
        "subscriptions": subscriptions_of(session, subscriber),
        "consent": consent_of(session, subscriber, names),
        "wishes": wishes_of(session, subscriber, names),
        "deliveries": mailed.deliveries_of(session, subscriber, names),
        "doubts": mailed.doubts_about(session, subscriber),
        "suppressions": refusals_of(session, subscriber, names),
        "acts": acts_on(session, subscriber),
        "former_ids": former_ids_of(session, subscriber, names),
        "address_changes": changes_of(session, subscriber),
        "address_letters": dealings.address_letters_of(session, subscriber),
        "letters": [dealings.told(one) for one in letters],
        "incidents": affected.told(session, subscriber.address_key),
        "requests": dealings.requests_of(session, subscriber),
        "request_mails": dealings.request_mails_of(session, subscriber),
        "request_recipients": dealings.recipients_of(session, subscriber),
        "data_links": dealings.links_of(session, subscriber),
        "archives": dealings.archives_of(session, subscriber),
        "holds": holds.told(session, subscriber),
        "forms": dealings.forms_of(session, subscriber, names),
        "mails_asked": dealings.mails_asked_of(session, keys, subscriber, names),
        "imports": dealings.imports_of(session, subscriber),
    }
    return Record(
        tables={name: [row(name, one) for one in rows] for name, rows in found.items()},
        senders=senders_of(session, subscriber),
        files={f"letters/{one.id}.eml": one.raw for one in letters},
    )


def senders_of(session: Session, subscriber: Subscriber) -> Sequence[Sender]:
    return session.scalars(
        sa.select(Sender)
        .join(MailingList)
        .join(Subscription)
        .where(Subscription.subscriber_id == subscriber.id)
        .distinct()
        .order_by(Sender.id)
    ).all()


def row(table: str, values: Sequence[object]) -> dict[str, object]:
    return dict(zip(COLUMNS[table], values, strict=True))


def profile_of(subscriber: Subscriber) -> tuple[object, ...]:
    return (
        subscriber.email,
        subscriber.name,
        subscriber.attributes,
        subscriber.status,
        subscriber.language,
        subscriber.paused_until,
        subscriber.restricted_at,
        subscriber.created_at,
        subscriber.updated_at,
    )


def subscriptions_of(session: Session, subscriber: Subscriber) -> list[tuple[object, ...]]:
    chosen = topics_of(session, subscriber)
    found = session.scalars(
        sa.select(Subscription)
        .where(Subscription.subscriber_id == subscriber.id)
        .options(joinedload(Subscription.list).joinedload(MailingList.sender))
        .order_by(Subscription.id)
    )
    return [
        (
            one.list.name,
            one.list.sender.legal_name,
            one.status,
            one.created_at,
            one.confirmation_asked_at,
            one.confirmation_sent_at,
            one.confirmed_at,
            one.unsubscribed_at,
            one.consent_ends_at,
            one.consent_expired_at,
            one.is_weekly,
            "; ".join(chosen.get(one.id, ())),
        )
        for one in found
    ]


def topics_of(session: Session, subscriber: Subscriber) -> dict[int, list[str]]:
    """Return the names of the topics that she chose, by subscription."""
    chosen: dict[int, list[str]] = {}
    found = session.execute(
        sa.select(subscription_topics.c.subscription_id, Topic.name)
        .join(Topic, Topic.id == subscription_topics.c.topic_id)
        .join(Subscription, Subscription.id == subscription_topics.c.subscription_id)
        .where(Subscription.subscriber_id == subscriber.id)
        .order_by(Topic.id)
    )
    for number, name in found:
        chosen.setdefault(number, []).append(name)
    return chosen


def consent_of(session: Session, subscriber: Subscriber, names: Names) -> list[tuple[object, ...]]:
    own = sa.select(ConsentEvent).where(former.decisions(session, subscriber))
    found = session.scalars(own.order_by(ConsentEvent.id)).all()
    shown = texts.known(session, (one.evidence for one in found))
    return [
        (
            one.at,
            one.action,
            one.method,
            names.lists.get(one.list_id, ""),
            names.senders.get(one.sender_id, ""),
            {
                key: text
                for key, text in texts.spelled_out(one.evidence, shown).items()
                if key not in OTHERS
            },
        )
        for one in found
    ]


def wishes_of(session: Session, subscriber: Subscriber, names: Names) -> list[tuple[object, ...]]:
    """Return what she chose on her own page, and why she left where she said so."""
    chosen = wishes.history(session, subscriber.address_key)
    return [(one.at, names.lists.get(one.list_id, ""), one.words) for one in chosen]


def refusals_of(session: Session, subscriber: Subscriber, names: Names) -> list[tuple[object, ...]]:
    about = former.refusals(session, subscriber)
    if subscriber.domain_key is not None:
        about |= Suppression.address_key == subscriber.domain_key
    found = session.scalars(sa.select(Suppression).where(about).order_by(Suppression.id))
    return [
        (
            one.scope,
            names.reach(one.scope, one.scope_id),
            one.reason,
            "" if one.scope is Scope.domain else one.note,  # that one is not about her alone
            one.created_at,
            one.ends_at,
            one.lifted_at,
        )
        for one in found
    ]


def acts_on(session: Session, subscriber: Subscriber) -> list[tuple[datetime, str]]:
    """Return what staff did to the person's record, and in which role they looked at it.

    Who it was, and why, is somebody else's data.
    """
    own = biography.subject(subscriber.id)
    # What was done to her on one list names the list too: ``subscriber 7, list 2``.
    on_lists = (f"{own}, list {number}" for number in session.scalars(sa.select(MailingList.id)))
    is_own = AuditEntry.subject.in_([own, *on_lists])
    found = session.execute(
        sa.select(AuditEntry.at, AuditEntry.action)
        .where(is_own, AuditEntry.action != cases.LOOKED)
        .order_by(AuditEntry.id)
    )
    seen = cases.about(session, own)
    looks = [(one.looked_at, f"{cases.LOOKED}: {one.role}") for one in seen if one.looked_at]
    among_many = session.execute(
        sa.select(BulkAct.created_at, BulkAct.deed)
        .join(BulkMember, BulkMember.act_id == BulkAct.id)
        .where(BulkMember.subscriber_id == subscriber.id)
        .order_by(BulkAct.id)
    )
    acts = [(at, action) for at, action in found] + looks
    return sorted(acts + [(at, f"subscribers.bulk.{deed.value}") for at, deed in among_many])


def former_ids_of(
    session: Session, subscriber: Subscriber, names: Names
) -> list[tuple[object, ...]]:
    """Return how former systems named the person in links that still lie in her inbox."""
    chosen = sa.select(ForeignId).where(ForeignId.subscriber_id == subscriber.id)
    found = session.scalars(chosen.order_by(ForeignId.system, ForeignId.foreign_id))
    return [(one.system, one.foreign_id, names.lists.get(one.list_id, "")) for one in found]


def changes_of(session: Session, subscriber: Subscriber) -> list[tuple[object, ...]]:
    """Return her wishes for another address; of one that was granted the address is her own now."""
    chosen = sa.select(AddressChange).where(AddressChange.subscriber_id == subscriber.id)
    found = session.scalars(chosen.order_by(AddressChange.id))
    return [(one.asked_at, one.email, one.done_at) for one in found]
