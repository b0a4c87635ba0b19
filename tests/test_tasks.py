"""The whole machine, on both tiers: doorbell, tick, workers, relay, ledger."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import ROOT, Config
from mailer import broker, clock, clockwork, tokens
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import launch, statistics
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.relay_models import SeedResult, SeedState
from mailer.links import Site
from tests.conftest import ConfigFor, Tier
from tests.delivery.conftest import LAWFUL
from tests.relays import Sink
from tests.visitors import sign_in

SEED = "seed@elsewhere.example"


@pytest.fixture
def config(tier: Tier, config_for: ConfigFor, smtp_sink: Sink, tmp_path: Path) -> Config:
    """An installation of either tier, whose relay is the sink."""
    return config_for(
        tier.database_url,
        redis_url=tier.redis_url,
        smtp_url=smtp_sink.url,
        connections=2,
        seed_address=SEED,
        seed_mailbox=f"maildir:{tmp_path / 'seeds'}",
    )


@contextmanager
def workers(app: Flask) -> Iterator[None]:
    """Run what sends: threads here on the embedded tier, real worker processes on the other."""
    config: Config = app.extensions["config"]
    if config.redis_url is None:
        with broker.working(app.extensions["broker"], config.connections), clockwork.ticking(app):
            yield
        return
    command = [
        sys.executable,
        "-m",
        "dramatiq",
        "wsgi:broker",
        "--processes",
        "2",
        "--threads",
        "2",
    ]
    with subprocess.Popen(command, cwd=ROOT, env=environment(config)) as process:  # noqa: S603
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def environment(config: Config) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "MAILER_ENV": "development",
        "MAILER_DATA_DIR": str(config.data_dir),
        "MAILER_DATABASE_URL": config.database_url,
        "MAILER_REDIS_URL": str(config.redis_url),
        "MAILER_SMTP_URL": config.smtp_url,
        "MAILER_SEED_ADDRESS": config.seed_address,
        "MAILER_SEED_MAILBOX": config.seed_mailbox,
        "MAILER_SECRET_KEY": config.secret_keys[0],
        "MAILER_SUPPRESSION_KEY": config.suppression_key,
    }


def until(session: Session, is_so: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        session.rollback()
        time.sleep(0.1)
    session.rollback()


def crowd(session: Session, site: Site, letters: MailingList, count: int) -> None:
    """Add many confirmed readers in two statements."""
    now = clock.now()
    names = [f"reader{number}@example.org" for number in range(count)]
    people = [
        {
            "email": name,
            "address_key": tokens.fingerprint(site.keys, name),
            "created_at": now,
            "updated_at": now,
        }
        for name in names
    ]
    ids = session.scalars(sa.insert(Subscriber).returning(Subscriber.id), people).all()
    places = [
        {"subscriber_id": one, "list_id": letters.id, "status": "confirmed", "created_at": now}
        for one in ids
    ]
    session.execute(sa.insert(Subscription), places)
    session.commit()


@pytest.fixture
def tides(session: Session, letters: MailingList) -> Campaign:
    draft = Draft("Tides", "Low water", letters.sender_id, (letters.id,), body=LAWFUL)
    letters.sender.attested_on = clock.now().date()
    campaign = drafts.create(session, draft, clock.now())
    session.commit()
    return campaign


def readers(smtp_sink: Sink) -> list[str]:
    """Whom the relay was given mail for, but for the seed, which gets one copy ahead of all."""
    everybody = [mail.rcpt_to[0] for mail in smtp_sink.caught]
    assert everybody.count(SEED) == 1
    return [address for address in everybody if address != SEED]


def state(session: Session, campaign: Campaign) -> CampaignStatus:
    session.refresh(campaign)
    return campaign.status


def test_a_scheduled_campaign_reaches_everybody_once_without_anybody_ringing(
    app: Flask,
    session: Session,
    site: Site,
    letters: MailingList,
    tides: Campaign,
    smtp_sink: Sink,
) -> None:
    """Nobody rings, as if the broker had lost every message: the tick alone finds the work."""
    crowd(session, site, letters, 150)
    launch.schedule(session, site, tides, clock.now() + timedelta(seconds=1), clock.now())
    session.commit()
    with workers(app):
        until(session, lambda: state(session, tides) is CampaignStatus.finished)
    mailed = readers(smtp_sink)
    assert len(mailed) == len(set(mailed)) == 150
    report = statistics.report(session, tides)
    assert report.states[DeliveryStatus.accepted] == report.audience == 150
    done = session.execute(sa.select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id))
    assert done.all() == [("mailer", "campaign.start"), ("mailer", "campaign.finish")]


def test_a_doorbell_rung_many_times_sends_nothing_twice(
    app: Flask,
    session: Session,
    site: Site,
    letters: MailingList,
    tides: Campaign,
    smtp_sink: Sink,
) -> None:
    crowd(session, site, letters, 40)
    launch.start(session, site, tides, clock.now())
    session.commit()
    for _ in range(30):
        app.extensions["bell"].deliver(tides.id)
    with workers(app):
        until(session, lambda: state(session, tides) is CampaignStatus.finished)
    assert len(readers(smtp_sink)) == len(set(readers(smtp_sink))) == 40


def test_the_seed_copy_goes_first_and_is_judged_when_it_has_come_back(
    app: Flask,
    session: Session,
    site: Site,
    letters: MailingList,
    tides: Campaign,
    smtp_sink: Sink,
    tmp_path: Path,
) -> None:
    smtp_sink.maildir = tmp_path / "seeds"
    crowd(session, site, letters, 3)
    launch.start(session, site, tides, clock.now())
    session.commit()

    def has_passed() -> bool:
        states = session.scalars(sa.select(SeedResult.state)).all()
        return states == [SeedState.passed] and len(smtp_sink.caught) == 4

    with workers(app):
        until(session, has_passed)
    assert smtp_sink.caught[0].rcpt_to[0] == SEED
    assert len(readers(smtp_sink)) == 3


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tier", ["embedded"], indirect=True)
def test_ten_thousand_readers_are_mailed_and_every_look_at_the_numbers_adds_up(
    app: Flask,
    session: Session,
    site: Site,
    letters: MailingList,
    tides: Campaign,
    smtp_sink: Sink,
    client: FlaskClient,
    vera: User,
) -> None:
    crowd(session, site, letters, 10_000)
    sign_in(client, vera)
    launch.start(session, site, tides, clock.now())
    session.commit()
    looks = []

    def is_finished() -> bool:
        page = f"/campaigns/{tides.id}/report"
        looks.append(client.get(page, headers={"Accept": "application/json"}).get_json())
        return bool(looks[-1]["status"] == "finished")

    with workers(app):
        until(session, is_finished, seconds=240)
    assert {look["audience"] for look in looks} == {10_000}
    assert {sum(look["states"].values()) for look in looks} == {10_000}
    assert any(0 < look["states"]["accepted"] < 10_000 for look in looks)
    assert len(readers(smtp_sink)) == len(set(readers(smtp_sink))) == 10_000
