"""The doorbell: every message gets a session of its own, and none is kept longer than needed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from io import FileIO
from pathlib import Path

import dramatiq
import pytest
import sqlalchemy as sa
from dramatiq.brokers.redis import RedisBroker
from flask import Flask, current_app
from sqlalchemy.orm import Session

from config import ROOT
from mailer.accounts.models import Role
from mailer.broker import EmbeddedBroker, hear, working
from mailer.db import db
from tests.conftest import ConfigFor, Tier
from tests.test_tasks import environment

WAIT_MS = 10_000


def test_the_tier_decides_the_broker(app: Flask, tier: Tier) -> None:
    expected = RedisBroker if tier.redis_url else EmbeddedBroker
    assert type(app.extensions["broker"]) is expected


@pytest.mark.usefixtures("tier")
def test_each_message_has_a_session_of_its_own(app: Flask, session: Session) -> None:
    seen: list[int] = []

    def note(number: int) -> None:
        seen.append(id(db.session()))
        db.session.add(Role(name=str(number)))
        if number % 2:
            db.session.commit()

    send(app, note, range(6))
    assert len(seen) == 6
    names = session.scalars(sa.select(Role.name).order_by(Role.name)).all()
    assert names == ["1", "3", "5"]


@pytest.mark.usefixtures("tier")
def test_messages_give_their_connections_back(app: Flask) -> None:
    def read_or_fail(number: int) -> None:
        assert current_app.name == "mailer"
        db.session.execute(sa.select(Role)).all()
        if number % 2:
            raise RuntimeError

    send(app, read_or_fail, range(40))
    with app.app_context():
        pool = db.engine.pool
        assert isinstance(pool, sa.QueuePool)
        assert pool.checkedout() == 0


@pytest.mark.usefixtures("tier")
def test_a_failed_message_is_neither_retried_nor_kept(app: Flask) -> None:
    tries: list[int] = []

    def fail(number: int) -> None:
        tries.append(number)
        raise RuntimeError

    send(app, fail, [7])
    assert tries == [7]
    kept = getattr(app.extensions["broker"], "dead_letters_by_queue", {})
    assert not any(kept.values())


def test_web_and_worker_find_the_same_program(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "MAILER_ENV": "development",
        "MAILER_DATA_DIR": str(tmp_path),
    }
    program = "import wsgi; print(wsgi.broker is wsgi.app.extensions['broker'])"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "True"


def wired(app: Flask) -> tuple[EmbeddedBroker, FileIO]:
    """Return the embedded broker with a wire, and the wire's other end."""
    bell: EmbeddedBroker = app.extensions["broker"]
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    bell.wire = FileIO(mouth, "w")
    return bell, FileIO(ear)


def test_what_is_rung_in_one_process_is_heard_in_the_other(app: Flask) -> None:
    bell, ear = wired(app)
    for number in (3, 4):
        app.extensions["bell"].deliver(number)
    assert bell.wire is not None
    bell.wire.close()
    bell.wire = None
    with ear:
        hear(bell, [b'half a li"}\n', *ear.readlines()])
    rung = [bell.queues["campaigns"].get_nowait() for _ in range(2)]
    assert [dramatiq.Message.decode(one).args for one in rung] == [(3,), (4,)]


def test_ringing_at_a_full_or_broken_wire_neither_waits_nor_fails(app: Flask) -> None:
    bell, ear = wired(app)
    for number in range(2000):
        app.extensions["bell"].deliver(number)
    with ear:
        os.set_blocking(ear.fileno(), False)
        heard = (ear.read(1_000_000) or b"").splitlines()
    assert [dramatiq.Message.decode(one).args[0] for one in heard] == list(range(len(heard)))
    assert 0 < len(heard) < 2000
    app.extensions["bell"].deliver(1)
    assert bell.wire is not None
    bell.wire.close()


def test_a_sender_that_is_told_to_end_twice_still_ends_in_order(
    config_for: ConfigFor, sqlite_url: str, redis_url: str
) -> None:
    """systemd tells every process of a service, and dramatiq's master tells its workers again."""
    config = config_for(sqlite_url, redis_url=redis_url)
    command = [sys.executable, "-m", "dramatiq", "wsgi:broker", "--processes", "1"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command,
        cwd=ROOT,
        env=environment(config),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert any("ready for action" in line for line in process.stderr)
        for _ in range(2):
            os.killpg(process.pid, signal.SIGTERM)
            time.sleep(0.2)
        said = process.stderr.read()
        assert process.wait(30) == 0
    assert "Killing" not in said


def send(app: Flask, function: Callable[[int], None], numbers: Iterable[int]) -> None:
    """Ring once for each number, and wait until all were worked on."""
    broker = app.extensions["broker"]
    ring = app.extensions["bell"].actor(function, "tests")
    with working(broker, connections=2):
        for number in numbers:
            ring(number)
        broker.join("tests", timeout=WAIT_MS)
