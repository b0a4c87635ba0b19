"""What every test may ask for, by name.

A test gets SQLite; one that asks for ``database`` runs on SQLite and on PostgreSQL, one that
asks for ``tier`` runs embedded and on PostgreSQL with Redis. Everything else hangs on ``app``.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from config import Config
from mailer import tokens
from mailer.accounts.models import Role, User
from mailer.app import create_app
from mailer.audience.models import MailingList, Sender, Subscriber, Subscription
from mailer.audience.words import SubscriptionStatus
from mailer.db import db
from mailer.links import Site
from tests import databases, servers, thrift, tripwire
from tests.browser import Watch, serving
from tests.browser import running as running_browser
from tests.relays import RudeRelay, Sink, running_rude_relay, running_sink
from tests.visitors import Visitor

pytest_plugins = ("tests.sampling",)
PASSWORD = "correct horse battery staple"
STARTERS = {
    "TEST_DATABASE_URL": servers.start_postgresql,
    "TEST_REDIS_URL": servers.start_valkey,
}
started: dict[str, servers.Server] = {}


def server_url(name: str) -> str:
    """Return the URL of a server: one that was named from outside, or one started once."""
    if name not in os.environ:
        started[name] = STARTERS[name]()
        os.environ[name] = started[name].url
    return os.environ[name]


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once for all workers; without workers they start when first needed."""
    thrift.remember_statements()
    thrift.remember_builders()
    thrift.hash_cheaply()
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        try:
            for name in STARTERS:
                server_url(name)
        except servers.ServerMissing as error:
            raise pytest.UsageError(str(error)) from error


def pytest_unconfigure() -> None:
    for name, server in started.items():
        server.stop()
        del os.environ[name]
    started.clear()


def pytest_collection_finish() -> None:
    thrift.set_garbage_aside()


@pytest.fixture(autouse=True)
def no_way_out() -> Iterator[None]:
    """Fail any test that reaches for a machine other than this one."""
    with tripwire.stretched():
        yield


# The places: databases, queues, applications.


@pytest.fixture(scope="session")
def worker() -> str:
    """This worker's name: gw0, gw1, …, or main."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> databases.SqliteTemplate:
    return databases.SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql(worker: str) -> Iterator[databases.PostgresqlDatabases]:
    """The worker's PostgreSQL: ``create()`` and ``migrated()`` give further databases."""
    server = databases.PostgresqlDatabases(
        server_url("TEST_DATABASE_URL"), f"mailer_test_{os.getpid()}_{worker}"
    )
    yield server
    server.drop_all()


@pytest.fixture
def sqlite_url(sqlite_template: databases.SqliteTemplate, tmp_path: Path) -> str:
    """A migrated, empty SQLite database."""
    return sqlite_template.copy(tmp_path)


@pytest.fixture
def postgresql_url(postgresql: databases.PostgresqlDatabases) -> str:
    """A migrated, empty PostgreSQL database."""
    return postgresql.emptied()


@pytest.fixture
def redis_url(worker: str) -> str:
    """An empty Redis database (Valkey in truth)."""
    url = server_url("TEST_REDIS_URL")
    number = int(worker.removeprefix("gw")) if worker.startswith("gw") else 0
    own = f"{url.rsplit('/', 1)[0]}/{number}"
    with redis.Redis.from_url(own) as client:
        client.flushdb()
    return own


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database; whoever asks runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@dataclass(frozen=True)
class Tier:
    """How an installation runs: everything in one process, or on PostgreSQL and Redis."""

    database_url: str
    redis_url: str | None


@pytest.fixture(params=["embedded", "server"])
def tier(request: pytest.FixtureRequest) -> Tier:
    """The two ways to run; whoever asks runs once on each."""
    if request.param == "embedded":
        return Tier(request.getfixturevalue("sqlite_url"), None)
    return Tier(request.getfixturevalue("postgresql_url"), request.getfixturevalue("redis_url"))


ConfigFor = Callable[..., Config]


@pytest.fixture
def config_for(tmp_path: Path) -> ConfigFor:
    """``config_for(url, smtp_url=…)`` makes a development configuration; see databases.settings."""

    def make(database_url: str, **changes: object) -> Config:
        return databases.settings(tmp_path, database_url, **changes)

    return make


@pytest.fixture
def config(request: pytest.FixtureRequest, config_for: ConfigFor) -> Config:
    """The configuration of ``app``; a module may override it to change a setting."""
    if "tier" in request.fixturenames:
        tier: Tier = request.getfixturevalue("tier")
        return config_for(tier.database_url, redis_url=tier.redis_url)
    wanted = "database" if "database" in request.fixturenames else "sqlite_url"
    return config_for(request.getfixturevalue(wanted))


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates that were already compiled: every test has an application of its own."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(config: Config, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The application on an empty database."""
    app = create_app(config)
    app.jinja_env.bytecode_cache = compiled
    app.testing = True
    app.test_client_class = Visitor
    yield app
    with app.app_context():
        db.engine.dispose()
    app.extensions["broker"].close()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The session of the test itself, inside an application context.

    It is committed before each request of ``client``; domain tests commit when they mean to.
    """
    with app.app_context():
        yield db.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor; tests.visitors has ``sign_in`` and ``post``."""
    return app.test_client()


