"""One person's archive among a million: `python -m bench.privacy [--rows 1000000] [--sqlite]`.

Everybody has a copy of one campaign; she has a copy of MAILS others, too, each with its own words
and rendered again: by a process that has read none of them yet, and by one that has. Beside it
stands her erasure.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import crowds
from bench.readers import MILLION, database, measured, settle, show
from mailer import clock
from mailer.app import create_app
from mailer.audience.models import MailingList, Subscriber
from mailer.campaigns import drafts, rendering
from mailer.campaigns.drafts import Draft
from mailer.campaigns.readings import Readings
from mailer.db import db
from mailer.delivery import audience
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.links import Site
from mailer.privacy import access, erasure
from tests.databases import settings

MAILS = 100
BODY = "Hello {{ subscriber.first_name }}\n\n" + "Sow in rows a hand apart.\n\n" * 200
ARCHIVE_MS, TIMES = 5_000, 10


def prepare(session: Session, site: Site, rows: int) -> Subscriber:
    """Fill the database; return a reader in the middle, who has had MAILS + 1 mails."""
    now = clock.now()
    crowds.fill(session, site, rows, now)
    chosen = session.get_one(MailingList, 1)
    draft = Draft("Bench", "Bench", chosen.sender_id, (1,), body=BODY)
    audience.freeze(session, drafts.create(session, draft, now), now)
    everybody = sa.update(Delivery).values(status=DeliveryStatus.accepted, finished_at=now)
    session.execute(everybody)
    mailed = sa.select(Delivery.subscriber_id).where(Delivery.subscriber_id > rows // 2)
    reader = session.get_one(Subscriber, session.scalars(mailed.limit(1)).one())
    for number in range(MAILS):
        own = replace(draft, body=f"Letter {number}\n\n{BODY}")
        campaign = drafts.create(session, own, now)
        session.add(copy(reader, campaign.id))
    session.commit()
    return reader


def copy(reader: Subscriber, campaign_id: int) -> Delivery:
    return Delivery(
        campaign_id=campaign_id,
        subscriber_id=reader.id,
        list_id=1,
        address_key=reader.address_key,
        email=reader.email,
        status=DeliveryStatus.accepted,
        next_at=clock.now(),
        finished_at=clock.now(),
    )


def anew(act: Callable[[], object]) -> list[float]:
    """Return the milliseconds of runs that have read no campaign before."""

    def forgetful() -> None:
        rendering.READ = Readings(rendering.READ.most)
        act()

    return measured(forgetful, TIMES)


def erased(session: Session, reader: Subscriber) -> float:
    """Return how long (ms) an erasure takes, with its commit and the emptying of the log."""
    began = time.perf_counter()
    erasure.erase(session, reader, clock.now(), "bench", reason="her request")
    session.commit()
    erasure.sweep(session)
    return (time.perf_counter() - began) * 1000


@click.command()
@click.option("--rows", default=MILLION, help="How many readers.")
@click.option("--sqlite", "is_sqlite", is_flag=True, help="On SQLite instead of PostgreSQL.")
def main(rows: int, is_sqlite: bool) -> None:  # noqa: FBT001 - a flag
    """Print the table; the answer is 1 when the target is missed."""
    print(f"{rows:,} readers on {'SQLite' if is_sqlite else 'PostgreSQL'}")
    with database(is_sqlite=is_sqlite) as url, tempfile.TemporaryDirectory() as folder:
        app = create_app(settings(Path(folder), url))
        with app.app_context():
            session, site = db.session(), app.extensions["site"]
            reader = prepare(session, site, rows)
            settle(url)

            def act() -> bytes:
                return access.archive(session, site, reader, clock.now())

            is_met = show(f"archive with {MAILS + 1} messages", anew(act), ARCHIVE_MS)
            show("the same once more", measured(act, TIMES))
            show("erasure", [erased(session, reader)])
            db.session.remove()
            db.engine.dispose()
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
