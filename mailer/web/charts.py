"""The chart of copies a minute: bars and their labels, ready to be drawn as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer.delivery import windows
from mailer.delivery.windows import Point

WIDTH, HEIGHT = 600, 100
MOST_BARS = 60
FEWEST_BARS = 12  # fewer do not fill the drawing
SIZES = (10, 30, 60, 300, 900, 3600, 21600, 86400, 604800)
# From the ground up; the words are the states whose colours they take.
KINDS = ("accepted", "refused", "deferred", "unknown")
A_MINUTE = 60
STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True)
class Piece:
    """A part of a bar, in units of the drawing."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """What happened within one bar's time; ``rate`` is all of it in copies a minute."""

    at: datetime
    x: float
    width: float
    counts: dict[str, int]
    rate: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Chart:
    """``ceiling`` is the rate at the top of the drawing; ``seconds`` is what one bar stands for."""

    bars: tuple[Bar, ...]
    ceiling: int
    seconds: int

    @property
    def begin(self) -> datetime:
        return self.bars[0].at

    @property
    def end(self) -> datetime:
        return self.bars[-1].at + timedelta(seconds=self.seconds)

    @property
    def until(self) -> datetime:
        """Where the drawing ends: beyond the last bar while there are few."""
        length = timedelta(seconds=self.seconds)
        return max(self.end, self.begin + FEWEST_BARS * length)

    @property
    def best(self) -> int:
        return max(bar.rate for bar in self.bars)


def chart(points: Sequence[Point]) -> Chart | None:
    """Return the chart of a campaign's windows, given in order of time; None if there are none."""
    if not points:
        return None
    seconds = size(points)
    length = timedelta(seconds=seconds)
    counts: dict[datetime, dict[str, int]] = {}
    for point in points:
        mine = counts.setdefault(windows.beginning(point.at, length), dict.fromkeys(KINDS, 0))
        for kind in KINDS:
            mine[kind] += getattr(point, kind)
    first, last = min(counts), max(counts)
    number = (last - first) // length + 1
    top = ceiling(max(sum(mine.values()) for mine in counts.values()) * A_MINUTE / seconds)
    width = WIDTH / max(number, FEWEST_BARS)
    bars = (
        bar(at, (at - first) // length * width, width, mine, (A_MINUTE / seconds, top))
        for at, mine in sorted(counts.items())
    )
    return Chart(tuple(bars), top, seconds)


def size(points: Sequence[Point]) -> int:
    """Return the seconds of one bar: as fine as what is kept allows, in at most MOST_BARS."""
    finest = max(point.seconds for point in points)
    lasted = (points[-1].at - points[0].at).total_seconds() + points[-1].seconds
    fit = (one for one in SIZES if one >= finest and lasted / one <= MOST_BARS)
    return next(fit, SIZES[-1])


def bar(
    at: datetime, x: float, width: float, counts: dict[str, int], scale: tuple[float, int]
) -> Bar:
    """Return a bar; ``scale`` is what makes its counts a rate, and the rate at the top."""
    per_minute, top = scale
    pieces, ground = [], float(HEIGHT)
    for kind in KINDS:
        height = counts[kind] * per_minute / top * HEIGHT
        ground -= height
        if height:
            pieces.append(Piece(kind, round(ground, 2), round(height, 2)))
    gap = min(2.0, width / 4)
    rate = round(sum(counts.values()) * per_minute)
    return Bar(at, round(x, 2), round(width - gap, 2), counts, rate, tuple(pieces))


def ceiling(rate: float) -> int:
    """Return the next round number, of ten or more."""
    power = 10
    while power * 10 < rate:
        power *= 10
    return next(int(power * step) for step in STEPS if power * step >= rate)
