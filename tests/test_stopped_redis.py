"""A Redis that takes connections and answers nothing: it may cost seconds, and stops nothing."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer.audience import letterbox
from mailer.broker import working
from mailer.clockwork import tick
from mailer.links import Site
from tests import servers, sign_ups
from tests.conftest import ConfigFor

pytestmark = pytest.mark.usefixtures("letters")

GUESTS = 8


@pytest.fixture
def valkey() -> Iterator[servers.Server]:
    server = servers.start_valkey()
    try:
        yield server
    finally:
        server.process.send_signal(signal.SIGCONT)
        server.stop()


@pytest.fixture
def config(config_for: ConfigFor, sqlite_url: str, valkey: servers.Server) -> Config:
    return config_for(sqlite_url, redis_url=valkey.url, rate_limits=True)


@contextmanager
def standing_still(server: servers.Server) -> Iterator[float]:
    """Stop the server's process, as a machine that swaps or is paused does; yield since when."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield time.monotonic()
    finally:
        server.process.send_signal(signal.SIGCONT)


def sign_up(client: FlaskClient, site: Site, name: str) -> int:
    return sign_ups.sign_up(client, site, f"{name}@example.org").status_code


def test_pages_are_answered_and_rings_given_up(
    app: Flask, client: FlaskClient, site: Site, valkey: servers.Server
) -> None:
    assert sign_up(client, site, "ana") < 400
    with standing_still(valkey) as began:
        assert sign_up(client, site, "rosa") < 400
        with app.app_context():
            assert app.extensions["bell"].deliver(1) is False
        assert time.monotonic() - began < 8
    assert sign_up(client, site, "zoe") < 400


def test_the_clock_gives_up_ringing_after_the_first_bell(
    app: Flask,
    client: FlaskClient,
    session: Session,
    site: Site,
    valkey: servers.Server,
) -> None:
    for number in range(GUESTS):
        assert sign_up(client, site, f"guest{number}") < 400
    assert len(letterbox.waiting(session)) == GUESTS
    session.commit()
    with standing_still(valkey) as began:
        tick(app)
        assert 0.9 < time.monotonic() - began < 5


def test_a_worker_goes_on_once_it_answers_again(app: Flask, valkey: servers.Server) -> None:
    heard: list[int] = []

    def note(number: int) -> None:
        heard.append(number)

    ring = app.extensions["bell"].actor(note, "tests")
    with app.app_context(), working(app.extensions["broker"], connections=1):
        assert ring(1) is True
        until(heard, 1)
        with standing_still(valkey):
            assert ring(2) is False
            time.sleep(3)
        assert ring(3) is True
        until(heard, 3)


def until(heard: list[int], number: int) -> None:
    ends = time.monotonic() + 20
    while number not in heard and time.monotonic() < ends:
        time.sleep(0.05)
    assert number in heard
