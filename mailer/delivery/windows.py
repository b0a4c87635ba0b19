"""What sending takes: one row for each worker, campaign and ten seconds, cheap to fill."""

import os
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import getnode

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.delivery.histograms import Histogram
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.report_models import SendingWindow

SECONDS = 10
LENGTH = timedelta(seconds=SECONDS)
A_SECOND = timedelta(seconds=1)
# After so long the windows of all workers become one for each minute, and then go.
FRESH, MINUTE, KEPT = timedelta(minutes=10), timedelta(minutes=1), timedelta(days=30)
PROCESS = 8  # characters of a worker's name that all windows of one process have in common
NUMBERS = ("accepted", "refused", "deferred", "unknown", "left_out", "connections", "allowed")
OUTCOMES = {
    DeliveryStatus.accepted: "accepted",
    DeliveryStatus.refused: "refused",
    DeliveryStatus.deferred: "deferred",
    DeliveryStatus.unknown: "unknown",
    DeliveryStatus.suppressed: "left_out",
    DeliveryStatus.excluded: "left_out",
    DeliveryStatus.expired: "left_out",
}


class Span(StrEnum):
    """A stretch of one message's way: from which moment to which."""

    fence = "body_end_to_fence"
    release = "fence_to_dot"
    reply = "dot_to_reply"
    outcome = "reply_to_outcome"


class Wait(StrEnum):
    """Why a connection stands still: what it waits for."""

    relay = "relay"
    connect = "connect"
    database = "database"
    machine = "machine"
    pace = "pace"
    domain = "domain"
    rest = "rest"
    due = "due"


@dataclass
class Figures:
    """What was done, how long it took and what was waited for, of one window or of many."""

    numbers: Counter[str] = field(default_factory=Counter)
    spans: dict[Span, Histogram] = field(
        default_factory=lambda: {span: Histogram() for span in Span}
    )
    waits: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def reasons(self) -> dict[Wait, float]:
        """How many seconds connections stood still, by reason, wherever it was."""
        summed: defaultdict[Wait, float] = defaultdict(float)
        for why, seconds in self.waits.items():
            summed[Wait(why.partition(" ")[0])] += seconds
        return dict(summed)

    @property
    def settled(self) -> int:
        """How many copies got an outcome; put off is none."""
        return sum(self.numbers[name] for name in ("accepted", "refused", "unknown", "left_out"))

    def add_row(self, row: SendingWindow) -> None:
        """Add a kept window. Of connections the largest counts, not the sum."""
        for name in NUMBERS[:-2]:
            self.numbers[name] += getattr(row, name)
        for name in NUMBERS[-2:]:
            self.numbers[name] = max(self.numbers[name], getattr(row, name))
        for span, kept in row.spans.items():
            self.spans[Span(span)].merge(kept["counts"], kept["total"])
        for why, seconds in row.waits.items():
            self.waits[why] += seconds

    def values(self) -> dict[str, Any]:
        spans = {
            span: {"counts": one.counts, "total": round(one.total, 6)}
            for span, one in self.spans.items()
            if one.total or any(one.counts)
        }
        waits = {why: round(seconds, 3) for why, seconds in self.waits.items()}
        numbers = {name: self.numbers[name] for name in NUMBERS}
        return {**numbers, "spans": spans, "waits": waits}


class Window:
    """What one worker does for one campaign, gathered in memory and written now and then.

    All but ``write`` is plain arithmetic, fit to be called for every message. Each window object
    has rows of its own, so that several may live at once, in one process or in many.
    """

    def __init__(self, campaign_id: int, now: datetime, process: str = "") -> None:
        self.campaign_id = campaign_id
        self.worker = (process or own_process()) + secrets.token_hex(4)
        self.at = beginning(now)
        self.written = now
        self.figures = Figures()
        self.added: dict[Span, list[float]] = {span: [] for span in Span}

    def add(self, span: Span, seconds: float) -> None:
        """Note how long one message took for one stretch of its way; sorted when it is read."""
        self.added[span].append(seconds)

    def count(self, status: DeliveryStatus, number: int = 1) -> None:
        """Note outcomes; a state that is none (pending again) is passed over."""
        # An enum's hash is Python's own work; this is asked for every message.
        name = "accepted" if status is DeliveryStatus.accepted else OUTCOMES.get(status)
        if name is not None:
            self.figures.numbers[name] += number

    def wait(self, why: Wait, seconds: float, *place: str) -> None:
        """Note that one connection stood still for so long, why, and for which pace of a relay."""
        self.figures.waits[" ".join((why, *place))] += seconds

    def lines(self, connections: int, allowed: int) -> None:
        """Note how many connections are open, and how many there may be."""
        numbers = self.figures.numbers
        numbers["connections"] = max(numbers["connections"], connections)
        numbers["allowed"] = allowed

    def is_due(self, now: datetime) -> bool:
        """Tell whether what was gathered has waited for a second."""
        return now >= self.written + A_SECOND

    def taken(self, now: datetime) -> "Kept":
        """Return what was gathered since the window began; begin the next when it is over.

        For whoever gathers in one thread and writes in another.
        """
        self.written = now
        for span, added in self.added.items():
            self.figures.spans[span].add(added)
            added.clear()
        kept = Kept(self.campaign_id, self.at, self.worker, self.figures.values())
        if now >= self.at + LENGTH:
            self.at, self.figures = beginning(now), Figures()
        return kept

    def write(self, session: Session, now: datetime) -> None:
        """Keep what was gathered, whenever it is due and at the end; the caller commits."""
        self.taken(now).write(session)


