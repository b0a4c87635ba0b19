"""What a sweep is: it counts what is over, and throws it away some at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from mailer.privacy.keeping.classes import Class


@dataclass(frozen=True)
class Ground:
    """What a sweep works on: ``edge`` is the moment before which all is over."""

    session: Session
    now: datetime
    edge: datetime


class Step(NamedTuple):
    """What a portion threw away, by table, and where the next begins; None: there is none."""

    counts: dict[str, int]
    after: int | None


@dataclass(frozen=True)
class Sweep:
    """One way of throwing away: ``portion`` takes a place to go on from, and does not commit.

    ``counted`` reads only, and says of which tables how many rows ``portion`` would take in all.
    """

    name: Class
    counted: Callable[[Ground], dict[str, int]]
    portion: Callable[[Ground, int], Step]
