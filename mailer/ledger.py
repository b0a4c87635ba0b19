"""Hash chains: each entry of a ledger seals the one before it, so a changed row shows.

A chain may lose its first entries in time, where its model says so (``beginning``): an entry
further on holds how many went and their last seal, so that what is left is still one whole.

What a chain cannot show from inside is that its last entries are gone: what is left is a whole,
shorter chain. Whoever must be sure of them keeps ``head`` at another place and compares.

An entry is sealed when it is added (``append``), which lets one writer in at a time until its
transaction ends; or it is only added, and sealed by ``seal_waiting`` some seconds later, so that
thousands may write at once. Until then a change to it goes unnoticed, but nothing can be lost: it
is committed, and waits however often processes are killed.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from mailer.db import Id, primary_key

GENESIS = "0" * 64
BATCH = 500
# The clock seals every few seconds: what waits longer shows that none is running.
LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True)
class Beginning:
    """Where a chain begins: how many entries went before its first one, and their last seal."""

    count: int = 0
    seal: str = GENESIS


class Entry:
    """What a ledger adds to its own columns; its hash covers ``sealed()``.

    ``PLACE`` names the column by which the chain is ordered.
    """

    PLACE: ClassVar[str] = "id"

    id: Mapped[int] = primary_key()
    previous_hash: Mapped[str | None] = mapped_column(sa.String(64), nullable=False)
    hash: Mapped[str | None] = mapped_column(sa.String(64), nullable=False, unique=True)

    @classmethod
    def beginning(cls, session: Session) -> Beginning:
        """Return what lawfully went from the front of the chain."""
        del session
        return Beginning()

    def sealed(self) -> dict[str, object]:
        raise NotImplementedError

    def is_whole(self, session: Session) -> bool:
        """Tell whether what is sealed only by its hash is there still, or rightly gone."""
        del session
        return True


class Waiting(Entry):
    """An entry that may wait for its seal; ``position`` is its place in the chain from then on.

    Numbers are given when rows are added, and rows are committed in another order.
    """

    PLACE = "position"

    at: Mapped[datetime]
    position: Mapped[int | None] = mapped_column(Id, unique=True)
    previous_hash: Mapped[str | None] = mapped_column(sa.String(64))
    hash: Mapped[str | None] = mapped_column(sa.String(64))


@dataclass(frozen=True)
class Queue:
    """How many entries wait for their seal, and since when the one that waits longest."""

    count: int
    since: datetime | None

    def is_stuck(self, now: datetime) -> bool:
        return self.since is not None and now - self.since > LONGEST_WAIT


def append(session: Session, entries: Iterable[Entry]) -> None:
    """Seal the entries, in order, after the last one of their table and add them.

    One writer at a time: PostgreSQL holds a lock until the transaction ends, SQLite's
    transactions are exclusive already.
    """
    rows = list(entries)
    if not rows:
        return
    chain(session, type(rows[0]), rows)
    session.add_all(rows)
    session.flush()


def seal_waiting(session: Session, model: type[Waiting]) -> int:
    """Seal up to BATCH entries that wait, in the order of their numbers; return how many.

    One process at a time, by the lock of ``append``; the caller commits. Who is just being erased
    is passed over until the next time, for neither may wait for the other.
    """
    lock(session, model)
    rows = session.scalars(
        sa.select(model)
        .where(model.position.is_(None))
        .order_by(model.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    chain(session, model, rows)
    session.flush()
    return len(rows)


def waiting(session: Session, model: type[Waiting]) -> Queue:
    """Return what waits for its seal."""
    asked = sa.select(sa.func.count(), sa.func.min(model.at)).where(model.position.is_(None))
    return Queue(*session.execute(asked).one())


def chain(session: Session, model: type[Entry], rows: Sequence[Entry]) -> None:
    """Seal rows after the last one of their chain."""
    previous, at = tip(session, model)
    for number, row in enumerate(rows, at + 1):
        row.previous_hash = previous
        row.hash = previous = seal(previous, row.sealed())
        if isinstance(row, Waiting):
            row.position = number


def tip(session: Session, model: type[Entry]) -> tuple[str, int]:
    """Return the last hash of a chain and its place; nobody else may add until the commit."""
    lock(session, model)
    place = order(model)
    last = sa.select(model.hash, place).where(place.is_not(None)).order_by(place.desc()).limit(1)
    found = session.execute(last).one_or_none()
    return (str(found[0]), found[1]) if found else (GENESIS, 0)


def lock(session: Session, model: type[Entry]) -> None:
    if session.get_bind().dialect.name == "postgresql":
        name = sa.inspect(model).local_table.name
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7])
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def order(model: type[Entry]) -> InstrumentedAttribute[int]:
    column: InstrumentedAttribute[int] = getattr(model, model.PLACE)
    return column


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


def first_broken(session: Session, model: type[Entry], newest: int | None = None) -> int | None:
    """Return the id of the first entry whose seal does not hold, or None when all do.

    It reads what the database holds, some entries at a time; of only the ``newest`` entries it
    takes the first one's word for what came before. Entries that are missing at the end it cannot
    see: compare ``head``. Of those that wait for their seal it says nothing.
    """
    place = order(model)
    first = None if newest is None else first_of(session, model, newest)
    entries = sa.select(model).where(place.is_not(None)).order_by(place)
    if first is None:
        previous: str | None = model.beginning(session).seal
    else:
        previous = first.previous_hash
        entries = entries.where(place >= getattr(first, model.PLACE))
    options = {"yield_per": BATCH, "populate_existing": True}
    with session.scalars(entries, execution_options=options) as found:
        return broken_of(session, found, previous)


def broken_of(session: Session, rows: Iterable[Entry], previous: str | None) -> int | None:
    """Return the id of the first of some entries in a row whose seal does not hold, or None."""
    for row in rows:
        is_next = row.previous_hash == previous is not None
        is_sealed = is_next and row.hash == seal(str(previous), row.sealed())
        if not is_sealed or not row.is_whole(session):
            return row.id
        previous = row.hash
    return None


def first_of(session: Session, model: type[Entry], newest: int) -> Entry | None:
    """Return the first of the newest entries, None where there are no more than these."""
    place = order(model)
    back = sa.select(model).where(place.is_not(None)).order_by(place.desc())
    return session.scalar(back.offset(newest - 1).limit(1))


def head(session: Session, model: type[Entry]) -> tuple[int, str]:
    """Return the number of sealed entries and the last one's hash (GENESIS when there is none).

    Those that lawfully went count as well: a note of both from any time can be compared.
    """
    place = order(model)
    last = sa.select(model.hash).where(place.is_not(None)).order_by(place.desc()).limit(1)
    count = sa.select(sa.func.count(place))
    number = model.beginning(session).count + (session.scalar(count) or 0)
    return number, session.scalar(last) or GENESIS