@pytest.fixture
def site(app: Flask) -> Site:
    """Makes readers' links, as the application does."""
    found: Site = app.extensions["site"]
    return found


# The time and the people.


@pytest.fixture
def now() -> datetime:
    """A Monday morning in the past; pages read the real clock."""
    return datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def hashed() -> dict[str, str]:
    """Hashes that were already made."""
    return {}


MakeUser = Callable[[str, str], User]


@pytest.fixture
def make_user(app: Flask, session: Session, now: datetime, hashed: dict[str, str]) -> MakeUser:
    """``make_user("alice", "owner")`` adds alice@example.com, whose password is PASSWORD."""

    def make(name: str, role_name: str) -> User:
        if not hashed:
            with app.test_request_context():
                hashed[PASSWORD] = hash_password(PASSWORD)
        role = session.query(Role).filter_by(name=role_name).first() or Role(name=role_name)
        user = User(
            email=f"{name}@example.com",
            name=name.title(),
            password=hashed[PASSWORD],
            fs_uniquifier=f"unique-{name}",
            roles=[role],
            created_at=now,
        )
        session.add(user)
        session.commit()
        return user

    return make


@pytest.fixture
def alice(make_user: MakeUser) -> User:
    """The owner."""
    return make_user("alice", "owner")


@pytest.fixture
def adam(make_user: MakeUser) -> User:
    """The admin."""
    return make_user("adam", "admin")


@pytest.fixture
def bob(make_user: MakeUser) -> User:
    """The marketer."""
    return make_user("bob", "marketer")


@pytest.fixture
def vera(make_user: MakeUser) -> User:
    """The viewer."""
    return make_user("vera", "viewer")


@pytest.fixture
def sender(session: Session, now: datetime) -> Sender:
    """A sender whose record is complete."""
    sender = Sender(
        legal_name="Harbor Press LLC",
        from_name="Harbor Letters",
        from_address="letters@harbor.example.com",
        reply_to="desk@harbor.example.com",
        address_lines="120 W Main St",
        city="Springfield",
        region="IL",
        postcode="62701",
        country="US",
        address_kind="street",
        attested_by="alice@example.com",
        attested_on=now.date(),
        ad_label="Advertisement",
        created_at=now,
    )
    session.add(sender)
    session.commit()
    return sender


@pytest.fixture
def letters(session: Session, sender: Sender, now: datetime) -> MailingList:
    """A public list with double opt-in."""
    letters = MailingList(
        public_id="letters", name="Harbor Letters", sender_id=sender.id, created_at=now
    )
    session.add(letters)
    session.commit()
    return letters


MakeReader = Callable[..., Subscriber]


@pytest.fixture
def make_reader(session: Session, site: Site, letters: MailingList, now: datetime) -> MakeReader:
    """``make_reader("rosa", status=…)`` adds rosa@example.org to ``letters``, confirmed."""

    def make(
        name: str, status: SubscriptionStatus = SubscriptionStatus.confirmed, **fields: object
    ) -> Subscriber:
        email = f"{name}@example.org"
        reader = Subscriber(
            email=email,
            address_key=tokens.fingerprint(site.keys, email),
            name=name.title(),
            created_at=now,
            updated_at=now,
            **fields,
        )
        confirmed_at = now if status is SubscriptionStatus.confirmed else None
        reader.subscriptions = [
            Subscription(
                list_id=letters.id, status=status, created_at=now, confirmed_at=confirmed_at
            )
        ]
        session.add(reader)
        session.commit()
        return reader

    return make


@pytest.fixture
def rosa(make_reader: MakeReader) -> Subscriber:
    """A reader of ``letters``, confirmed."""
    return make_reader("rosa")


# The mail.


@pytest.fixture
def smtp_sink() -> Iterator[Sink]:
    """A relay that keeps what it is given; ``smtp_sink.answer("RCPT", "450 4.2.1 Busy")``."""
    with running_sink() as sink:
        yield sink


@pytest.fixture
def rude_relay() -> Iterator[RudeRelay]:
    """A relay that hangs, closes or babbles: ``rude_relay.behaviour["message"] = HANG``."""
    with running_rude_relay() as relay:
        yield relay


# The browser.


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for each worker."""
    with running_browser() as browser:
        yield browser


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where ``app`` is served for a browser, such as http://127.0.0.1:40123."""
    with serving(app) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of its own; the test fails on console errors, missing parts and other hosts."""
    watch = Watch()
    with browser.new_context() as context:
        yield watch.over(context.new_page())
    assert not watch.faults
