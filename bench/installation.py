"""One installation of the server tier for each measured send: its database, its worker processes.

PostgreSQL is as durable as in production: what it says it has written is on the disk.
"""

import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import environ as inherited
from pathlib import Path

import psycopg
import redis
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url

from bench import audience
from config import ROOT, Config
from mailer import clock
from mailer.app import create_app
from mailer.db import db
from tests import servers
from tests.databases import PostgresqlDatabases, libpq
from tests.servers import Server

PROCESSES = 2
PATIENCE = 60.0
READY = "Worker process is ready for action."
POSTGRESQL = (*servers.DURABLE, "shared_buffers=256MB", "max_wal_size=4GB")


class NotReady(Exception):  # noqa: N818 - errors are named for the situation
    """Something did not start or end in time; the message holds what it said."""


@dataclass
class Ground:
    """What all sends of a bench share: the servers, the keys, and the databases with readers."""

    postgresql: Server
    valkey: Server
    databases: PostgresqlDatabases
    crowds: dict[int, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(
        default_factory=lambda: {
            "MAILER_SECRET_KEY": secrets.token_hex(32),
            "MAILER_SUPPRESSION_KEY": secrets.token_hex(32),
        }
    )

    def database(self, people: int) -> str:
        """Return the URL of a new database with a draft and so many readers."""
        if people not in self.crowds:
            self.crowds[people] = url = self.databases.migrated()
            with tempfile.TemporaryDirectory() as folder:
                app = create_app(self.config(Path(folder), url, "smtp://127.0.0.2:9", 1))
                with app.app_context():
                    audience.draft(db.session(), clock.now())
                    audience.crowd(db.session(), app.extensions["site"], people, clock.now())
                    db.session.remove()
                    db.engine.dispose()
            self.ask(url, sql.SQL("VACUUM ANALYZE"))
        made = self.databases.create(make_url(self.crowds[people]).database)
        self.ask(made, sql.SQL("CHECKPOINT"))
        return made

    def drop(self, url: str) -> None:
        name = sql.Identifier(str(make_url(url).database))
        self.databases.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        self.databases.made.remove(str(make_url(url).database))

    def ask(self, url: str, statement: sql.SQL) -> None:
        with psycopg.connect(libpq(make_url(url)), autocommit=True) as connection:
            connection.execute(statement)

    def environment(self, folder: Path, url: str, smtp: str, connections: int) -> dict[str, str]:
        return {
            "PATH": inherited["PATH"],
            "PYTHONPATH": str(ROOT),
            "MAILER_ENV": "development",
            "MAILER_DATA_DIR": str(folder),
            "MAILER_DATABASE_URL": url,
            "MAILER_REDIS_URL": self.valkey.url,
            "MAILER_SMTP_URL": smtp,
            "MAILER_CONNECTIONS": str(connections),
            "MAILER_PUBLIC_URL": "https://news.juniperlane.example.com",
            **self.keys,
        }

    def config(self, *given: object) -> Config:
        return Config.from_environ(self.environment(*given))  # type: ignore[arg-type]


@contextmanager
def ground() -> Iterator[Ground]:
    """Start the servers, and stop them afterwards."""
    postgresql = servers.start_postgresql(POSTGRESQL)
    try:
        valkey = servers.start_valkey()
        try:
            yield Ground(postgresql, valkey, PostgresqlDatabases(postgresql.url, "bench"))
        finally:
            valkey.stop()
    finally:
        postgresql.stop()


@dataclass(frozen=True)
class Installation:
    """An application on a database with readers, and the process that leads its senders."""

    app: Flask
    senders: "subprocess.Popen[bytes]"
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def installed(ground: Ground, people: int, smtp: str, connections: int) -> Iterator[Installation]:
    """Install, with so many connections to the relay of all processes together."""
    with redis.Redis.from_url(ground.valkey.url) as client:
        client.flushall()
    url = ground.database(people)
    try:
        with tempfile.TemporaryDirectory() as name:
            given = ground.environment(Path(name), url, smtp, connections // PROCESSES)
            app = create_app(Config.from_environ(given))
            with app.app_context(), senders(given, Path(name) / "log") as process:
                try:
                    yield Installation(app, process, Path(name) / "log")
                finally:
                    db.session.remove()
                    db.engine.dispose()
    finally:
        ground.drop(url)


@contextmanager
def senders(given: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the processes that send, as an installation does; yield once they are ready."""
    words = ["-m", "dramatiq", "wsgi:broker", "--processes", str(PROCESSES)]
    with (
        log.open("wb") as file,
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *words],
            cwd=ROOT,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            preexec_fn=servers.dying_with_parent(signal.SIGTERM),  # noqa: PLW1509
        ) as process,
    ):
        try:
            await_ready(process, log)
            yield process
        finally:
            end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def await_ready(process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while (said := log.read_text(errors="replace")).count(READY) < PROCESSES:
        if process.poll() is not None or time.monotonic() > until:
            raise NotReady(said)
        time.sleep(0.05)
