"""How much may leave, worked out from what people allow and what a relay asked for. No I/O."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import NamedTuple

# Moments are promised to workers so far ahead, and those that passed unasked are good so long.
AHEAD = timedelta(seconds=0.5)
SLACK = timedelta(seconds=0.1)
# After a slow-down the rate grows by what it fell to in each of these, and is then forgotten.
RECOVERY = timedelta(minutes=1)
FORGOTTEN = timedelta(minutes=10)
# Replies that come together ask for one slow-down.
CALM = timedelta(seconds=5)
LEAST = 0.1  # messages a second; slower than this nobody asks for
UNMEASURED = 10.0  # messages a second; what is taken for the rate before there is one
FIRST_DAY = 50  # messages; what those who watch for new senders take from a stranger
MOST_DOUBLINGS = 30
A_SECOND = timedelta(seconds=1)


class Ceiling(NamedTuple):
    """What a person allows; None is no limit."""

    per_second: float | None = None
    per_day: int | None = None
    warm_from: date | None = None


class Grant(NamedTuple):
    """Messages that may leave: the first in ``begin`` seconds, each ``gap`` seconds after another.

    A ``begin`` below 0 lies in the past.
    """

    number: int
    begin: float
    gap: float


@dataclass
class Rate:
    """Copies a second, about the last quarter of one."""

    since: float
    per_second: float = 0.0
    count: int = 0

    def add(self, now: float) -> None:
        self.count += 1
        span = now - self.since
        if span > 0.05:  # noqa: PLR2004 - s
            self.per_second += (self.count / span - self.per_second) * min(1.0, span * 4)
            self.since, self.count = now, 0


@dataclass
class Appetite:
    """How many marked copies a second the lines take while there are any.

    The rate at which copies leave would not do: lines that wait for marks look slow, would be
    given few, and wait again.
    """

    per_second: float = 0.0
    served: int = 0
    since: float = 0.0

    def serve(self, number: int, now: float) -> None:
        """Note how many there are from now on."""
        self.served, self.since = number, now

    def look(self, left: int, now: float, last_at: float) -> None:
        """Note how many are left; if none, the last one left at ``last_at``."""
        span = (now if left else min(now, last_at)) - self.since
        if self.served > left and span > 0.005:  # noqa: PLR2004 - s
            self.per_second += ((self.served - left) / span - self.per_second) / 2
        self.served = 0


def rate(
    per_second: float | None, slowed_to: float | None, slowed_at: datetime | None, now: datetime
) -> float | None:
    """Return messages a second, None where nothing limits them."""
    if slowed_to is None or slowed_at is None or now - slowed_at > FORGOTTEN:
        return per_second
    regained = slowed_to * (1 + max(now - slowed_at, timedelta()) / RECOVERY)
    return regained if per_second is None else min(per_second, regained)


def halved(before: float) -> float:
    """Return the rate after a slow-down."""
    return max(LEAST, before / 2)


def slots(
    free_at: datetime | None, per_second: float, wanted: int, now: datetime
) -> tuple[Grant, datetime]:
    """Promise the next free moments to a worker; return them, and what is free then.

    Moments are handed out to the nearest ones first, whoever asks: however many workers there
    are, no two are promised the same.
    """
    begin = max(free_at or now, now - SLACK)
    room = (now + AHEAD - begin) / A_SECOND * per_second
    count = min(wanted, max(1, int(room))) if room > 0 else 0
    gap = 1 / per_second
    return Grant(count, (begin - now) / A_SECOND, gap), begin + timedelta(seconds=count * gap)


def most_held(per_second: float) -> int:
    """Return how many promised moments one worker holds at most."""
    return ceil(AHEAD / A_SECOND * per_second)


def of_the_day(allowed: Ceiling, today: date) -> int | None:
    """Return how many messages may leave today (UTC), None where nothing limits them.

    A warm-up allows FIRST_DAY on its first day and twice as many each day, up to ``per_day``.
    """
    if allowed.warm_from is None:
        return allowed.per_day
    days = max(0, (today - allowed.warm_from).days)
    if days > MOST_DOUBLINGS:
        return allowed.per_day
    step = FIRST_DAY << days
    return step if allowed.per_day is None else min(step, allowed.per_day)


def fair(most: int, wanted: dict[str, int]) -> dict[str, int]:
    """Divide lines among workers: what one does not want goes to the others. First come by name."""
    shares: dict[str, int] = {}
    left = most
    for place, worker in enumerate(sorted(wanted, key=lambda one: (wanted[one], one))):
        shares[worker] = min(wanted[worker], ceil(left / (len(wanted) - place)))
        left -= shares[worker]
    return shares
