"""Commands about data: hand it out, and erase it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from flask import Flask

from mailer import clock, desk
from mailer.accounts import audit
from mailer.audience.models import Subscriber
from mailer.cli.answers import Unusable
from mailer.cli.people import the_list, the_reader
from mailer.cli.within import ACTOR, named_actor, with_app
from mailer.db import db
from mailer.delivery import biography
from mailer.privacy import access, erasure, people, reasons, waiting
from mailer.privacy.handover import orders
from mailer.privacy.keeping.models import Hold
from mailer.privacy.requests import endings
from mailer.privacy.requests.answering import Act
from mailer.privacy.requests.words import Way


@click.command()
@click.argument("email")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@with_app
def export(app: Flask, email: str, file: Path, reason: str) -> None:
    """Write everything kept about one person to FILE, a zip to hand to her."""
    hand_out(app, email, file, reason)


@click.command("export-person")
@click.argument("email")
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@click.option("--file", type=click.Path(path_type=Path), help="Write it there instead.")
@with_app
def export_person(app: Flask, email: str, reason: str, file: Path | None) -> None:
    """Mail a person the link to her archive: it works once, for some days."""
    if file is not None:
        hand_out(app, email, file, reason)
        return
    session, now = db.session(), clock.now()
    found = the_reader(session, app.extensions["site"], email)
    why = checked(reason, found)
    number = orders.order(session, now, found.id).id
    subject = biography.subject(found.id)
    audit.record(session, now, ACTOR, "privacy.archive_promised", subject, reason=why)
    session.commit()
    app.extensions["bell"].send_archive(number)
    click.echo("The archive is being made. The link to it goes to the reader's own mailbox.")


def hand_out(app: Flask, email: str, file: Path, reason: str) -> None:
    """Write a person's archive to a new file, and note it."""
    session, now, site = db.session(), clock.now(), app.extensions["site"]
    found = the_reader(session, site, email)
    why = checked(reason, found)
    content = access.archive(session, site, found, now, desk.settings().relays)
    with fresh(file) as out:
        out.write(content)
        subject = biography.subject(found.id)
        audit.record(session, now, named_actor(), "privacy.export_person", subject, reason=why)
        session.commit()
    click.echo(f"Wrote {file}. Only you can read it; hand it to {found.email} and to nobody else.")


def checked(reason: str, about: Subscriber | None = None) -> str:
    """Return the reason as the audit log keeps it; raises Unusable."""
    try:
        return reasons.reason(reason, about)
    except reasons.BadReason as error:
        raise Unusable(str(error)) from error


@click.command()
@click.argument("email")
@click.option("--reason", default="", help="Why, without the address; the audit log keeps it.")
@click.option("--child", is_flag=True, help="She is under 13, as you have come to know: no reason.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_app
def erase(app: Flask, email: str, reason: str, child: bool, yes: bool) -> None:  # noqa: FBT001 - flags
    """Erase one person; a keyed fingerprint stays, so that no mail reaches her."""
    session = db.session()
    site = app.extensions["site"]
    found = the_reader(session, site, email)
    spelled = found.email
    if not yes:
        session.rollback()  # while a person thinks, nobody waits for the database
        click.confirm(f"Erase {email}? This cannot be undone.", abort=True)
        found = the_reader(session, site, email)
    try:
        told = endings.announce(session, site, desk.where(), found, clock.now())
        why = erasure.CHILD if child else reason
        erasure.erase(session, found, clock.now(), ACTOR, reason=why)
    except (reasons.BadReason, erasure.AlreadyErased) as error:
        raise Unusable(str(error) or "She was erased a moment ago.") from error
    except erasure.OnHold as error:
        session.rollback()
        raise Unusable(f"{error} {let_wait(app, email, error.hold)}") from error
    session.commit()
    desk.sweep(spelled)
    click.echo(
        "Erased. In a backup from before, she is erased once it is restored on this machine."
    )
    if told:
        click.echo(told)


def let_wait(app: Flask, email: str, hold: Hold) -> str:
    """Let a person's requests for erasure wait for the end of a hold; return what became of it."""
    session, site = db.session(), app.extensions["site"]
    act = Act(session, clock.now(), site, desk.where(), ACTOR, Way.mail)
    asked = waiting.begin(act, the_reader(session, site, email), hold)
    session.commit()
    if not asked:
        return "Nobody has asked for this erasure, so nothing was changed."
    numbers = ", ".join(str(one.id) for one in asked)
    return (
        f"Her request {numbers} waits for its end: all mail to her is stopped, her data is "
        "restricted, and a mail tells her why."
    )


@click.command("export-list")
@click.argument("list_name", metavar="LIST")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="Who gets it and why; the audit log keeps it.")
@click.option("--raw", is_flag=True, help="Leave cells that begin like a formula as they are.")
@with_app
def export_list(app: Flask, list_name: str, file: Path, reason: str, raw: bool) -> None:  # noqa: FBT001
    """Write LIST to FILE as CSV, without those who unsubscribed or may not be mailed."""
    del app
    session = db.session()
    mailing_list = the_list(session, list_name)
    why = checked(reason)
    counted = people.tally(session, mailing_list.id)
    with fresh(file) as out:
        out.writelines(people.of_list(session, mailing_list.id, raw=raw))
        kept = f"{why} ({counted.note()})"[: reasons.LONGEST]
        subject = f"list {mailing_list.id}"
        audit.record(
            session, clock.now(), named_actor(), "privacy.export_list", subject, reason=kept
        )
        session.commit()
    click.echo(f"Wrote {file}: {counted.note()}.")


@contextmanager
def fresh(file: Path) -> Iterator[IO[bytes]]:
    """Open a new file that its owner alone can read; what exists is never overwritten.

    When the block fails, the file goes too.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Unusable(f"{file} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
    except BaseException:
        file.unlink()
        raise
