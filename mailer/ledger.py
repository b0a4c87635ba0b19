"""Hash chains: each entry of a ledger seals the one before it, so a changed row shows."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.db import primary_key

GENESIS = "0" * 64


class Entry:
    """What a ledger adds to its own columns; its hash covers ``sealed()``."""

    id: Mapped[int] = primary_key()
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)

    def sealed(self) -> dict[str, object]:
        raise NotImplementedError


def append(session: Session, entries: Iterable[Entry]) -> None:
    """Seal the entries, in order, after the last one of their table and add them.

    One writer at a time: PostgreSQL holds a lock until the transaction ends, SQLite's
    transactions are exclusive already.
    """
    rows = list(entries)
    if not rows:
        return
    table = sa.inspect(type(rows[0])).local_table
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(table.name.encode()).digest()[:7])
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
    last = sa.select(table.c.hash).order_by(table.c.id.desc()).limit(1)
    previous = session.scalar(last) or GENESIS
    for row in rows:
        row.previous_hash = previous
        row.hash = previous = seal(previous, row.sealed())
    session.add_all(rows)
    session.flush()


def seal(previous: str, values: dict[str, object]) -> str:
    """Return the SHA-256 (hex) over the previous hash and the canonical JSON of the values."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=spelled)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def spelled(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"a ledger cannot seal {type(value).__name__}")


def first_broken(session: Session, model: type[Entry]) -> int | None:
    """Return the id of the first entry whose seal does not hold, or None when all do."""
    previous = GENESIS
    for row in session.scalars(sa.select(model).order_by(model.id)):
        if row.previous_hash != previous or row.hash != seal(previous, row.sealed()):
            return row.id
        previous = row.hash
    return None
