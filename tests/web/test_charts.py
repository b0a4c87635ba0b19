"""The chart of copies a minute: few bars, round ceilings, and nothing lost on the way."""

from datetime import UTC, datetime, timedelta

import pytest

from mailer.delivery.windows import Point
from mailer.web import charts

START = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


def points(number: int, seconds: int = 10, accepted: int = 40) -> list[Point]:
    step = timedelta(seconds=seconds)
    return [Point(START + place * step, seconds, accepted, 1, 2, 0) for place in range(number)]


def test_without_windows_there_is_no_chart() -> None:
    assert charts.chart([]) is None


@pytest.mark.parametrize(
    ("number", "seconds", "length"),
    [(1, 10, 10), (60, 10, 10), (61, 10, 30), (400, 10, 300), (3, 60, 60), (40000, 60, 86400)],
)
def test_there_are_never_more_than_sixty_bars(number: int, seconds: int, length: int) -> None:
    made = charts.chart(points(number, seconds))
    assert made is not None
    assert made.seconds == length
    assert len(made.bars) <= charts.MOST_BARS + 1
    assert sum(bar.counts["accepted"] for bar in made.bars) == 40 * number
    assert made.bars[-1].x + made.bars[-1].width <= charts.WIDTH


def test_a_bar_stands_on_the_ground_and_ends_below_the_ceiling() -> None:
    made = charts.chart(points(12))
    assert made is not None
    assert (made.ceiling, made.best) == (300, 258)
    first, second, third = made.bars[0].pieces
    assert (first.kind, first.y, first.height) == ("accepted", 20.0, 80.0)
    assert (second.kind, third.kind) == ("refused", "deferred")
    assert third.y == 14.0


def test_a_silence_leaves_a_gap_as_long_as_itself() -> None:
    early, late = points(1)[0], Point(START + timedelta(minutes=5), 10, 40, 0, 0, 0)
    made = charts.chart([early, late])
    assert made is not None
    assert [round(bar.x / charts.WIDTH, 2) for bar in made.bars] == [0.0, 0.97]
    assert made.until == made.end == START + timedelta(minutes=5, seconds=10)


def test_the_last_label_stands_where_its_time_is() -> None:
    made = charts.chart(points(3))
    assert made is not None
    shares = [(bar.at - made.begin) / (made.until - made.begin) for bar in made.bars]
    assert [bar.x / charts.WIDTH for bar in made.bars] == pytest.approx(shares, abs=0.001)


@pytest.mark.parametrize(
    ("rate", "top"),
    [(0, 10), (1, 10), (10, 10), (11, 15), (99, 100), (101, 150), (220, 300), (61_000, 80_000)],
)
def test_ceilings_are_round(rate: float, top: int) -> None:
    assert charts.ceiling(rate) == top
