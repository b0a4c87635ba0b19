"""What the faults happen to: durable servers of their own, a relay that remembers, a scene."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer.audience.models import MailingList
from tests import databases, servers
from tests.conftest import ConfigFor, Tier
from tests.faults import size
from tests.faults.scene import Scene, cleared
from tests.sink import running
from tests.sink.running import RunningSink

CONNECTIONS = 4


@pytest.fixture(scope="session")
def durable() -> Iterator[servers.Server]:
    """A PostgreSQL that writes to the disk what it says it wrote; tests may end and begin it."""
    server = servers.start_postgresql(servers.DURABLE)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgresql(durable: servers.Server, worker: str) -> databases.PostgresqlDatabases:
    return databases.PostgresqlDatabases(durable.url, f"faults_{worker}")


@pytest.fixture
def postgresql_url(postgresql: databases.PostgresqlDatabases) -> str:
    """A migrated, empty database that nobody else has seen."""
    return postgresql.migrated()


@pytest.fixture
def valkey() -> Iterator[servers.Server]:
    """A Valkey that tests may end and begin."""
    server = servers.start_valkey()
    yield server
    server.stop()


@pytest.fixture
def redis_url(valkey: servers.Server) -> str:
    return valkey.url


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[RunningSink]:
    """The relay: what it took is on the disk before it says so."""
    with running.running(tmp_path / "sink") as sink:
        yield sink


@pytest.fixture
def config(tier: Tier, config_for: ConfigFor, sink: RunningSink) -> Config:
    return config_for(
        tier.database_url,
        redis_url=tier.redis_url,
        smtp_url=sink.url,
        connections=CONNECTIONS,
        relay_timeout=30,
    )


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Random:
    """Chance that FAULT_SEED repeats, for each test its own."""
    print(f"FAULT_SEED={size.SEED}")  # noqa: T201 - shown when the test fails
    return Random(f"{size.SEED} {request.node.name}")  # noqa: S311 - no secret


@pytest.fixture
def scene(
    app: Flask,
    session: Session,
    letters: MailingList,
    sink: RunningSink,
    tmp_path: Path,
    chance: Random,
) -> Iterator[Scene]:
    with cleared(Scene(app, session, letters, sink, tmp_path, chance)) as scene:
        scene.connections = CONNECTIONS
        yield scene


Figures = Callable[..., None]


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """``figures(unknown=3, seconds=1.5)`` puts measured values into the table at the end."""

    def note(**values: object) -> None:
        for name, value in values.items():
            shown = f"{value:.3g}" if isinstance(value, float) else str(value)
            record_property(name.replace("_", " "), shown)

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each fault: what was measured."""
    lines = [
        f"  {report.nodeid.rpartition('::')[2]:<75} {report.duration:5.1f} s  "
        + ", ".join(f"{name} {value}" for name, value in report.user_properties)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call" and "tests/faults/" in report.nodeid
    ]
    if lines:
        terminalreporter.section(f"faults, FAULT_SEED={size.SEED}")
        terminalreporter.write_line("\n".join(sorted(lines)))
