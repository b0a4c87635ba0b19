"""The privacy desk among a million readers: `python -m bench.desk [--rows 1000000] [--sqlite]`.

Beside the readers: what each has agreed to, a campaign to all of them, and ASKED requests, notices,
archives and acts on the log. Then the pages of the desk, through the application's test client, the
table of promises, and what a start asks of the audience.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from bench import crowds, table
from bench.readers import MILLION, PAGE_MS, database, measured, settle, show
from mailer import clock, desk, ledger
from mailer.accounts import users
from mailer.accounts.models import AuditEntry
from mailer.app import create_app
from mailer.audience.affected import AffectedPerson
from mailer.audience.models import MailingList, Subscriber
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign
from mailer.db import db
from mailer.delivery import audience, checks
from mailer.delivery.lands import Lands
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.privacy.archive.models import Archive
from mailer.privacy.incidents.models import Incident
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.models import Run
from mailer.privacy.promises import catalogue
from mailer.privacy.requests.models import Notice, Request
from tests.databases import settings
from tests.visitors import sign_in

ASKED = 100_000
LONG_MS = 20
OPEN_ONES = 20  # one in so many is still open
INCIDENTS, RUNS = 40, 700
PAGES = {
    "requests, open": "/requests/",
    "requests, all closed": "/requests/?state=closed",
    "requests, one kind": "/requests/?kind=erasure",
    "requests, the last of them": "/requests/?state=closed&after={last}",
    "one request": "/requests/{middle}",
    "incidents": "/incidents/",
    "one incident, everybody affected": "/incidents/1",
    "retention": "/retention/",
    "one run": "/retention/runs/1",
    "one reader, with her archives": "/subscribers/{reader}",
    "audit": "/audit/",
}
AGREED = """
    INSERT INTO consent_events (at, address_key, list_id, action, method, evidence, evidence_hash,
                                position, previous_hash, hash)
    SELECT s.created_at, s.address_key, 1, 'confirmed', 'link', '{}', '', s.id, '', ''
    FROM subscribers s"""


def people(session: Session, app: Flask, rows: int, now: datetime) -> Campaign:
    """Add the readers, what they agreed to, and a campaign to all of them; commits."""
    crowds.fill(session, app.extensions["site"], rows, now)
    session.execute(sa.text(AGREED))
    sender_id = session.get_one(MailingList, 1).sender_id
    campaign = drafts.create(session, Draft("Bench", "Bench", sender_id, (1,)), now)
    audience.freeze(session, campaign, now)
    values = {"status": DeliveryStatus.accepted, "sending_at": now - timedelta(days=60)}
    session.execute(sa.update(Delivery).values(**values))
    session.commit()
    return campaign


def requests(count: int, now: datetime) -> Iterator[crowds.Row]:
    kinds = ("access", "erasure", "correction", "restriction", "portability")
    for number in range(1, count + 1):
        at, is_open = now - timedelta(minutes=5 * number), number % OPEN_ONES == 0
        yield {
            "kind": kinds[number % len(kinds)],
            "regime": "GDPR",
            "channel": "page",
            "state": "received" if is_open else "closed",
            "address_key": number.to_bytes(32),
            "email": f"reader.{number}@example.org" if is_open else "",
            "wish": "",
            "received_at": at,
            "due_at": at + timedelta(days=365),
            "citation": "Art. 12(3) GDPR",
            "paused_for": 0,
            "identified_by": "",
            "assignee": "",
            "outcome": None if is_open else "granted",
            "answer": "",
            "evidence": "",
            "closed_at": None if is_open else at + timedelta(days=3),
        }


def notices(count: int, now: datetime) -> Iterator[crowds.Row]:
    for number in range(1, count + 1):
        told = {"way": "mail", "words": "", "email": "", "tries": 0, "fault": ""}
        yield {"request_id": number, "about": "receipt", "at": now, "told_at": now, **told}


def acts(session: Session, count: int, now: datetime) -> None:
    """Add to the log what staff did; each entry is sealed, as it always is."""
    for some in crowds.parts(range(1, count + 1), 1000):
        ledger.append(
            session,
            [
                AuditEntry(
                    at=now,
                    actor="alice@example.com",
                    action="requests.close",
                    subject=f"request {number}",
                    reason="answered",
                )
                for number in some
            ],
        )
        session.commit()


def desk_of(session: Session, count: int, now: datetime) -> None:
    """Fill the desk; commits."""
    for model, stream in ((Request, requests(count, now)), (Notice, notices(count, now))):
        for some in crowds.parts(stream, crowds.BATCH):
            crowds.put(session, model, some)
    session.add_all(
        Incident(
            title=f"Bench {number}",
            noticed_at=now,
            aware_at=now,
            created_by="bench",
            created_at=now,
        )
        for number in range(INCIDENTS)
    )
    edges = {name.value: now.isoformat() for name in Class}
    runs = {"is_dry": False, "edges": edges, "counts": {}, "started_at": now, "finished_at": now}
    session.add_all(Run(actor="clock", **runs) for _ in range(RUNS))
    session.flush()
    everybody = sa.select(sa.literal(1), Subscriber.address_key)
    affected = sa.insert(AffectedPerson)
    session.execute(affected.from_select(["incident_id", "address_key"], everybody))
    values = [*[sa.literal(0)] * 3, sa.literal(""), sa.literal(b"")]
    hers = sa.select(Subscriber.id, sa.literal(now, Archive.asked_at.type), *values)
    columns = ["subscriber_id", "asked_at", "tries", "done", "total", "problem", "token_hash"]
    held = hers.order_by(Subscriber.id).limit(count)
    session.execute(sa.insert(Archive).from_select(columns, held))
    acts(session, count, now)


def client_of(app: Flask, session: Session) -> FlaskClient:
    owner = users.add(session, clock.now(), "owner@example.com", "Owner", "owner")
    session.commit()
    client = app.test_client()
    sign_in(client, owner)
    return client


def pages(client: FlaskClient, rows: int, asked: int) -> Iterator[bool]:
    # Those due first were asked for first: the last page of these begins after one of the newest.
    where = {"last": 2 * OPEN_ONES + 1, "middle": asked // 2, "reader": rows // 2}
    for name, path in PAGES.items():
        address = path.format(**where)
        answer = client.get(address)
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP's own number
            sys.exit(f"{address} answers {answer.status_code}")
        yield show(name, measured(lambda one=address: client.get(one)), PAGE_MS)  # type: ignore[misc]


def fresh(session: Session, act: Callable[[], object]) -> Callable[[], object]:
    """Return an act that begins as a request does: nothing is in memory."""

    def anew() -> object:
        session.rollback()
        session.expunge_all()
        return act()

    return anew


def starts(session: Session, app: Flask, campaign_id: int) -> None:
    """Show what the gate asks of the audience: at a start, and while somebody types."""
    site, lands = app.extensions["site"], Lands()

    def countries() -> object:
        return audience.countries(session, session.get_one(Campaign, campaign_id), clock.now())

    def glance() -> object:
        campaign = session.get_one(Campaign, campaign_id)
        return checks.glanced(session, site, campaign, clock.now(), lands)

    show("countries of an audience", measured(fresh(session, countries)))
    show("the gate while somebody types", measured(fresh(session, glance)))


def promises(session: Session) -> None:
    found = measured(fresh(session, lambda: catalogue.rows(desk.ground())))
    show("promises", found)
    ground = desk.ground()
    for one in catalogue.PROMISES:
        spent = measured(fresh(session, lambda one=one: one.prove(ground)), 4)  # type: ignore[misc]
        if table.quantile(spent, 0.5) >= LONG_MS:
            show(f"of these, {one.id}", spent)


@click.command()
@click.option("--rows", default=MILLION, help="How many readers.")
@click.option("--asked", default=ASKED, help="How many requests, notices, archives and acts.")
@click.option("--sqlite", "is_sqlite", is_flag=True, help="On SQLite instead of PostgreSQL.")
def main(rows: int, asked: int, is_sqlite: bool) -> None:  # noqa: FBT001 - a flag
    """Print the table; the answer is 1 when a target is missed."""
    print(f"{rows:,} readers, {asked:,} requests, on {'SQLite' if is_sqlite else 'PostgreSQL'}")
    with database(is_sqlite=is_sqlite) as url, tempfile.TemporaryDirectory() as folder:
        app = create_app(settings(Path(folder), url))
        app.testing = True
        with app.app_context():
            session, now = db.session(), clock.now()
            campaign_id = people(session, app, rows, now).id
            desk_of(session, asked, now)
            client = client_of(app, session)
            settle(url)
            starts(session, app, campaign_id)
            promises(session)
            met = list(pages(client, rows, asked))
            db.session.remove()
            db.engine.dispose()
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
