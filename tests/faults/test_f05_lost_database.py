"""F-05: the database restarts, crashes, throws everybody out, or has no connection left."""

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import make_url

from mailer.db import db
from tests import databases, servers
from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(400, 20_000)
TIMES = size(1, 5)
HELD = 2.0  # seconds
MOST_SECONDS = 60.0

Fault = Callable[[servers.Server], None]


def restart(durable: servers.Server) -> None:
    """Restart as an administrator does: clients are cut off, nothing is lost ("fast")."""
    durable.end(signal.SIGINT)
    durable.begin()


def crash(durable: servers.Server) -> None:
    """End without a goodbye and recover from the log: what a failover looks like ("immediate")."""
    durable.end(signal.SIGQUIT)
    durable.begin()


def throw_out(durable: servers.Server) -> None:
    with psycopg.connect(libpq(durable), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def exhaust(durable: servers.Server) -> None:
    """Throw all out, and take every connection before they come back."""
    with ExitStack() as held:
        throw_out(durable)
        while True:
            try:
                held.enter_context(psycopg.connect(libpq(durable)))
            except psycopg.OperationalError:
                break
        time.sleep(HELD)


def libpq(durable: servers.Server) -> str:
    return databases.libpq(make_url(durable.url))


@pytest.mark.timeout(size(120, 1800))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
@pytest.mark.parametrize("fault", [restart, crash, throw_out, exhaust])
def test_a_database_that_goes_away_mid_send_loses_nobody(
    scene: Scene, durable: servers.Server, figures: Figures, fault: Fault
) -> None:
    """F-05; Postal #697, #2631: no connection to be had, and the workers went round in circles."""
    scene.sink.order(delay=0.01)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    db.engine.dispose()
    scene.hire(2)
    for _ in range(TIMES):
        scene.more(scene.chance.randint(20, READERS // (TIMES * 3)))
        fault(durable)
    seconds = scene.finish(MOST_SECONDS)
    assert all(member.is_alive for member in scene.members)
    losses = TIMES * len(scene.members)
    books = scene.judge(Allowed(kills=losses, connections=scene.connections))
    figures(faults=TIMES, unknown=books.states()["unknown"], seconds_to_the_end=seconds)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_no_transaction_is_open_while_the_relay_thinks(
    scene: Scene, durable: servers.Server, figures: Figures
) -> None:
    """F-05; Postal #697: connections that waited for a relay were missing everywhere else."""
    scene.sink.order(delay=1.0)
    scene.crowd(f"reader{number}@example.org" for number in range(4 * scene.connections))
    scene.send()
    scene.hire()
    scene.more(1)
    idle = (
        "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        " AND clock_timestamp() - state_change > interval '200 ms'"
    )
    looks: list[int] = []
    with psycopg.connect(libpq(durable), autocommit=True) as connection:
        while scene.status() == "running":
            row = connection.execute(idle).fetchone()
            looks.append(row[0] if row else 0)
            time.sleep(0.1)
    assert set(looks) == {0}
    scene.judge(Allowed())
    figures(looks=len(looks))
