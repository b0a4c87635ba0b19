"""The first look at a whole file: how many rows, which addresses come twice, whom the gate sees."""

import zlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mailer.audience.imports.reading.people import Person
from mailer.audience.imports.rows import Row
from mailer.compliance import gate
from mailer.compliance.acts import Intake, Newcomer
from mailer.compliance.finding import Finding

BUCKETS = 256
# The gate looks at whole blocks of neighbours, evenly from the whole file.
BLOCK = 500
MOST_BLOCKS = 40
ROWS_IN_A_LOOK = 20_000


class Doubles:
    """Finds addresses that came before, in 12 bytes for each row.

    Eight bytes of the keyed fingerprint stand for an address: among ten million rows, the chance
    that two different ones agree is below one in 300,000.
    """

    def __init__(self) -> None:
        self.keys = [array("Q") for _ in range(BUCKETS)]
        self.rows = [array("L") for _ in range(BUCKETS)]

    def note(self, person: Person) -> None:
        bucket = person.key[0]
        self.keys[bucket].append(int.from_bytes(person.key[1:9]))
        self.rows[bucket].append(person.number)

    def found(self) -> Iterator[int]:
        """Return the numbers of all rows whose address stands in an earlier row."""
        for keys, rows in zip(self.keys, self.rows, strict=True):
            seen: set[int] = set()
            for key, row in zip(keys, rows, strict=True):
                if key in seen:
                    yield row
                seen.add(key)


class Sample:
    """Keeps at most MOST_BLOCKS blocks of people, evenly from a file of any length."""

    def __init__(self) -> None:
        self.stride = 1
        self.blocks: dict[int, list[Newcomer]] = {}

    def note(self, person: Person) -> None:
        block = person.number // BLOCK
        if block % self.stride:
            return
        one = Newcomer(address=person.email, consented_at=person.since)
        self.blocks.setdefault(block, []).append(one)
        if len(self.blocks) > MOST_BLOCKS:
            self.stride *= 2
            self.blocks = {n: kept for n, kept in self.blocks.items() if n % self.stride == 0}

    def people(self) -> tuple[Newcomer, ...]:
        return tuple(one for block in self.blocks.values() for one in block)


class Scan:
    """One look at a file. ``go`` takes some rows further and answers whether there are more."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = iter(rows)
        self.total = 0
        self.doubles = Doubles()
        self.sample = Sample()

    def go(self) -> bool:
        for row in self.rows:
            self.total += 1
            if isinstance(row, Person):
                self.doubles.note(row)
                self.sample.note(row)
            if self.total % ROWS_IN_A_LOOK == 0:
                return True
        return False


def findings(intake: Intake, sample: Sample) -> tuple[Finding, ...]:
    """Return what the gate says of people who would be added on somebody's word."""
    return gate.judge_intake(replace(intake, people=sample.people())).findings


def packed(numbers: Iterable[int]) -> bytes:
    return zlib.compress(array("Q", sorted(numbers)).tobytes())


def unpacked(data: bytes) -> frozenset[int]:
    numbers = array("Q")
    if data:
        numbers.frombytes(zlib.decompress(data))
    return frozenset(numbers)
