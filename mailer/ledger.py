"""Hash chains: each entry of a ledger seals the one before it, so a changed row shows.

What a chain cannot show from inside is that its last entries are gone: what is left is a whole,
shorter chain. Whoever must be sure of them keeps ``head`` at another place and compares.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.db import primary_key

GENESIS = "0" * 64
BATCH = 500


class Entry:
    """What a ledger adds to its own columns; its hash covers ``sealed()``."""

    id: Mapped[int] = primary_key()
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)

    def sealed(self) -> dict[str, object]:
        raise NotImplementedError

    def is_whole(self, session: Session) -> bool:
        """Tell whether what is sealed only by its hash is there still, or rightly gone."""
        del session
        return True


def append(session: Session, entries: Iterable[Entry]) -> None:
    """Seal the entries, in order, after the last one of their table and add them.

    One writer at a time: PostgreSQL holds a lock until the transaction ends, SQLite's
    transactions are exclusive already.
    """
    rows = list(entries)
    if not rows:
        return
    previous = tip(session, type(rows[0]))
    for row in rows:
        row.previous_hash = previous
        row.hash = previous = seal(previous, row.sealed())
    session.add_all(rows)
    session.flush()


def tip(session: Session, model: type[Entry]) -> str:
    """Return the last hash of a ledger, and let nobody else append until the transaction ends."""
    table = sa.inspect(model).local_table
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(table.name.encode()).digest()[:7])
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
    last = sa.select(table.c.hash).order_by(table.c.id.desc()).limit(1)
    return session.scalar(last) or GENESIS


def seal(previous: str, values: dict[str, object]) -> str:
    """Return the SHA-256 (hex) over the previous hash and the canonical JSON of the values."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=spelled)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def evidence_hash(salt: str, evidence: dict[str, str]) -> str:
    """Return the salted SHA-256 (hex) that is sealed in place of evidence that may be erased."""
    text = json.dumps(evidence, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def spelled(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"a ledger cannot seal {type(value).__name__}")


def first_broken(session: Session, model: type[Entry]) -> int | None:
    """Return the id of the first entry whose seal does not hold, or None when all do.

    It reads what the database holds, some entries at a time. Entries that are missing at the
    end it cannot see: compare ``head``.
    """
    previous = GENESIS
    entries = sa.select(model).order_by(model.id)
    options = {"yield_per": BATCH, "populate_existing": True}
    with session.scalars(entries, execution_options=options) as found:
        for row in found:
            is_sealed = row.previous_hash == previous and row.hash == seal(previous, row.sealed())
            if not is_sealed or not row.is_whole(session):
                return row.id
            previous = row.hash
    return None


def head(session: Session, model: type[Entry]) -> tuple[int, str]:
    """Return the number of entries and the hash of the last one (GENESIS when there is none)."""
    last = sa.select(model.hash).order_by(model.id.desc()).limit(1)
    count = sa.select(sa.func.count()).select_from(model)
    return session.scalar(count) or 0, session.scalar(last) or GENESIS
