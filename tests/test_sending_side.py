"""The tick looks after senders: DNS is looked up and letters leave without anybody's press."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer import broker, clock, clockwork, tasks
from mailer.audience.models import Sender
from mailer.delivery import authentication, reply_probes, rotation, signing
from mailer.links import Site
from tests.conftest import ConfigFor, Tier
from tests.names import Zone, running_zone
from tests.relays import Sink

SECONDS = 20


@pytest.fixture
def zone() -> Iterator[Zone]:
    with running_zone() as zone:
        yield zone


@pytest.fixture
def config(tier: Tier, config_for: ConfigFor, smtp_sink: Sink, zone: Zone) -> Config:
    """Production, but for the relay and the DNS, which are the test's own."""
    return config_for(
        tier.database_url,
        redis_url=tier.redis_url,
        smtp_url=smtp_sink.url,
        dns_resolver=f"127.0.0.1:{zone.port}",
        production=True,
        public_url="https://news.example.com",
    )


def wait(session: Session, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        session.rollback()
        time.sleep(0.05)


def test_the_tick_looks_up_switches_keys_and_asks_the_mailbox_again(
    app: Flask, session: Session, site: Site, sender: Sender, zone: Zone, smtp_sink: Sink
) -> None:
    long_ago = clock.now() - timedelta(days=80)
    reply_probes.answer(session, reply_probes.request(session, sender, long_ago).id, long_ago)
    sender.attested_on = clock.now().date()
    domain = sender.from_address.rpartition("@")[2]
    for key in rotation.prepare(session, site.keys, sender, clock.now()):
        zone.text(signing.name(key, domain), signing.record(key))
    session.commit()
    with broker.working(app.extensions["broker"], 2), clockwork.ticking(app):
        wait(session, lambda: len(signing.signers(session, site.keys, sender)) == 2)
        wait(session, lambda: len(smtp_sink.caught) == 1)
    assert smtp_sink.caught[0].rcpt_to == ("desk@harbor.example.com",)
    assert smtp_sink.caught[0].content.count(b"DKIM-Signature:") == 2
    session.rollback()
    assert authentication.due(session, clock.now()) == []
    assert reply_probes.due(session, clock.now()) == []


def test_development_looks_nothing_up(
    app: Flask, session: Session, sender: Sender, zone: Zone
) -> None:
    number = sender.id
    session.commit()
    app.extensions["config"] = Config(
        **{**vars(app.extensions["config"]), "production": False, "dns_resolver": None}
    )
    assert "Development looks nothing up" in tasks.look_up(number, "a test")
    assert zone.asked == []
