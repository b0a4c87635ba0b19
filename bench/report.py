"""How long the server works for one look at a live report: ``python -m bench.report [PEOPLE]``.

A PostgreSQL of its own, one running campaign with that many people in runs of a thousand, four
of which are worked on, and a full day of windows. Prints the median and the worst of 30 looks.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock, schema
from mailer.accounts.models import Role, User
from mailer.app import create_app
from mailer.audience.models import MailingList, Sender
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.delivery import metrics, portions, tallies, windows
from mailer.delivery.models import DeliveryStatus, Portion
from mailer.delivery.windows import Span, Wait, Window
from tests import servers
from tests.databases import settings
from tests.visitors import sign_in

AT_WORK, LOOKS = 4, 30
BUDGET = 1000
FILL = sa.text("""
    INSERT INTO deliveries (campaign_id, subscriber_id, list_id, address_key, email, status,
        reason, attempts, next_at, smtp_text, smtp_code, finished_at)
    SELECT :campaign, n, :list, sha256(n::text::bytea),
        'reader' || n || '@' || (ARRAY['gmail.com', 'outlook.com', 'yahoo.com', 'gmx.de',
            'd' || n % 5000 || '.example'])[1 + n % 5],
        CASE WHEN n * 2 > :people THEN 'pending' WHEN n % 100 = 7 THEN 'refused'
            ELSE 'accepted' END,
        CASE WHEN n * 2 <= :people AND n % 100 = 7 THEN 'refused by the relay' ELSE '' END,
        0, now(), CASE WHEN n % 100 = 7 THEN '5.1.1 no such user' ELSE '' END,
        CASE WHEN n % 100 = 7 THEN 550 ELSE 250 END, now()
    FROM generate_series(1, :people) AS n
""")


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with installed() as app:
        session = db.session()
        campaign = made(session)
        session.execute(FILL, {"campaign": campaign.id, "list": 1, "people": people})
        session.commit()
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(
            sa.text("VACUUM ANALYZE deliveries")
        )
        session.commit()
        client = app.test_client()
        sign_in(client, session.scalars(sa.select(User)).one())
        look = f"/campaigns/{campaign.id}/report/progress"
        told("row by row (no runs)", lambda: client.get(look).status_code, 3)
        began = time.perf_counter()
        portions.divide(session, campaign.id)
        tallies.begin(session, campaign.id)
        session.commit()
        print(f"{'counting all runs once':<28} {time.perf_counter() - began:8.2f} s")
        session.execute(sa.update(Portion).where(Portion.id <= AT_WORK).values(counts=None))
        session.commit()
        told("one look", lambda: client.get(look).status_code, LOOKS)
        deep = f"/campaigns/{campaign.id}/report/people?status=accepted&page={people // 110}"
        told("a deep page of the ledger", lambda: client.get(deep).status_code, LOOKS)
        told("the list of campaigns", lambda: client.get("/campaigns/").status_code, LOOKS)
        told("/metrics", lambda: metrics.exposition(session, clock.now(), BUDGET), LOOKS)
        told("keeping one run", lambda: kept(session, campaign.id), LOOKS)


def kept(session: Session, campaign_id: int) -> None:
    tallies.hold_still(session, campaign_id)
    tallies.count_again(session, campaign_id, [1])
    session.commit()


def told(what: str, act: Callable[[], object], times: int) -> None:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    print(f"{what:<28} {statistics.median(spent):8.1f} ms median {max(spent):8.1f} ms worst")


@contextmanager
def installed() -> Iterator[Flask]:
    given = os.environ.get("TEST_DATABASE_URL")
    server = None if given else servers.start_postgresql()
    try:
        with tempfile.TemporaryDirectory() as folder:
            app = create_app(settings(Path(folder), given or server.url))  # type: ignore[union-attr]
            with app.app_context():
                schema.upgrade(app)
                yield app
                db.session.remove()
                db.engine.dispose()
    finally:
        if server is not None:
            server.stop()


def made(session: Session) -> Campaign:
    now = clock.now()
    sender = Sender(
        legal_name="Bench", from_name="Bench", from_address="b@bench.example.com",
        reply_to="b@bench.example.com", address_lines="1 Way", city="X", region="", postcode="1",
        country="DE", address_kind="street", attested_by="", ad_label="Ad", created_at=now,
    )  # fmt: skip
    session.add(sender)
    session.flush()
    session.add(MailingList(public_id="bench", name="B", sender_id=sender.id, created_at=now))
    session.add(
        User(email="o@example.com", name="O", password="", fs_uniquifier="o",
             roles=[Role(name="owner")], created_at=now)
    )  # fmt: skip
    campaign = Campaign(
        sender_id=sender.id, name="B", subject="B", status=CampaignStatus.running,
        started_at=now - timedelta(days=1), created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    for minutes in range(24 * 60):
        window = Window(campaign.id, now - timedelta(minutes=minutes))
        window.count(DeliveryStatus.accepted, 300)
        window.wait(Wait.relay, 100.0)
        window.lines(10, 10)
        for _ in range(5):
            window.add(Span.reply, 0.6)
        window.write(session, window.at)
    windows.fold(session, now)
    session.commit()
    return campaign


if __name__ == "__main__":
    main()
