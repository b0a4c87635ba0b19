"""Some rows of a batch, decided and written in one transaction with the batch's own counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows as single
from mailer.audience import suppressions
from mailer.audience.imports import bulk, deciding, outcomes, receipts
from mailer.audience.imports.deciding import Batch, Verdicts
from mailer.audience.imports.known import Knowledge
from mailer.audience.imports.models import Fault, ForeignId, Outcome
from mailer.audience.imports.reading.people import Person
from mailer.audience.imports.reading.targets import Standing
from mailer.audience.imports.receipts import Receipt
from mailer.audience.imports.rows import Row
from mailer.audience.models import Subscriber, Subscription, Suppression
from mailer.audience.refusal_journal import Refused
from mailer.audience.words import ConsentAction, Scope, SubscriberStatus, SubscriptionStatus

PEOPLE = (
    *("id", "email", "address_key", "domain_key", "name", "attributes", "status"),
    *("created_at", "updated_at", "import_id"),
)
PLACES = (
    *("subscriber_id", "list_id", "status", "created_at", "confirmed_at", "consent_ends_at"),
    *("confirmation_tries", "confirmation_serial", "import_id"),
)
SPOTS = single.table(Subscription)
PROLONGED = (
    sa.update(SPOTS)
    .where(SPOTS.c.subscriber_id == sa.bindparam("person"), SPOTS.c.list_id == sa.bindparam("list"))
    .values(
        confirmed_at=sa.bindparam("since"),
        consent_ends_at=sa.bindparam("until"),
        consent_expired_at=None,
    )
)
FAULTS = ("import_id", "part", "line", "outcome", "reason")


def write(session: Session, now: datetime, batch: Batch, some: Sequence[Row]) -> Counter[str]:
    """Do what is decided about some rows, and return how many came to what.

    Raises Collision or IntegrityError when somebody else adds one of these people at the same
    moment: the caller rolls back and comes again, and then she is known.
    """
    verdicts, knowledge = deciding.decide(session, now, batch, some, locks=True)
    ids = add_people(session, now, batch, verdicts, knowledge)
    entries = [
        *add_places(session, now, batch, verdicts, ids),
        *add_refusals(session, now, batch, verdicts),
        *prolong(session, batch, verdicts, ids),
    ]
    update_people(session, now, verdicts, knowledge)
    keep_foreign_ids(session, batch, verdicts, ids)
    bulk.insert(session, Fault, FAULTS, verdicts.faults)
    # Last, for it holds the ledger's lock until the commit.
    receipts.write(session, now, entries)
    return verdicts.counts


def add_people(
    session: Session, now: datetime, batch: Batch, verdicts: Verdicts, knowledge: Knowledge
) -> dict[bytes, int]:
    """Add whoever is new and wanted; return everybody's number by key."""
    new = [p for p, found in verdicts.taken if found.places and p.key not in knowledge.people]
    numbers = bulk.numbers(session, Subscriber, len(new))
    disabled, enabled = SubscriberStatus.disabled.value, SubscriberStatus.enabled.value
    rows = (
        (
            number,
            person.email,
            person.key,
            person.domain_key,
            person.name,
            person.attributes,
            disabled if person.standing is Standing.disabled else enabled,
            now,
            now,
            batch.id,
        )
        for number, person in zip(numbers, new, strict=True)
    )
    if new:
        bulk.insert(session, Subscriber, PEOPLE, rows)
    ids = {key: one.id for key, one in knowledge.people.items()}
    ids.update(zip((person.key for person in new), numbers, strict=True))
    return ids


