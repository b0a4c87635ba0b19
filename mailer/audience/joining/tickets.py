"""The ticket in a form: when the form was shown, and perhaps for which mailbox it was filled in."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from mailer import tokens
from mailer.audience.joining import proofs
from mailer.tokens import BadToken, Keys, Purpose

# Machines answer at once, people read first. Who comes back after lunch gets a fresh ticket.
QUICKEST = timedelta(seconds=2)
LONGEST = timedelta(hours=2)
# What a browser without scripts gives in place of a proof: a minute, for this one address.
PATIENCE = timedelta(minutes=1)


class Verdict(StrEnum):
    """What to do with a form that was sent; everything but ``good`` asks for another press."""

    good = "good"
    stale = "stale"
    quick = "quick"
    unproved = "unproved"


class Ticket(NamedTuple):
    """``mailbox`` is a part of the mailbox's fingerprint, 0 when the form was still empty."""

    issued: datetime
    mailbox: int


class Sent(NamedTuple):
    """What came with a form beside what the visitor typed."""

    ticket: str
    proof: str = ""


def issue(keys: Keys, now: datetime, mailbox_key: bytes | None = None) -> str:
    """Return a ticket for an empty form, or for one that is shown again for this mailbox."""
    return tokens.signed(keys, Purpose.form, (part(mailbox_key), int(now.timestamp())))


def read(keys: Keys, text: str, now: datetime) -> Ticket | None:
    """Return a ticket that was issued here and still holds, or None."""
    try:
        mailbox, issued = tokens.read(keys, Purpose.form, text)
    except BadToken:
        return None
    at = datetime.fromtimestamp(issued, now.tzinfo)
    return Ticket(at, mailbox) if at <= now <= at + LONGEST else None


def verdict(
    keys: Keys, now: datetime, mailbox_key: bytes, sent: Sent, *, is_strained: bool
) -> Verdict:
    """Judge a form that was sent. Nothing here knows whose address it is."""
    ticket = read(keys, sent.ticket, now)
    if ticket is None or ticket.mailbox not in {0, part(mailbox_key)}:
        return Verdict.stale
    if now < ticket.issued + QUICKEST:
        return Verdict.quick
    has_waited = bool(ticket.mailbox) and now >= ticket.issued + PATIENCE
    if is_strained and not has_waited and not proofs.holds(keys, now, mailbox_key, sent.proof):
        return Verdict.unproved
    return Verdict.good


def renewed(keys: Keys, now: datetime, mailbox_key: bytes, text: str) -> str:
    """Return the ticket for a form that is shown again: time that was waited is not lost."""
    ticket = read(keys, text, now)
    if ticket is not None:
        is_young = ticket.mailbox == 0 and now < ticket.issued + QUICKEST
        if is_young or ticket.mailbox == part(mailbox_key):
            return text
    return issue(keys, now, mailbox_key)


def part(mailbox_key: bytes | None) -> int:
    return tokens.part(mailbox_key) if mailbox_key else 0
