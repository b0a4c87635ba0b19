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
from mailer.audience.words import Scope
from mailer.privacy import mailed
from mailer.privacy.incidents import affected
from mailer.privacy.letters import desk
from mailer.privacy.names import Names

SCHEMA = "mailer/person/1"

Table = list[dict[str, object]]


@dataclass(frozen=True)
class Record:
    """One person's data. Each table is a list of rows with the same keys in the same order."""

    profile: Table
    subscriptions: Table
    consent: Table
    wishes: Table
    deliveries: Table
    doubts: Table
    suppressions: Table
    acts: Table
    former_ids: Table
    address_changes: Table
    letters: Table
    incidents: Table
    senders: Sequence[Sender] = field(repr=False)

    def tables(self) -> dict[str, Table]:
        return {
            "profile": self.profile,
            "subscriptions": self.subscriptions,
            "consent": self.consent,
            "wishes": self.wishes,
            "deliveries": self.deliveries,
            "doubts": self.doubts,
            "suppressions": self.suppressions,
            "acts": self.acts,
            "former_ids": self.former_ids,
            "address_changes": self.address_changes,
            "letters": self.letters,
            "incidents": self.incidents,
        }


COLUMNS = {
    "profile": (
        "email",
        "name",
        "attributes",
        "status",
        "language",
        "paused_until",
        "restricted_at",
        "created_at",
        "updated_at",
    ),
    "subscriptions": (
        "list",
        "sender",
        "status",
        "created_at",
        "confirmation_sent_at",
        "confirmed_at",
        "unsubscribed_at",
        "at_most_weekly",
    ),
    "consent": ("at", "action", "method", "list", "sender", "evidence"),
    "wishes": ("at", "list", "words"),
    "deliveries": (
        "campaign",
        "subject",
        "sender",
        "list",
        "email",
        "status",
        "reason",
        "attempts",
        "handed_over_at",
        "finished_at",
        "smtp_code",
        "smtp_text",
    ),
    "doubts": ("campaign", "handed_over_at", "found_at", "cause", "relay", "ended_at", "ended_by"),
    "suppressions": ("scope", "of", "reason", "note", "created_at", "ends_at", "lifted_at"),
    "acts": ("at", "action"),
    "former_ids": ("system", "id", "list"),
    "address_changes": ("asked_at", "new_address", "done_at"),
    "letters": ("received_at", "to", "taken_for", "raw"),
    "incidents": ("noticed_at", "title", "data"),
}


def gathered(session: Session, subscriber: Subscriber) -> Record:
    """Return all that the database holds about a person, found by her number and address key."""
    names = Names.read(session)
    subscriptions = subscriptions_of(session, subscriber)
    return Record(
        profile=[row("profile", profile_of(subscriber))],
        subscriptions=[row("subscriptions", one) for one in subscriptions],
        consent=[row("consent", one) for one in consent_of(session, subscriber, names)],
        wishes=[row("wishes", one) for one in wishes_of(session, subscriber, names)],
        deliveries=[
            row("deliveries", one) for one in mailed.deliveries_of(session, subscriber, names)
        ],
        doubts=[row("doubts", one) for one in mailed.doubts_about(session, subscriber)],
        suppressions=[row("suppressions", one) for one in refusals_of(session, subscriber, names)],
        acts=[row("acts", one) for one in acts_on(session, subscriber)],
        former_ids=[row("former_ids", one) for one in former_ids_of(session, subscriber, names)],
        address_changes=[row("address_changes", one) for one in changes_of(session, subscriber)],
        letters=[row("letters", one) for one in desk.told(session, subscriber.address_key)],
        incidents=[row("incidents", one) for one in affected.told(session, subscriber.address_key)],
        senders=session.scalars(
            sa.select(Sender)
            .join(MailingList)
            .join(Subscription)
            .where(Subscription.subscriber_id == subscriber.id)
            .distinct()
            .order_by(Sender.id)
        ).all(),
    )


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
            one.confirmation_sent_at,
            one.confirmed_at,
            one.unsubscribed_at,
            one.is_weekly,
        )
        for one in found
    ]


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
    found = session.scalars(
        sa.select(Suppression)
        .where(Suppression.address_key.in_([subscriber.address_key, subscriber.domain_key]))
        .order_by(Suppression.id)
    )
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
    own = subject(subscriber.id)
    # What was done to her on one list names the list too: ``subscriber 7, list 2``.
    is_own = sa.or_(AuditEntry.subject == own, AuditEntry.subject.startswith(f"{own}, "))
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


def subject(subscriber_id: int) -> str:
    """Return how the audit log names a reader: by number, never by address."""
    return f"subscriber {subscriber_id}"
