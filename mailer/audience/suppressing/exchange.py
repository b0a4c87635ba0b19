"""Many refusals at once: a file of addresses, or hashes agreed upon with a processor (R32)."""

import csv
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import addresses, departures, suppressions
from mailer.audience.models import Subscriber, Suppression
from mailer.audience.suppressions import Refusal
from mailer.audience.turning import incoming
from mailer.audience.words import Scope
from mailer.tokens import Keys

PORTION = 1000
HEAD = "# mailer/suppressed/1 hmac-sha256"
SHORTEST_KEY = 32


class BadFile(ValueError):  # noqa: N818 - errors are named for the situation
    """The file or the key is not what was agreed upon; the message says why."""


@dataclass(frozen=True)
class Listed:
    """Whom a file names, by normalised address; ``unusable`` are line numbers from 1."""

    found: frozenset[str]
    unusable: tuple[int, ...] = ()


def read(file: IO[str], *, test_environment: bool = False) -> Listed:
    """Read the address in the first cell of each line; a header or an empty line is no error.

    Some 100 microseconds for each: do it while no transaction is open.
    """
    found, unusable = set[str](), []
    for number, row in enumerate(csv.reader(file), 1):
        text = row[0].strip() if row else ""
        try:
            address = addresses.parsed(text, test_environment=test_environment)
        except addresses.BadAddress:
            if text and number > 1:
                unusable.append(number)
        else:
            found.add(address.normalised)
    return Listed(frozenset(found), tuple(unusable))


def take_in(
    session: Session, now: datetime, keys: Keys, found: Iterable[str], refusal: Refusal
) -> int:
    """Suppress all who were read; return for how many it is new. The caller commits once.

    Half a file in force would look like a whole one.
    """
    rows, new = iter(found), 0
    while portion := list(islice(rows, PORTION)):
        incoming.welcome(session, now, keys, portion)
        refused = {tokens.fingerprint(keys, address): refusal for address in portion}
        added = suppressions.suppress_all(session, now, refused)
        departures.void_links(session, list(added))
        new += len(added)
    return new


def agreed_key(text: str) -> bytes:
    """Return the key that two parties have agreed upon; raises BadFile when it can be guessed."""
    key = text.strip().encode()
    if len(key) < SHORTEST_KEY:
        raise BadFile(f"The agreed key must have at least {SHORTEST_KEY} characters.")
    return key


def hashed(key: bytes, normalised: str) -> str:
    return hmac.digest(key, normalised.encode(), hashlib.sha256).hex()


def hand_out(session: Session, key: bytes, sender_id: int) -> Iterator[str]:
    """Return the lines of a file for a processor of one sender: who must get none of its mail.

    Only people whose address is still known can be hashed with another key than ours.
    """
    yield HEAD
    refused = (
        sa.select(Suppression.id)
        .where(
            Suppression.address_key.in_([Subscriber.address_key, Subscriber.domain_key]),
            Suppression.lifted_at.is_(None),
            sa.or_(
                Suppression.scope.in_([Scope.everything, Scope.domain]),
                sa.and_(Suppression.scope == Scope.sender, Suppression.scope_id == sender_id),
            ),
        )
        .correlate(Subscriber)
        .exists()
    )
    for email in session.scalars(
        sa.select(Subscriber.email).where(refused), execution_options={"yield_per": PORTION}
    ):
        yield hashed(key, addresses.folded(email))


def matched(session: Session, key: bytes, lines: Iterable[str]) -> Listed:
    """Return the readers whose hash under the agreed key stands in a file; raises BadFile.

    Hashes of people who are no readers here are passed over: they could never be found again.
    """
    rows = iter(lines)
    if next(rows, "").strip() != HEAD:
        raise BadFile(f"The file must begin with the line: {HEAD}")
    wanted = {row.strip().lower() for row in rows if row.strip()}
    readers = sa.select(Subscriber.email)
    found = session.scalars(readers, execution_options={"yield_per": PORTION})
    known = map(addresses.folded, found)
    return Listed(frozenset(one for one in known if hashed(key, one) in wanted))
