"""A run over millions of old copies: `python -m bench.retention --rows 1000000 [--sqlite]`.

Old campaigns of 100,000 copies each, filled in by the database itself; then one run, as the night
does it, with the peak of this process's memory before and after. Old rows are timed to go within
five minutes for each ten millions.
"""

import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.readers import database
from mailer import clock
from mailer.app import create_app
from mailer.audience.models import MailingList, Sender
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.delivery import portions, statistics, tallies
from mailer.delivery.models import Delivery
from mailer.privacy.keeping import runs
from mailer.privacy.keeping.models import Run
from tests.databases import settings

COPIES = 100_000
MOST_SECONDS, FOR_ROWS, MOST_MEMORY_MB = 300, 10_000_000, 40
UTC = ZoneInfo("UTC")
FILLED = """
    INSERT INTO deliveries (campaign_id, subscriber_id, list_id, address_key, email, status, reason,
                            attempts, crashes, next_at, finished_at, smtp_code, smtp_text)
    {numbers}
    SELECT :campaign, n, 1, {key}, 'reader' || n || '@mail' || (n % 50) || '.example.org',
           'accepted', '', 1, 0, :at, :at, 250, '2.0.0 Ok: queued'
    FROM numbers
"""
NUMBERS = {
    "postgresql": (
        "WITH numbers AS (SELECT generate_series(1, :people) AS n)",
        "sha256(('reader' || n)::bytea)",
    ),
    "sqlite": (
        """WITH RECURSIVE numbers(n) AS
           (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :people)""",
        "CAST(printf('%032d', n) AS BLOB)",
    ),
}


def peak() -> float:
    """Return the most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(session: Session, rows: int) -> Campaign:
    """Add campaigns that ended three years ago, and one that ended today."""
    now = clock.now()
    sender = Sender(
        legal_name="Bench",
        from_name="Bench",
        from_address="bench@bench.example",
        reply_to="bench@bench.example",
        address_lines="1 Bench St",
        city="Bench",
        country="US",
        created_at=now,
    )
    session.add(sender)
    session.flush()
    letters = MailingList(public_id="bench", name="Bench", sender_id=sender.id, created_at=now)
    session.add(letters)
    old = now - timedelta(days=3 * 365)
    for at, people in [(old, COPIES)] * max(1, rows // COPIES) + [(now, COPIES)]:
        campaign = Campaign(
            sender_id=sender.id,
            name="Bench",
            subject="Bench",
            status=CampaignStatus.finished,
            finished_at=at,
            created_at=at,
            updated_at=at,
        )
        session.add(campaign)
        session.flush()
        numbers, key = NUMBERS[session.get_bind().dialect.name]
        given = {"campaign": campaign.id, "people": people, "at": at}
        session.execute(sa.text(FILLED.format(numbers=numbers, key=key)), given)
        portions.divide(session, campaign.id)
        tallies.begin(session, campaign.id)
        session.commit()
    return campaign


def measured(session: Session) -> tuple[float, float, float, Run]:
    """Run as the night does; return the seconds to count and to delete, and the memory (MB)."""
    now = clock.now()
    before, began = peak(), time.perf_counter()
    number = runs.begin(session, now, UTC, "bench")
    assert number is not None  # noqa: S101 - the database is new
    session.commit()
    counted = time.perf_counter() - began
    while runs.go_on(session, now, number):
        session.commit()
    session.commit()
    spent = time.perf_counter() - began - counted
    return counted, spent, peak() - before, session.get_one(Run, number, populate_existing=True)


@click.command()
@click.option("--rows", default=1_000_000, help="How many old copies.")
@click.option("--sqlite", "is_sqlite", is_flag=True, help="On SQLite instead of PostgreSQL.")
def main(rows: int, is_sqlite: bool) -> None:  # noqa: FBT001 - a flag
    """Measure a run over so many old copies."""
    with database(is_sqlite=is_sqlite) as url, tempfile.TemporaryDirectory() as place:
        app = create_app(settings(Path(place), url))
        with app.app_context():
            session = db.session()
            newest = fill(session, rows)
            counted, spent, memory, run = measured(session)
            left = session.scalar(sa.select(sa.func.count()).select_from(Delivery))
            kept = statistics.report(session, newest).audience
            gone = run.counts["analytics"]["deliveries"]
            db.engine.dispose()
    allowed = MOST_SECONDS * max(rows, COPIES) / FOR_ROWS
    print(f"{gone:,} copies gone, {left:,} of {kept:,} that are young left")
    print(f"counted in {counted:.1f} s, thrown away in {spent:.1f} s (at most {allowed:.0f} s)")
    print(
        f"{gone / spent:,.0f} copies a second, {memory:.0f} MB more (at most {MOST_MEMORY_MB} MB),"
        f" {peak():.0f} MB in all"
    )
    is_good = spent + counted <= allowed and memory <= MOST_MEMORY_MB and left == kept
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
