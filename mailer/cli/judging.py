"""The gate for many messages at once, over all cores."""

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial
from multiprocessing import get_context
from typing import Any

from mailer.cli.letters import Letter, Unreadable
from mailer.compliance import gate, message
from mailer.compliance.bounds import MOST_HEAD_BYTES, Unjudgeable
from mailer.compliance.candidate import AddressKind, Candidate, PostalAddress, SenderRecord
from mailer.compliance.gate import Verdict
from mailer.compliance.mailboxes import mailboxes

# These compare the message with its sender: without the record nobody can answer.
OF_SENDER = frozenset({"R01", "R13", "R14", "R15", "R17", "R21", "R22", "R23", "R25", "R26"})
_WITHOUT_SENDER = tuple(rule for rule in gate.RULES if rule.id not in OF_SENDER)
# Starting a process takes as long as judging so many messages.
_FEW = 24
_AT_ONCE = 4


class Result(StrEnum):
    """What came of checking one message. `incomplete`: nothing found, but not all was asked."""

    lawful = "lawful"
    refused = "refused"
    incomplete = "incomplete"
    unreadable = "unreadable"


@dataclass(frozen=True)
class Question:
    """What is known beside the messages; `facts` are fields of a Candidate."""

    sender: SenderRecord | None
    today: date
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What was found on one message: a verdict, or the fault that left none."""

    name: str
    verdict: Verdict | None = None
    fault: str = ""
    is_whole: bool = True

    @property
    def result(self) -> Result:
        if self.verdict is None:
            return Result.unreadable
        if not self.verdict.is_lawful:
            return Result.refused
        return Result.lawful if self.is_whole else Result.incomplete


def answers(letters: Sequence[Letter], question: Question) -> Iterator[Answer]:
    """Judge messages, in order, in as many processes as there are cores if there are many."""
    cores = os.cpu_count() or 1
    if len(letters) < _FEW or cores == 1:
        yield from (answer(letter, question) for letter in letters)
        return
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        with _deaf_to_ctrl_c():
            found = pool.map(partial(answer, question=question), letters, chunksize=_AT_ONCE)
        yield from found


def answer(letter: Letter, question: Question) -> Answer:
    """Judge one message by every rule, or, if its sender is not known, by those that need none."""
    try:
        raw = _checked(letter)
    except Unreadable as error:
        return Answer(letter.name, fault=str(error))
    known = {"unsubscribe_url": None, **question.facts, "today": question.today}
    if question.sender:
        candidate = Candidate(raw=raw, sender=question.sender, **known)
        return Answer(letter.name, gate.judge(candidate))
    candidate = Candidate(raw=raw, sender=_supposed(raw), **known)
    return Answer(letter.name, gate.judge(candidate, _WITHOUT_SENDER), is_whole=False)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Start processes that leave Ctrl-C to the one which starts them, and which stops them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _head(raw: bytes) -> message.Head:
    return message.head(raw, 0, len(raw), MOST_HEAD_BYTES)


def _checked(letter: Letter) -> bytes:
    raw = letter.raw()
    if not raw.strip():
        raise Unreadable(f"{letter.name} is empty.")
    if not any(_head(raw).named(name) for name in ("From", "Subject", "Date")):
        raise Unreadable(
            f"{letter.name} is no email message: it has no From, Subject or Date header."
        )
    return raw


def _supposed(raw: bytes) -> SenderRecord:
    """Suppose that the address in From is the sender's; nothing else of her is known."""
    try:
        found = [one.address for field in _head(raw).named("From") for one in mailboxes(field)]
    except Unjudgeable:  # the gate will say why
        found = []
    address = found[0] if found else ""
    nowhere = PostalAddress((), "", "", "", "", AddressKind.street, "", None)
    return SenderRecord(address or "the sender", address, "", nowhere)
