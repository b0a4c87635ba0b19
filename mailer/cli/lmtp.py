"""``mailer lmtp`` takes letters from the mail server of this machine and keeps them."""

import signal
import sys
from contextlib import ExitStack
from ipaddress import ip_address

import click
from flask import Flask

from config import Config
from mailer import clock, lmtp
from mailer.cli.answers import Unusable
from mailer.cli.within import application
from mailer.db import db
from mailer.environment import LARGEST_PORT, BadConfig
from mailer.privacy.letters import post

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
        kept(app, mail_from, recipient, raw)

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
        signal.sigwait(FAREWELLS)


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


def kept(app: Flask, mail_from: str, recipient: str, raw: bytes) -> None:
    """Keep a letter in a transaction of its own."""
    with app.app_context():
        post.keep(db.session(), clock.now(), mail_from, recipient, raw)
        db.session.commit()
