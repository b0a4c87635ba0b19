"""A million readers in the hands of staff: `python -m bench.readers --rows 1000000 [--sqlite]`.

Pages through the application's test client, segments, the export and the snapshot of an audience;
beside what has one stands the plain statement of the same run, without rules and reasons.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from bench import crowds, table
from mailer import clock
from mailer.accounts import users
from mailer.app import create_app
from mailer.audience.models import MailingList
from mailer.audience.searches import Search
from mailer.audience.segments import catalogue, rules
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.db import db
from mailer.delivery import audience, reach, segmenting
from mailer.delivery.segmenting import Ground
from mailer.privacy import people
from tests import servers
from tests.databases import PostgresqlDatabases, libpq, migrate, settings
from tests.visitors import sign_in

POSTGRESQL = (*servers.DURABLE, "shared_buffers=2GB", "max_wal_size=4GB")
TIMES = 20
LEAST, LONGEST_MS = 4, 10_000
PAGE_MS, COUNT_MS, EXPORT_S, SNAPSHOT_S, MEMORY_MB = 200, 150, 60, 15, 256
MILLION = 1_000_000
RULES = {
    "mode": "all",
    "rules": [
        {"about": "attribute", "key": "land", "op": "is", "value": "DE"},
        {"about": "attribute", "key": "age", "op": "above", "value": 40},
        {"about": "list", "key": "1", "op": "confirmed", "value": ""},
    ],
}
PAGES = {
    "readers, newest": "/subscribers/",
    "readers, further on": "/subscribers/?before={middle}",
    "readers, address begins": "/subscribers/?q=jansen.77",
    "readers, one address": "/subscribers/?q=jansen.777777%40",
    "readers, name begins": "/subscribers/?q=Chiara+F",
    "readers, nobody": "/subscribers/?q=zzzz",
    "readers, domain": "/subscribers/?q=%40mail77.example.org",
    "readers, any part": "/subscribers/?q=7777&anywhere=yes",
    "readers, list": "/subscribers/?list=2",
    "readers, list and status": "/subscribers/?list=1&status=unsubscribed",
    "readers, status": "/subscribers/?status=unconfirmed",
    "readers, segment": "/subscribers/?segment=1",
    "readers, disabled": "/subscribers/?status=disabled",
    "one reader": "/subscribers/{middle}",
    "segment": "/segments/1",
    "segments": "/segments/",
    "fields": "/fields/",
    "bulk act, one list": "/subscribers/bulk?q=jansen.77",
    "lists": "/lists/",
    "one list": "/lists/1",
    "overview": "/",
    "campaigns": "/campaigns/",
    "one campaign": "/campaigns/1",
    "composer": "/campaigns/1/edit",
}
# What a page asks for itself once it is shown: counted over everybody, and without a target.
FOLLOWING = {
    "segment, its counts": "/segments/1?counted=yes",
    "one campaign, verdict and sums": "/campaigns/1?counted=yes",
}
FLOORS = {
    "postgresql": """
        SELECT count(*) FROM subscribers s JOIN subscriptions p ON p.subscriber_id = s.id
        WHERE p.list_id = 1 AND p.status = 'confirmed'
        AND s.attributes->>'land' = 'DE' AND (s.attributes->>'age')::int > 40""",
    "sqlite": """
        SELECT count(*) FROM subscribers s JOIN subscriptions p ON p.subscriber_id = s.id
        WHERE p.list_id = 1 AND p.status = 'confirmed'
        AND s.attributes->>'$.land' = 'DE' AND s.attributes->>'$.age' > 40""",
}
COPIED = """
    CREATE TEMPORARY TABLE copied AS
    SELECT s.id, s.address_key, s.email, p.status FROM subscribers s
    JOIN subscriptions p ON p.subscriber_id = s.id AND p.list_id = 1"""


@contextmanager
def database(*, is_sqlite: bool) -> Iterator[str]:
    """Yield the URL of a migrated, empty database as an installation has it."""
    with tempfile.TemporaryDirectory() as folder:
        if is_sqlite:
            url = f"sqlite:///{folder}/readers.sqlite3"
            migrate(url)
            yield url
            return
    server = servers.start_postgresql(POSTGRESQL)
    try:
        yield PostgresqlDatabases(server.url, "bench").migrated()
    finally:
        server.stop()


def measured(act: Callable[[], object], times: int = TIMES) -> list[float]:
    """Return the milliseconds of each run, after one that warms up; slow acts run less often."""
    spent: list[float] = []
    while len(spent) <= times and (len(spent) < LEAST or sum(spent) < LONGEST_MS):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    return spent[1:]


def show(name: str, spent: list[float], most: float = 0) -> bool:
    p50, p95 = table.quantile(spent, 0.5), table.quantile(spent, 0.95)
    is_met = not most or p95 <= most
    note = table.verdict(f"p95 <= {most:.0f} ms", is_met=is_met) if most else ""
    table.line(name, f"p50 {p50:7.1f}  p95 {p95:7.1f} ms", note)
    return is_met


def pages(client: FlaskClient, rows: int) -> Iterator[bool]:
    for name, path in (PAGES | FOLLOWING).items():
        where = path.format(middle=rows // 2)
        answer = client.get(where)
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP's own number
            sys.exit(f"{where} answers {answer.status_code}")
        most = 0 if name in FOLLOWING else PAGE_MS
        yield show(name, measured(lambda where=where: client.get(where)), most)  # type: ignore[misc]


def counting(session: Session) -> bool:
    tree = rules.parsed(RULES, segmenting.offers(session))
    test = segmenting.compiled(tree, Ground.of(session, clock.now()))
    floor = sa.text(FLOORS[session.get_bind().dialect.name])
    if reach.count(session, test) != session.scalar(floor):
        sys.exit("The segment and the plain statement differ.")
    own, plain = (
        measured(lambda: reach.count(session, test)),
        measured(lambda: session.scalar(floor)),
    )
    is_met = show("segment, two fields and a list", own, COUNT_MS)
    show("the same in plain SQL", plain)
    table.line("segment / plain SQL", f"{ratio(own, plain):.2f} times")
    return is_met


def ratio(own: list[float], plain: list[float]) -> float:
    return table.quantile(own, 0.5) / table.quantile(plain, 0.5)


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def exporting(session: Session, rows: int) -> bool:
    began = time.perf_counter()
    size = sum(len(part) for part in people.written(session, Search()))
    spent = time.perf_counter() - began
    is_met = spent <= EXPORT_S * rows / MILLION
    target = f"{EXPORT_S * rows / MILLION:.1f} s"
    note = table.verdict(f"<= {target}", is_met=is_met)
    table.line("export", f"{spent:6.1f} s, {size / 1e6:.0f} MB", note)
    began = time.perf_counter()
    for _ in session.execute(
        sa.text("SELECT * FROM subscribers"), execution_options={"yield_per": people.BATCH}
    ):
        pass
    plain = time.perf_counter() - began
    table.line("the rows alone, read", f"{plain:6.1f} s", f"{spent / plain:.1f} times")
    return is_met


def snapshot(session: Session, rows: int) -> bool:
    session.rollback()
    chosen = session.get_one(MailingList, 1)
    draft = Draft("Bench", "Bench", chosen.sender_id, (1,))
    campaign = drafts.create(session, draft, clock.now())
    began = time.perf_counter()
    frozen = audience.freeze(session, campaign, clock.now())
    spent = time.perf_counter() - began
    session.rollback()
    is_met = spent <= SNAPSHOT_S * rows / MILLION
    note = table.verdict(f"<= {SNAPSHOT_S * rows / MILLION:.1f} s", is_met=is_met)
    table.line("snapshot", f"{spent:6.1f} s, {frozen:,} people", note)
    began = time.perf_counter()
    session.execute(sa.text(COPIED))
    plain = time.perf_counter() - began
    session.rollback()
    table.line("the same rows, copied", f"{plain:6.1f} s", f"{spent / plain:.1f} times")
    return is_met


def prepare(app: Flask, rows: int) -> FlaskClient:
    """Fill the database, and return a client in which the owner is signed in."""
    session, now = db.session(), clock.now()
    began = time.perf_counter()
    crowds.fill(session, app.extensions["site"], rows, now)
    table.line("filled with readers", f"{time.perf_counter() - began:6.1f} s")
    owner = users.add(session, now, "owner@example.com", "Owner", "owner")
    tree = rules.parsed(RULES, segmenting.offers(session))
    catalogue.create(session, now, "Germans over 40", tree)
    sender_id = session.get_one(MailingList, 1).sender_id
    drafts.create(session, Draft("March", "March", sender_id, (1,), (1,)), now)
    session.commit()
    client = app.test_client()
    sign_in(client, owner)
    return client


def settle(url: str) -> None:
    """Let PostgreSQL know its tables, as its own clerk does within minutes."""
    if url.startswith("postgresql"):
        with psycopg.connect(libpq(make_url(url)), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


@click.command()
@click.option("--rows", default=MILLION, help="How many readers.")
@click.option("--sqlite", "is_sqlite", is_flag=True, help="On SQLite instead of PostgreSQL.")
def main(rows: int, is_sqlite: bool) -> None:  # noqa: FBT001 - a flag
    """Print the table; the answer is 1 when a target is missed."""
    print(f"{rows:,} readers on {'SQLite' if is_sqlite else 'PostgreSQL'}")
    with database(is_sqlite=is_sqlite) as url, tempfile.TemporaryDirectory() as folder:
        app = create_app(settings(Path(folder), url))
        app.testing = True
        with app.app_context():
            client = prepare(app, rows)
            settle(url)
            before = memory()
            session = db.session()
            met = [counting(session), exporting(session, rows)]
            table.line("memory, at most", f"{memory():.0f} MB", f"{before:.0f} MB before")
            met += [memory() <= MEMORY_MB, snapshot(session, rows), *pages(client, rows)]
            db.session.remove()
            db.engine.dispose()
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