def add_places(
    session: Session, now: datetime, batch: Batch, verdicts: Verdicts, ids: dict[bytes, int]
) -> list[Receipt]:
    """Put people on lists, and return the receipts of those whose consent is proven."""
    rows: list[tuple[object, ...]] = []
    entries: list[Receipt] = []
    confirmed, terms = SubscriptionStatus.confirmed, batch.plan.terms
    for person, found in verdicts.taken:
        if not found.places:
            continue
        number, began = ids[person.key], terms.began(person)
        ends_at = terms.ends_at(began)
        for place in found.places:
            status = batch.plan.status(person, place)
            since = (began or now) if status is confirmed else None
            rows.append((number, place.id, status.value, now, since, ends_at, 0, 0, batch.id))
            if status is confirmed:
                text = batch.proof(person)
                entries.append(Receipt(person.key, ConsentAction.confirmed, text, place.id))
    if rows:
        bulk.insert(session, Subscription, PLACES, rows)
    return entries


def prolong(
    session: Session, batch: Batch, verdicts: Verdicts, ids: dict[bytes, int]
) -> list[Receipt]:
    """Let implied consent last longer where a later dealing says so, and return the receipts."""
    rows, entries, terms = [], [], batch.plan.terms
    for person, found in verdicts.taken:
        for place in found.longer:
            began, who = terms.began(person), {"person": ids[person.key], "list": place.id}
            rows.append({**who, "since": began, "until": terms.ends_at(began)})
            text = batch.proof(person)
            entries.append(Receipt(person.key, ConsentAction.confirmed, text, place.id))
    if rows:
        session.execute(PROLONGED, rows)
    return entries


def add_refusals(
    session: Session, now: datetime, batch: Batch, verdicts: Verdicts
) -> list[Receipt]:
    """Put in force what people told the former sender, and return the receipts."""
    left = [person for person, found in verdicts.taken if found.outcome is Outcome.opted_out]
    entries: list[Receipt] = []
    for sender_id in sorted({place.sender_id for place in batch.plan.lists}):
        for person in refused(session, now, left, sender_id):
            if person.standing is Standing.unsubscribed:
                action = ConsentAction.unsubscribed
                entries.append(Receipt(person.key, action, batch.plain, sender_id=sender_id))
    return entries


def refused(
    session: Session, now: datetime, people: Sequence[Person], sender_id: int
) -> Iterable[Person]:
    """Suppress people for a sender, and return those who were not suppressed before."""
    if not people:
        return []
    by_key = {person.key: person for person in people}
    rows = [
        {
            "address_key": person.key,
            "scope": Scope.sender,
            "scope_id": sender_id,
            "reason": person.standing.value,
            "created_at": now,
        }
        for person in people
    ]
    found: list[bytes] = []
    for some in range(0, len(rows), 500):
        statement = single.insertion(session, Suppression).values(rows[some : some + 500])
        statement = statement.on_conflict_do_nothing()
        found += session.scalars(statement.returning(Suppression.address_key))
    journal = session.info.setdefault(suppressions.TAKEN_DOWN, [])
    for key in found:
        reason = by_key[key].standing.value
        journal.append(Refused(now, Scope.sender, sender_id, reason, key))
    return [by_key[key] for key in found]


def update_people(
    session: Session, now: datetime, verdicts: Verdicts, knowledge: Knowledge
) -> None:
    rows = []
    for person, found in verdicts.taken:
        one = knowledge.people.get(person.key)
        if found.updates and one is not None and outcomes.differs(person, one):
            name, attributes = outcomes.merged(person, one)
            rows.append({"id": one.id, "name": name, "attributes": attributes, "updated_at": now})
    if rows:
        session.execute(sa.update(Subscriber), rows)


def keep_foreign_ids(
    session: Session, batch: Batch, verdicts: Verdicts, ids: dict[bytes, int]
) -> None:
    """Remember how the former system named people in its unsubscribe links."""
    list_id = batch.plan.lists[0].id
    rows = [
        {
            "system": person.foreign[0],
            "foreign_id": person.foreign[1],
            "subscriber_id": ids[person.key],
            "list_id": list_id,
        }
        for person, _ in verdicts.taken
        if person.foreign and person.key in ids
    ]
    if rows:
        statement = single.insertion(session, ForeignId).on_conflict_do_nothing()
        session.execute(statement, rows)
