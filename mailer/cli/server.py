"""Commands that run things: ``mailer run`` is a whole installation."""

import errno
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import click
import waitress
from flask import Flask

from config import Config
from mailer import clock, guard, inbox, schema
from mailer.accounts import signing_in, users
from mailer.cli import seed, work
from mailer.cli.answers import Unusable
from mailer.cli.within import application
from mailer.db import db

THREADS = 8
LOOPBACK = frozenset({"127.0.0.1", "localhost"})


@click.command()
@click.pass_context
def run(ctx: click.Context) -> None:
    """Serve the pages, and keep a process beside them that sends and keeps the time.

    Brings the database up to date first. In development it also fills an empty one with made-up
    data and receives all mail in the development inbox. With MAILER_REDIS_URL set, the other
    process is left to ``dramatiq wsgi:broker``.
    """
    signal.signal(signal.SIGTERM, stop)
    app = application(ctx)
    config: Config = app.extensions["config"]
    with ExitStack() as parts:
        parts.enter_context(alone(config.data_dir))
        server = listening(app, config)
        parts.callback(server.close)
        upgrade_database(app)
        lines = begun(app, config)
        for part in background(app, config):
            parts.enter_context(part)
        click.echo("\n".join(lines))
        sys.stdout.flush()
        server.run()


@click.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring the database up to date; does nothing when it is."""
    upgrade_database(application(ctx))
    click.echo("The database is up to date.")


def upgrade_database(app: Flask) -> None:
    """Run the migrations; of two processes on one data directory the second waits.

    A database that was put back also hears of the refusals that this machine remembers.
    """
    lock = app.extensions["config"].data_dir / "upgrade.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        schema.upgrade(app)
        with app.app_context():
            guard.recall()


def stop(number: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C: waitress knows no SIGTERM, and the worker must be waited for."""
    del number, frame
    raise SystemExit(0)


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for this process; two would tick and send for each other."""
    with (data_dir / "run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unusable(
                f"Another `mailer run` already uses {data_dir}. Stop it, or set MAILER_DATA_DIR."
            ) from error
        yield


def listening(app: Flask, config: Config) -> Any:  # noqa: ANN401 - waitress has no types
    """Return a server that holds its port and does not answer yet."""
    try:
        return waitress.create_server(
            app,
            host=config.host,
            port=config.port,
            threads=THREADS,
            ident=None,
            # ProxyFix reads these headers, and only when it was told how many proxies there are.
            clear_untrusted_proxy_headers=not config.proxy_hops,
        )
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}:
            raise
        raise Unusable(
            f"Port {config.port} on {config.host} cannot be used ({why(error)}). "
            "Stop what uses it, or set MAILER_PORT to another."
        ) from error


def why(error: OSError) -> str:
    return os.strerror(error.errno or 0)


def begun(app: Flask, config: Config) -> list[str]:
    """Seed a fresh development database and return what to tell the person at the terminal."""
    lines = [f"Mailer is at {config.public_url}"]
    with app.app_context():
        session, now = db.session(), clock.now()
        if config.is_development:
            seed.sow(session, app.extensions["site"], now)
        owners = users.owners(session)
        if not owners:
            lines.append("Nobody owns it yet: mailer user add you@example.com --role owner")
        elif config.is_development:  # elsewhere a link on the terminal would end up in a log
            url = signing_in.link(session, app.extensions["site"], owners[0], now)
            lines.append(f"Sign in as {owners[0].email}, once, within the hour: {url}")
            lines.append(f"Mail reaches nobody; it is kept at {config.public_url}/inbox/")
        session.commit()
    return lines


def background(app: Flask, config: Config) -> Iterator[Any]:
    """Yield what runs beside the server, inbox and worker, each a context manager."""
    first = urlsplit(config.smtp_url.partition(" ")[0])
    if config.is_development and first.hostname in LOOPBACK:
        yield inbox_on(first.port or 25, config.inbox_dir)
    if config.redis_url is None:
        yield work.beside(app.extensions["broker"])


@contextmanager
def inbox_on(port: int, directory: Path) -> Iterator[None]:
    with ExitStack() as parts:
        try:
            parts.enter_context(inbox.receiving(directory, port))
        except OSError as error:
            raise Unusable(
                f"Port {port} of the development inbox cannot be used ({why(error)}). "
                "Stop what uses it, or set MAILER_SMTP_URL=smtp://127.0.0.1:<another port>."
            ) from error
        yield
