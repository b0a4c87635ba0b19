"""The database: one engine, one session, one UTC column type, and how SQLite begins."""

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

# How long (s) a writer waits for SQLite's lock, and how often it asks. SQLite's own patience naps
# longer and longer, up to 0.1 s: who had waited long was overtaken by who came just now.
PATIENCE, NAP = 30.0, 0.001
BUSY_TIMEOUT = "PRAGMA busy_timeout=30000"  # ms; for waits of any other kind, which are rare
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite drops zones, so they are put back on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The models' base; plain SQLAlchemy, so that the domain knows no Flask."""

    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime()},
    )
    # SQLite would otherwise give an erased reader's number to the next one, and with it the
    # erased reader's links.
    __table_args__: Any = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own form


Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def primary_key() -> Mapped[int]:
    return mapped_column(Id, primary_key=True)


class RoutedSession(FlaskSession):
    """A session whose safe requests (GET, HEAD, OPTIONS) run in read-only transactions.

    That GET changes nothing is thereby the database's word, not only the tests'; and on SQLite
    a page that only reads does not wait for the write lock.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        super().__init__(*args, **kwargs)
        self.reading: dict[Engine, Engine] = {}

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:  # noqa: ANN401
        bind = super().get_bind(*args, **kwargs)
        if isinstance(bind, Engine) and has_request_context() and only_reads():
            return self.only_reading(bind)
        return bind

    def only_reading(self, engine: Engine) -> Engine:
        """Return the engine whose transactions only read, the same one each time.

        A session opens a connection for each engine that it meets: a new engine for every
        statement would empty the pool within a single page.
        """
        if engine not in self.reading:
            options = {"read_only": True, "postgresql_readonly": True}
            self.reading[engine] = engine.execution_options(**options)
        return self.reading[engine]


def only_reads() -> bool:
    """Tell whether the request at hand may change nothing: by its method, or by its view's word."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in SAFE_METHODS or getattr(view, "reads_only", False)


db = SQLAlchemy(model_class=Base, session_options={"class_": RoutedSession})


@event.listens_for(Engine, "connect")
def prepare(connection: Any, record: Any) -> None:  # noqa: ANN401 - drivers share no type
    del record
    if type(connection).__module__ != "sqlite3":
        return
    # The driver's own transactions begin too late and lose updates; ours begin in `begin`.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # a committed opt-out survives a power cut
        "foreign_keys=ON",
        "recursive_triggers=ON",  # INSERT OR REPLACE deletes, and the ledgers forbid that
        "secure_delete=ON",  # what is erased is overwritten
        "cache_size=-64000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(BUSY_TIMEOUT)


@event.listens_for(Engine, "begin")
def begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
    if read_only:
        connection.exec_driver_sql("BEGIN")
    else:
        # A deferred transaction that later writes fails at once with "database is locked";
        # one that takes the write lock at its start waits its turn.
        take_write_lock(connection)


def take_write_lock(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the only driver of this dialect
    driver.execute("PRAGMA busy_timeout=0")
    try:
        until = time.monotonic() + PATIENCE
        while not has_begun(driver) and time.monotonic() < until:
            time.sleep(NAP)
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises what SQLAlchemy makes of it
    finally:
        driver.execute(BUSY_TIMEOUT)


def has_begun(driver: sqlite3.Connection) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


def clock_of(session: Session, now: datetime) -> Callable[[], datetime]:
    """Return a clock set by the database's, which goes on by itself and never jumps.

    Machines whose own clocks differ thereby agree on leases and on what is due. A database
    without a clock, which is on this machine, is given ``now``.
    """
    began = now
    if session.get_bind().dialect.name == "postgresql":
        moment = sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))
        began = session.scalars(sa.select(moment)).one()
    at = time.monotonic()
    return lambda: began + timedelta(seconds=time.monotonic() - at)
