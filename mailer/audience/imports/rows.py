"""All rows of a batch, in order: the files of people who left first, then the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from queue import Full, Queue
from threading import Event, Thread
from typing import IO, NamedTuple

from mailer.audience.imports.models import Import, Outcome
from mailer.audience.imports.reading import archives, texts
from mailer.audience.imports.reading.details import Rejected
from mailer.audience.imports.reading.people import Person, Reader
from mailer.audience.imports.reading.targets import Standing, Target
from mailer.audience.imports.reading.texts import Cells, Dialect
from mailer.tokens import Keys

# Batches that are read ahead while the database writes the one before.
AHEAD = 2
PATIENCE = 0.1


class Lost(NamedTuple):
    """A row that is not taken, and why."""

    number: int
    part: int
    line: int
    outcome: Outcome
    reason: str


Row = Person | Lost


@dataclass(frozen=True)
class Sheet:
    """One file of a batch: how it is read, and what everybody in it is at best."""

    name: str
    format: str
    dialect: Dialect
    standing: Standing

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "format": self.format,
            "standing": self.standing.value,
            **self.dialect.as_dict(),
        }


@dataclass(frozen=True)
class Reading:
    """What it takes to read a batch; ``test_environment`` lets ``.test`` domains pass."""

    sheets: tuple[Sheet, ...]
    mapping: dict[str, Target]
    keys: Keys
    now: datetime
    test_environment: bool
    excepted: frozenset[str] = frozenset()

    @classmethod
    def of(cls, batch: Import, keys: Keys, *, test_environment: bool) -> "Reading":
        return cls(
            sheets(batch),
            {name: Target(target) for name, target in batch.mapping},
            keys,
            batch.attested_at or batch.created_at,
            test_environment,
            frozenset(batch.reading.get("excepted", [])),  # type: ignore[call-overload]
        )

    def rows(self, file: IO[bytes], filename: str, first: int = 0) -> Iterator[Row]:
        """Return the rows of the batch from the first one on, numbered from 0.

        Those before it are passed over unread: each turn of work on a large file begins with that.
        """
        named = {part.name: part for part in archives.parts(file, filename)}
        mac, number = self.keys.prints[0], 0
        for place, sheet in enumerate(self.sheets):
            columns = sheet.dialect.columns or ("email",)
            reader = Reader(
                [(column, self.mapping.get(column, Target.nothing)) for column in columns],
                sheet.standing,
                mac,
                now=self.now,
                test_environment=self.test_environment,
                excepted=self.excepted,
            )
            with archives.whole():
                for line, cells in texts.rows(named[sheet.name], sheet.dialect):
                    if number >= first:
                        yield read(reader, number, place, line, cells)
                    number += 1


def read(reader: Reader, number: int, part: int, line: int, cells: Cells) -> Row:
    try:
        return reader.person(number, part, line, cells)
    except Rejected as lost:
        return Lost(number, part, line, lost.outcome, lost.reason[:300])


def sheets(batch: Import) -> tuple[Sheet, ...]:
    """Return the files of a batch as they were told to be read."""
    found: list[dict[str, object]] = batch.reading.get("sheets", [])  # type: ignore[assignment]
    return tuple(
        Sheet(
            name=str(one["name"]),
            format=str(one["format"]),
            dialect=Dialect(
                str(one["encoding"]),
                str(one["separator"]),
                tuple(one["columns"]),  # type: ignore[arg-type]
            ),
            standing=Standing(str(one["standing"])),
        )
        for one in found
    )


def batched(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    """Return the rows in lists of a size."""
    while some := list(islice(rows, size)):
        yield some


@contextmanager
def ahead(batches: Iterator[list[Row]]) -> Iterator[Iterator[list[Row]]]:
    """Read on in a thread of its own while the caller waits for the database."""
    queue: Queue[list[Row] | BaseException | None] = Queue(AHEAD)
    over = Event()
    thread = Thread(target=read_on, args=[batches, queue, over], name="import reader")
    thread.start()
    try:
        yield taken(queue)
    finally:
        over.set()
        thread.join()


def read_on(
    batches: Iterator[list[Row]],
    queue: "Queue[list[Row] | BaseException | None]",
    over: Event,
) -> None:
    try:
        for some in batches:
            put(queue, some, over)
            if over.is_set():
                return
        put(queue, None, over)
    except BaseException as error:  # noqa: BLE001 - raised again where it is taken
        put(queue, error, over)


def put(
    queue: "Queue[list[Row] | BaseException | None]",
    item: list[Row] | BaseException | None,
    over: Event,
) -> None:
    while not over.is_set():
        try:
            queue.put(item, timeout=PATIENCE)
        except Full:
            continue
        return


def taken(queue: "Queue[list[Row] | BaseException | None]") -> Iterator[list[Row]]:
    while True:
        item = queue.get()
        if item is None:
            return
        if isinstance(item, BaseException):
            raise item
        yield item
