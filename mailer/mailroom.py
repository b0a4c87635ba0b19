"""The mail room: letters are kept, whichever way they come in, and the ways in are watched."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from imaplib import IMAP4_SSL
from pathlib import Path
from typing import NamedTuple

from flask import Flask

from config import Config
from mailer import clock
from mailer.db import db
from mailer.delivery import intake, seed_mailbox
from mailer.delivery.intake import Way
from mailer.delivery.seed_mailbox import Imap, Mailbox, Maildir, Unreadable
from mailer.lmtp import LARGEST, Keep
from mailer.privacy.letters import post, reading

LOG = logging.getLogger(__name__)
TIMEOUT = 20.0  # s, for each answer of the mail server
# How often the mailbox is looked into, and the door says that it is open.
EVERY = timedelta(minutes=1)
# Beside the folder that letters come to. What lies there was taken.
ASIDE = "Taken"
DELIMITER = re.compile(rb'\([^()]*\) (?:"(\\?.)"|NIL) ')
# What a Maildir's names say of a message that was seen.
SEEN = ":2,S"


class Taken(NamedTuple):
    """How many letters were taken, and where from, in words without a password."""

    letters: int
    place: str


class NoMailbox(Exception):  # noqa: N818 - errors are named for the situation
    """No mailbox is named from which letters could be fetched."""


def take_in(app: Flask) -> Taken:
    """Fetch all letters, each in a transaction of its own, and note how that went.

    Safe to run anywhere, any number of times. Raises NoMailbox, and Unreadable with the reason.
    """
    config: Config = app.extensions["config"]
    if not config.letters_mailbox:
        raise NoMailbox
    mailbox = seed_mailbox.at(config.letters_mailbox, TIMEOUT)
    try:
        number = fetch(mailbox, lambda *given: kept(app, *given))
    except Unreadable as error:
        note(app, Way.mailbox, str(error))
        raise
    note(app, Way.mailbox)
    return Taken(number, str(mailbox.path) if isinstance(mailbox, Maildir) else mailbox.host)


def take_turn(app: Flask) -> None:
    """Fetch all letters if it is time, where a mailbox is named and no other process is at it."""
    config: Config = app.extensions["config"]
    if not config.letters_mailbox:
        return
    with app.app_context():
        is_ours = intake.take_turn(db.session(), Way.mailbox, clock.now(), EVERY)
        db.session.commit()
    if is_ours:
        try:
            take_in(app)
        except Unreadable as error:
            LOG.warning("Letters could not be fetched. %s", error)


def note(app: Flask, way: Way, fault: str = "") -> None:
    """Note that a way in is well, or why it is not."""
    with app.app_context():
        if fault:
            intake.failed(db.session(), way, fault, clock.now())
        else:
            intake.well(db.session(), way, clock.now())
        db.session.commit()


def kept(app: Flask, mail_from: str, recipient: str, raw: bytes) -> None:
    """Keep a letter in a transaction of its own, whichever way it came."""
    with app.app_context():
        post.keep(db.session(), clock.now(), mail_from, recipient, raw)
        db.session.commit()


def fetch(mailbox: Mailbox, keep: Keep) -> int:
    """Keep what lies in a mailbox, then mark it as taken; return how many letters; Unreadable."""
    found = of_maildir(mailbox.path) if isinstance(mailbox, Maildir) else of_imap(mailbox)
    number = 0
    for raw in found:
        keep(*reading.envelope(raw), raw)
        number += 1
    return number


def of_maildir(path: Path) -> Iterator[bytes]:
    """Yield each new message; who asks for the next one has kept it."""
    try:
        (path / "cur").mkdir(exist_ok=True)
        for file in sorted((path / "new").iterdir()):
            try:
                with file.open("rb") as opened:
                    raw = opened.read(LARGEST)
                yield raw
                file.rename(path / "cur" / f"{file.name.partition(':')[0]}{SEEN}")
            except FileNotFoundError:
                continue  # another process was at it, too
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error


def of_imap(mailbox: Imap) -> Iterator[bytes]:
    """Yield each message of the folder; who asks for the next one has kept it."""
    with mailbox.opened(is_changed=True) as server:
        aside = made_aside(server, mailbox)
        for uid in (server.uid("SEARCH", "ALL")[1][0] or b"").decode("ascii").split():
            # Read without a mark: whoever looks into the folder sees what is new there.
            asked = f"(BODY.PEEK[]<0.{LARGEST}>)"
            raw = seed_mailbox.literal(server.uid("FETCH", uid, asked))
            if raw is None:
                continue  # another process was at it, too
            yield raw
            if server.uid("MOVE", uid, aside)[0] != "OK":
                raise Unreadable(f"{mailbox.host} moves no letter to {aside}.")


def made_aside(server: IMAP4_SSL, mailbox: Imap) -> str:
    """Return the folder for what was taken, quoted; it is made when it is not there."""
    # Some servers tell only those who have signed in.
    if b"MOVE" not in b" ".join(filter(None, server.capability()[1])).upper().split():
        raise Unreadable(f"{mailbox.host} cannot move letters (RFC 6851); take them by LMTP.")
    folder = seed_mailbox.quoted(mailbox.folder)
    listed = server.list('""', folder)[1][0]
    found = DELIMITER.match(listed) if isinstance(listed, bytes) else None
    delimiter = found[1].decode("ascii").lstrip("\\") if found and found[1] else "/"
    aside = seed_mailbox.quoted(f"{mailbox.folder}{delimiter}{ASIDE}")
    server.create(aside)  # whether it was there before, or cannot be made, the first move tells
    return aside
