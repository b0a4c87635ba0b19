"""Refusals outside of the database: written at once, read backwards, torn lines passed over."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailer.audience import refusal_journal
from mailer.audience.refusal_journal import Refused
from mailer.audience.words import Scope


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "refusals.jsonl"


def some(now: datetime, count: int) -> list[Refused]:
    return [
        Refused(now + timedelta(seconds=n), Scope.list, n, "unsubscribed", bytes([n % 256]) * 32)
        for n in range(count)
    ]


def read(path: Path, installation: str = "one", chunk: int = 65536) -> list[Refused]:
    blocks = list(refusal_journal.latest(path, installation, chunk))
    return [one for block in reversed(blocks) for one in block]


@pytest.mark.parametrize("chunk", [1, 7, 160, 161, 4096, 65536])
def test_what_was_written_is_read_whatever_the_size_of_the_blocks(
    path: Path, now: datetime, chunk: int
) -> None:
    for one in some(now, 40):
        refusal_journal.append(path, "one", [one])
    assert read(path, chunk=chunk) == some(now, 40)


def test_the_latest_come_first(path: Path, now: datetime) -> None:
    refusal_journal.append(path, "one", some(now, 40))
    first, *_ = (block for block in refusal_journal.latest(path, "one", 400) if block)
    assert first[-1] == some(now, 40)[-1]


def test_a_torn_line_costs_only_itself(path: Path, now: datetime) -> None:
    first, second, third = some(now, 3)
    refusal_journal.append(path, "one", [first, second])
    path.write_bytes(path.read_bytes()[:-20])
    refusal_journal.append(path, "one", [third])
    assert read(path) == [first, third]


def test_another_installations_refusals_are_not_ours(path: Path, now: datetime) -> None:
    mine, others, nobodys = some(now, 3)
    refusal_journal.append(path, "one", [mine])
    refusal_journal.append(path, "two", [others])
    refusal_journal.append(path, "", [nobodys])
    assert read(path) == [mine, nobodys]


def test_without_a_journal_there_is_nothing(path: Path) -> None:
    assert read(path) == []


def test_it_is_for_its_owner_alone_and_holds_no_address(path: Path, now: datetime) -> None:
    refusal_journal.append(path, "one", some(now, 1))
    assert path.stat().st_mode & 0o077 == 0
    assert "@" not in path.read_text()
