"""Readers by the million for the benches of the audience: the plain rows, as fast as they load."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import lists, senders
from mailer.audience.models import Subscriber, Subscription, Suppression
from mailer.audience.segments import fields
from mailer.audience.segments.fields import Details
from mailer.audience.segments.models import FieldKind
from mailer.audience.words import Optin
from mailer.cli import seed
from mailer.links import Site

DOMAINS = 5000
LANDS = ("DE", "FR", "US", "GB", "PL", "NL", "IT", "ES", "AT", "CH")
PLANS = ("free", "silver", "gold")
NAMES = ("Ada", "Björn", "Chiara", "Dmitri", "Esra", "Fatou", "Grace", "Henk", "Ines", "Jun")
FAMILIES = ("Adler", "Brook", "Costa", "Diaz", "Egede", "Falk", "Gama", "Holm", "Ito", "Jansen")
BATCH = 10_000
EVERY = 20  # of whom the first has left, and the next two have not confirmed

Row = dict[str, object]
T = TypeVar("T")


def ground(session: Session, now: datetime) -> list[int]:
    """Add a sender with two lists, and three fields; return the lists' numbers; commits."""
    sender = senders.create(session, now, seed.SENDER)
    senders.attest(sender, seed.OWNER, now)
    for key, kind, choices in (
        ("land", FieldKind.country, ()),
        ("age", FieldKind.number, ()),
        ("plan", FieldKind.choice, PLANS),
    ):
        fields.create(session, now, Details(key, key.title(), kind, choices))
    made = [
        lists.create(session, now, sender.id, lists.Details(name, "", Optin.double))
        for name in ("Letters", "Notes")
    ]
    session.commit()
    return [one.id for one in made]


def people(site: Site, count: int, now: datetime) -> Iterator[Row]:
    for number in range(1, count + 1):
        mixed = number * 2_654_435_761 % 2**32
        first, family = NAMES[mixed % 10], FAMILIES[mixed // 10 % 10]
        email = f"{family.lower()}.{number}@mail{mixed // 100 % DOMAINS}.example.org"
        kept = {
            "land": LANDS[mixed // 1000 % 10],
            "age": 16 + mixed // 10_000 % 70,
            "plan": PLANS[mixed // 700 % 3],
        }
        yield {
            "id": number,
            "email": email,
            "address_key": tokens.fingerprint(site.keys, email),
            "name": f"{first} {family}",
            "attributes": kept,
            "status": "enabled",
            "created_at": now - timedelta(seconds=count - number),
            "updated_at": now,
        }


def places(person: Row, list_ids: list[int]) -> Iterator[Row]:
    """Yield where a person stands: all on the first list, one in five on the second."""
    number = int(str(person["id"]))
    status = {0: "unsubscribed", 1: "unconfirmed", 2: "unconfirmed"}.get(
        number % EVERY, "confirmed"
    )
    at = person["created_at"]
    for list_id in list_ids[: 2 if number % 5 == 0 else 1]:
        yield {
            "subscriber_id": number,
            "list_id": list_id,
            "status": status,
            "created_at": at,
            "confirmed_at": None if status == "unconfirmed" else at,
            "unsubscribed_at": at if status == "unsubscribed" else None,
            "confirmation_tries": 0,
            "confirmation_serial": 0,
        }


def refusal(person: Row, list_id: int) -> Row | None:
    if int(str(person["id"])) % EVERY:
        return None
    return {
        "address_key": person["address_key"],
        "scope": "list",
        "scope_id": list_id,
        "reason": "unsubscribed",
        "created_at": person["created_at"],
    }


def fill(session: Session, site: Site, count: int, now: datetime) -> list[int]:
    """Put so many readers into an empty database; return the numbers of its lists; commits."""
    list_ids = ground(session, now)
    for batch in parts(people(site, count, now), BATCH):
        put(session, Subscriber, batch)
        put(session, Subscription, [one for person in batch for one in places(person, list_ids)])
        refused = (refusal(person, list_ids[0]) for person in batch)
        put(session, Suppression, [one for one in refused if one])
        session.commit()
    if session.get_bind().dialect.name == "postgresql":
        counter = "SELECT setval(pg_get_serial_sequence('subscribers', 'id'), :count)"
        session.execute(sa.text(counter), {"count": count})
        session.commit()
    return list_ids


def parts(stream: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(stream)
    while some := list(islice(rest, size)):
        yield some


def put(session: Session, model: type, rows: list[Row]) -> None:
    """Load rows: COPY on PostgreSQL, one prepared statement for all on SQLite."""
    table: sa.Table = sa.inspect(model).local_table
    if session.get_bind().dialect.name != "postgresql":
        session.execute(sa.insert(table), rows)
        return
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the only driver there is
    columns = list(rows[0])
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([plain(row[name]) for name in columns])


def plain(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value
