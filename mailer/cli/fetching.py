"""``mailer letters``: the letters that readers write to us by mail."""

import click
from flask import Flask

from mailer import mailroom
from mailer.cli.answers import Unusable
from mailer.cli.within import with_app
from mailer.delivery.seed_mailbox import Unreadable


@click.group()
def letters() -> None:
    """Letters that readers write to us by mail."""


@letters.command()
@with_app
def fetch(app: Flask) -> None:
    """Take all letters out of MAILER_LETTERS_MAILBOX, once.

    A letter is in the database before it is marked as taken: in a Maildir it goes from new to
    cur, in an IMAP folder to the folder Taken below it. The worker reads it: run ``mailer run``,
    or ``mailer work``, which also fetches by itself, every minute.
    """
    try:
        taken = mailroom.take_in(app)
    except mailroom.NoMailbox as error:
        raise Unusable(
            "Set MAILER_LETTERS_MAILBOX to maildir:/path or imaps://user:password@host/folder."
        ) from error
    except Unreadable as error:
        raise Unusable(f"The mailbox cannot be read. {error}") from error
    told = "One letter was" if taken.letters == 1 else f"{taken.letters} letters were"
    click.echo(f"{told} taken from {taken.place}.")
