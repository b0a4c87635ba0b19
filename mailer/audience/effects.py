"""How soon an opt-out holds: seconds from its receipt until it was written down, by channel."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.audience import rows
from mailer.db import Base

# The upper ends of the buckets, in seconds; one more bucket holds what took longer than all.
BOUNDS = (0.1, 1, 10, 60, 600, 3600, 86_400, 864_000)
INSTANT, SOON = BOUNDS.index(1), BOUNDS.index(60)
# Processes that count at the same time do so in rows of their own, and wait for nobody.
SLOTS = 16


class Channel(StrEnum):
    """By which way a reader said that she wants no more mail."""

    one_click = "one-click"
    page = "page"
    letter = "letter"
    complaint = "complaint"
    your_data = "your-data"
    desk = "desk"


class Effect(Base):
    """How many opt-outs of a day took how long; nothing of any person stands here."""

    __tablename__ = "opt_out_effects"
    __table_args__ = ()

    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    seconds: Mapped[float]
    longest: Mapped[float]


@dataclass(frozen=True)
class Figures:
    """What is known of one channel: in buckets, in all, and what took longest (s)."""

    channel: Channel
    counts: tuple[int, ...]
    seconds: float
    longest: float

    @property
    def number(self) -> int:
        return sum(self.counts)

    @property
    def within_a_second(self) -> int:
        return self.within(INSTANT)

    @property
    def within_a_minute(self) -> int:
        return self.within(SOON)

    def within(self, bucket: int) -> int:
        """Return how many took no longer than the bound of a bucket."""
        return sum(self.counts[: bucket + 1])


def note(session: Session, day: date, took: Iterable[tuple[Channel, float]], slot: int = 0) -> None:
    """Count opt-outs, each with its seconds; the caller commits them together with their effect."""
    sorted_in: dict[tuple[str, int], list[float]] = defaultdict(list)
    for channel, seconds in took:
        sorted_in[channel.value, bisect_left(BOUNDS, seconds)].append(max(0.0, seconds))
    values = [
        {
            "day": day,
            "channel": channel,
            "slot": slot % SLOTS,
            "bucket": bucket,
            "number": len(some),
            "seconds": sum(some),
            "longest": max(some),
        }
        for (channel, bucket), some in sorted(sorted_in.items())
    ]
    if values:
        connection = session.connection()
        connection.execute(growing(connection.dialect.name), values)


@cache
def growing(dialect: str) -> "postgresql.Insert | sqlite.Insert":
    """Return the statement of ``note``; it is written once."""
    statement = rows.insertion_into(rows.table(Effect), dialect)
    held, new = rows.table(Effect).c, statement.excluded
    grown = {
        "number": held.number + new.number,
        "seconds": held.seconds + new.seconds,
        "longest": sa.case((new.longest > held.longest, new.longest), else_=held.longest),
    }
    key = ["day", "channel", "slot", "bucket"]
    return statement.on_conflict_do_update(index_elements=key, set_=grown)


def known(session: Session, since: date | None = None) -> Sequence[Figures]:
    """Return the figures of each channel that was ever used, from a day on."""
    chosen = sa.select(
        Effect.channel,
        Effect.bucket,
        sa.func.sum(Effect.number),
        sa.func.sum(Effect.seconds),
        sa.func.max(Effect.longest),
    ).group_by(Effect.channel, Effect.bucket)
    if since is not None:
        chosen = chosen.where(Effect.day >= since)
    found: dict[str, list[tuple[int, int, float, float]]] = defaultdict(list)
    for channel, bucket, number, seconds, longest in session.execute(chosen):
        found[channel].append((bucket, number, seconds, longest))
    return [together(channel, found[channel]) for channel in Channel if channel in found]


def together(channel: Channel, some: Sequence[tuple[int, int, float, float]]) -> Figures:
    counts = [0] * (len(BOUNDS) + 1)
    for bucket, number, _, _ in some:
        counts[bucket] = int(number)
    seconds, longest = sum(one[2] for one in some), max(one[3] for one in some)
    return Figures(channel, tuple(counts), seconds, longest)
