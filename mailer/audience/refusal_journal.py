"""Refusals kept outside of the database, so that a restored backup cannot forget them.

One line for each, appended and brought to the disk with the commit that put it in force. It names
nobody: a person is her keyed fingerprint there, as in the suppressions themselves. Nothing in it
ever lifts a refusal.
"""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mailer.audience.words import Scope

CHUNK = 64 * 1024


class Refused(NamedTuple):
    """One refusal that came into force ``at`` its time."""

    at: datetime
    scope: Scope
    scope_id: int
    reason: str
    address_key: bytes


def append(path: Path, installation: str, refused: Iterable[Refused]) -> None:
    """Add refusals of an installation; they are on the disk when this returns. Raises OSError."""
    # Each line begins with its end: a torn one before it, left by a power cut, spoils no other.
    text = "".join(f"\n{line(installation, one)}\n" for one in refused)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def line(installation: str, one: Refused) -> str:
    at, scope, scope_id, reason, key = one
    return json.dumps([installation, at.isoformat(), scope.value, scope_id, reason, key.hex()])


def latest(path: Path, installation: str, chunk: int = CHUNK) -> Iterator[list[Refused]]:
    """Return an installation's refusals in blocks, the latest first.

    Lines that cannot be read are passed over: they were being written when the power went.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        at, rest = file.seek(0, os.SEEK_END), b""
        while at:
            size = min(chunk, at)
            at -= size
            file.seek(at)
            first, *whole = (file.read(size) + rest).split(b"\n")
            rest = first if at else b""
            lines = whole if at else [first, *whole]
            yield [one for text in lines if (one := read(text, installation)) is not None]


def read(text: bytes, installation: str) -> Refused | None:
    try:
        whose, at, scope, scope_id, reason, key = json.loads(text)
        one = Refused(
            datetime.fromisoformat(at), Scope(scope), int(scope_id), str(reason), bytes.fromhex(key)
        )
    except (ValueError, TypeError):
        return None
    # A machine that only serves pages may not have known whose they were.
    return one if whose in {installation, ""} else None
