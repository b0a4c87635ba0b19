"""``mailer lmtp`` takes letters from the mail server of this machine and keeps them."""

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from threading import Event, Thread

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from config import Config
from mailer import lmtp, mailroom
from mailer.cli.answers import Unusable
from mailer.cli.within import application
from mailer.delivery.intake import Way
from mailer.environment import LARGEST_PORT, BadConfig

LOG = logging.getLogger(__name__)
FAREWELLS = frozenset({signal.SIGINT, signal.SIGTERM})


@click.command("lmtp")
@click.pass_context
def receive(ctx: click.Context) -> None:
    """Take letters by LMTP at MAILER_LMTP, until SIGTERM or Ctrl-C.

    A letter is in the database before the mail server is told that it was taken. The worker reads
    it: run ``mailer run``, or ``mailer work``, as well.
    """
    # Before any thread begins: none of them shall be interrupted, and this one waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, FAREWELLS)
    app = application(ctx)
    config: Config = app.extensions["config"]
    host, port = place(config.lmtp)

    def keep(mail_from: str, recipient: str, raw: bytes) -> None:
        mailroom.kept(app, mail_from, recipient, raw)

    with ExitStack() as parts:
        try:
            parts.enter_context(lmtp.receiving(keep, host, port))
        except OSError as error:
            raise Unusable(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                "Stop what uses it, or set MAILER_LMTP to another."
            ) from error
        click.echo(f"Letters are taken by LMTP at {host}, port {port}.")
        sys.stdout.flush()
        parts.enter_context(saying_well(app))
        signal.sigwait(FAREWELLS)


@contextmanager
def saying_well(app: Flask) -> Iterator[None]:
    """Say each minute that the door is open, for as long as the block lasts."""
    over = Event()

    def go_on() -> None:
        say_well(app)
        while not over.wait(mailroom.EVERY.total_seconds()):
            say_well(app)

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def say_well(app: Flask) -> None:
    """Note that the door is open, as well as a letter could be kept; without a database, not."""
    try:
        mailroom.note(app, Way.lmtp)
    except SQLAlchemyError:
        LOG.warning("The database cannot be reached; letters stay with the mail server.")


def place(text: str) -> tuple[str, int]:
    """Return the address and the port to listen at; raises BadConfig."""
    host, _, port = text.rpartition(":")
    try:
        found = str(ip_address(host.strip("[]"))), int(port)
    except ValueError:
        found = "", 0
    if not 1 <= found[1] <= LARGEST_PORT:
        raise BadConfig(
            "MAILER_LMTP must be an address and a port, such as 127.0.0.1:8024 or [::1]:8024."
        )
    return found