def own_process() -> str:
    """Return a name for this process, with which its windows' begin: ``PROCESS`` characters."""
    place = f"{getnode()}-{os.getpid()}".encode()
    return blake2b(place, digest_size=PROCESS // 2).hexdigest()


class Kept(NamedTuple):
    """What a window holds at one moment, as it is written."""

    campaign_id: int
    at: datetime
    worker: str
    values: dict[str, Any]

    def write(self, session: Session) -> None:
        """Write it over what the same window held before; the caller commits."""
        if any(self.values.values()):
            upsert(session, self.campaign_id, self.at, self.worker, SECONDS, self.values)


def upsert(
    session: Session,
    campaign_id: int,
    at: datetime,
    worker: str,
    seconds: int,
    values: dict[str, Any],
) -> None:
    key = {"campaign_id": campaign_id, "at": at, "worker": worker}
    statement = rows.insertion(session, SendingWindow).values(**key, seconds=seconds, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def beginning(moment: datetime, length: timedelta = LENGTH) -> datetime:
    """Return the start of the window that a moment falls into."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return moment - (moment - epoch) % length


def since(session: Session, campaign_id: int, moment: datetime) -> Figures:
    """Return the figures of all workers from the window of this moment on."""
    chosen = sa.select(SendingWindow).where(
        SendingWindow.campaign_id == campaign_id, SendingWindow.at >= beginning(moment)
    )
    return together(session.scalars(chosen))


def together(found: Iterable[SendingWindow]) -> Figures:
    """Return several windows as one; connections of processes that were at it at once add up.

    Two windows of one process at the same time are two turns, the one after the other.
    """
    figures = Figures()
    most: dict[str, Counter[tuple[datetime, str]]] = {name: Counter() for name in NUMBERS[-2:]}
    for row in found:
        figures.add_row(row)
        place = row.at, row.worker[:PROCESS]
        for name, by_place in most.items():
            by_place[place] = max(by_place[place], getattr(row, name))
    for name, by_place in most.items():
        by_time: Counter[datetime] = Counter()
        for (at, _), number in by_place.items():
            by_time[at] += number
        figures.numbers[name] = max(by_time.values(), default=0)
    return figures


@dataclass(frozen=True)
class Point:
    """What all workers together did in the ``seconds`` from ``at``."""

    at: datetime
    seconds: int
    accepted: int
    refused: int
    deferred: int
    unknown: int


def series(session: Session, campaign_id: int) -> list[Point]:
    """Return what is kept of a campaign's way through time, in its order."""
    sums = (sa.func.sum(getattr(SendingWindow, name)) for name in NUMBERS[:4])
    found = (
        sa.select(SendingWindow.at, sa.func.max(SendingWindow.seconds), *sums)
        .where(SendingWindow.campaign_id == campaign_id)
        .group_by(SendingWindow.at)
        .order_by(SendingWindow.at)
    )
    return [Point(*values) for values in session.execute(found)]


def fold(session: Session, now: datetime) -> None:
    """Make one row a minute of windows that are no longer fresh, and drop those of last month.

    Sums stay what they were. For the tick; a second one at the same time finds nothing to do.
    """
    session.execute(sa.delete(SendingWindow).where(SendingWindow.at < now - KEPT))
    stale = (
        sa.select(SendingWindow)
        .where(SendingWindow.at < beginning(now - FRESH, MINUTE), SendingWindow.worker != "")
        .order_by(SendingWindow.campaign_id, SendingWindow.at)
        .limit(2000)
        .with_for_update()
    )
    by_minute: dict[tuple[int, datetime], list[SendingWindow]] = {}
    for row in session.scalars(stale):
        by_minute.setdefault((row.campaign_id, beginning(row.at, MINUTE)), []).append(row)
    for (campaign_id, at), found in by_minute.items():
        before = session.get(SendingWindow, (campaign_id, at, ""))
        figures = together([*found, before] if before else found)
        upsert(session, campaign_id, at, "", 60, figures.values())
        for row in found:
            session.delete(row)
        if before:
            session.expire(before)
    session.flush()
