"""A promise, and what proves it: the values that the table is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from sqlalchemy.orm import Session

from mailer.links import Site
from mailer.privacy.policy.settings import Settings
from mailer.privacy.requests import figures
from mailer.privacy.requests.figures import Entered
from mailer.privacy.requests.words import Kind


class State(StrEnum):
    """How a promise stands today; ``absent``: nothing enforces it here yet."""

    kept = "kept"
    broken = "broken"
    absent = "not set up"


@dataclass(frozen=True)
class Ground:
    """What proofs are made from. ``in_clear`` are other hosts that get our mail unencrypted."""

    session: Session
    site: Site
    settings: Settings
    now: datetime
    in_clear: tuple[str, ...] = ()

    @cached_property
    def requests(self) -> dict[Kind, Entered]:
        """What is in the register of requests, counted once for all promises about it."""
        return figures.by_kind(self.session)


@dataclass(frozen=True)
class Proof:
    """What was found. ``at`` is when it was last proven; ``remedy`` is empty if it is kept."""

    state: State
    evidence: str
    at: datetime | None = None
    remedy: str = ""


@dataclass(frozen=True)
class Promise:
    """One promise: what is said, what enforces it, and what proves that from the installation."""

    id: str
    says: str
    control: str
    prove: Callable[[Ground], Proof]


@dataclass(frozen=True)
class Row:
    """A promise with its proof of this moment, and the ids (``path::name``) of its tests."""

    promise: Promise
    proof: Proof
    tests: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """``proven_at`` is ISO 8601 in UTC, or None."""
        return {
            "id": self.promise.id,
            "says": self.promise.says,
            "control": self.promise.control,
            "state": self.proof.state.value,
            "evidence": self.proof.evidence,
            "proven_at": self.proof.at.isoformat() if self.proof.at else None,
            "remedy": self.proof.remedy,
            "tests": list(self.tests),
        }


def kept(evidence: str, at: datetime | None) -> Proof:
    return Proof(State.kept, evidence, at)


def broken(evidence: str, remedy: str) -> Proof:
    return Proof(State.broken, evidence, None, remedy)


def absent(evidence: str, remedy: str) -> Proof:
    return Proof(State.absent, evidence, None, remedy)


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
