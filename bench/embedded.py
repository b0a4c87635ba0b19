"""The embedded tier while it sends flat out: `python -m bench.embedded`.

One `mailer run` on SQLite, with the worker process that it keeps, and a relay that only reads and
answers. From this process people visit: the overview, the running campaign's report, and a reader
who leaves with one click. Their times at rest, in the same run, stand beside those while it sends.
"""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bench import relays, table
from config import Config
from mailer import clock, tokens
from mailer.app import create_app
from mailer.audience.models import Subscriber, Subscription
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.cli.browsing import Browser
from mailer.cli.demo import running
from mailer.cli.seed import LAWFUL
from mailer.db import db
from mailer.delivery import launch
from mailer.delivery.models import Delivery
from mailer.links import Site

CAMPAIGN = LIST = 1  # the seeded ones
SIZE = 19_000  # bytes of the author's text
REST = 6.0  # s of visits before the campaign starts
BETWEEN = 0.02  # s between two visits
SLOWEST = 0.05  # s, at p95
LEAST = 5_000  # messages a second

Times = dict[str, list[float]]


@dataclass(frozen=True)
class Figures:
    """What was seen: how many were sent at what rate, and how long the visits took (s)."""

    count: int
    rate: float
    at_rest: Times
    sending: Times

    @property
    def slowest(self) -> float:
        """The p95 of the visits that fare worst while it sends, in seconds."""
        return max(table.quantile(times, 0.95) for times in self.sending.values())


@click.command()
@click.option("--readers", default=50_000, help="How many are mailed.")
@click.option("--connections", default=8)
def main(readers: int, connections: int) -> None:
    """Print the table; the exit code is 1 when a target is missed."""
    sys.exit(not told(seen(readers, connections)))


def seen(readers: int, connections: int = 8) -> Figures:
    """Run an installation, visit it at rest and while it sends, and take it down again."""
    with tempfile.TemporaryDirectory() as folder, relays.reading() as relay:
        settings = {
            "MAILER_SMTP_URL": relay.url,
            "MAILER_CONNECTIONS": str(connections),
            "MAILER_RATE_LIMITS": "off",
        }
        with running(Path(folder), **settings) as (url, sign_in):
            environ = {
                **settings,
                "MAILER_ENV": "development",
                "MAILER_DATA_DIR": folder,
                "MAILER_PUBLIC_URL": url,
            }
            app = create_app(Config.from_environ(environ))
            with app.app_context():
                figures = measured(app, url, sign_in, readers)
                db.session.remove()
                db.engine.dispose()
    return figures


def measured(app: Flask, url: str, sign_in: str, readers: int) -> Figures:
    session, site = db.session(), app.extensions["site"]
    ids = crowd(session, site, readers)
    staff = Browser()
    staff.submit(sign_in)
    leaving = iter(reversed(ids))
    visits: dict[str, Callable[[], object]] = {
        "overview": lambda: staff.get(f"{url}/"),
        "report": lambda: staff.get(f"{url}/campaigns/{CAMPAIGN}/report"),
        "one-click opt-out": lambda: Browser().post(
            site.unsubscribe(LIST, next(leaving), 0), {"List-Unsubscribe": "One-Click"}
        ),
    }
    until = time.monotonic() + REST
    at_rest = visited(visits, lambda: time.monotonic() < until)
    prepare(session, site)
    sending = visited(visits, lambda: is_running(session))
    return Figures(*ledger(session), at_rest, sending)


def crowd(session: Session, site: Site, count: int) -> list[int]:
    """Add confirmed readers in two statements; return their numbers."""
    now = clock.now()
    people = [
        {
            "email": f"reader{number}@example.org",
            "name": f"Reader {number}",
            "address_key": tokens.fingerprint(site.keys, f"reader{number}@example.org"),
            "created_at": now,
            "updated_at": now,
        }
        for number in range(count)
    ]
    ids = session.scalars(sa.insert(Subscriber).returning(Subscriber.id), people).all()
    places = [
        {"subscriber_id": one, "list_id": LIST, "status": "confirmed", "created_at": now}
        for one in ids
    ]
    session.execute(sa.insert(Subscription), places)
    session.commit()
    return list(ids)


def prepare(session: Session, site: Site) -> None:
    """Make the seeded draft as long as a newsletter is, and start it."""
    campaign = session.get_one(Campaign, CAMPAIGN)
    words = "Sow in rows a hand apart, water in the evening, and wait for the second leaf.\n\n"
    # What is written becomes a part of text and a longer one of HTML.
    campaign.body = LAWFUL.replace("Good digging!", words * (SIZE // 2 // len(words)))
    launch.start(session, site, campaign, clock.now())
    session.commit()


def is_running(session: Session) -> bool:
    status = session.scalar(sa.select(Campaign.status).where(Campaign.id == CAMPAIGN))
    session.rollback()
    return status is CampaignStatus.running


def visited(visits: dict[str, Callable[[], object]], goes_on: Callable[[], bool]) -> Times:
    """Make the visits, one after the other, as long as it goes on; return how long each took."""
    times: Times = defaultdict(list)
    while goes_on():
        for name, visit in visits.items():
            began = time.perf_counter()
            visit()
            times[name].append(time.perf_counter() - began)
            time.sleep(BETWEEN)
    return times


def ledger(session: Session) -> tuple[int, float]:
    """Return how many were accepted, and how many a second."""
    began, ended, count = session.execute(
        sa.select(
            sa.func.min(Delivery.sending_at),
            sa.func.max(Delivery.finished_at),
            sa.func.count().filter(Delivery.status == "accepted"),
        ).where(Delivery.campaign_id == CAMPAIGN)
    ).one()
    assert began is not None and ended is not None  # noqa: S101, PT018 - it was finished
    return count, count / (ended - began).total_seconds()


def told(found: Figures) -> bool:
    """Print the figures; tell whether the targets are met."""
    met = [found.rate >= LEAST]
    print(f"{found.count} messages on the embedded tier, and three kinds of visits meanwhile")
    table.line("rate", f"{found.rate:,.0f}/s", table.verdict(f"{LEAST:,}/s", is_met=met[0]))
    for name, times in found.sending.items():
        p95 = table.quantile(times, 0.95)
        met.append(p95 <= SLOWEST)
        rest = table.quantile(found.at_rest[name], 0.95)
        verdict = table.verdict(f"p95 <= {SLOWEST * 1000:.0f} ms", is_met=met[-1])
        note = f"{verdict}; at rest {rest * 1000:.1f}, {len(times)} visits"
        p50, most = table.quantile(times, 0.5), max(times)
        figures = f"p50 {p50 * 1000:.1f}  p95 {p95 * 1000:.1f}  max {most * 1000:.0f} ms"
        table.line(name, figures, note)
    return all(met)


if __name__ == "__main__":
    main()
