"""How much may leave: the arithmetic, by itself."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery import rates
from mailer.delivery.rates import Ceiling

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_slowed_rate_comes_back_bit_by_bit_and_is_then_forgotten() -> None:
    assert rates.rate(None, 10, NOW, NOW) == 10
    assert rates.rate(None, 10, NOW, after(30)) == pytest.approx(15)
    assert rates.rate(None, 10, NOW, after(60)) == pytest.approx(20)
    assert rates.rate(None, 10, NOW, after(601)) is None
    assert rates.rate(12, 10, NOW, after(60)) == 12


def test_a_rate_is_never_halved_to_nothing() -> None:
    assert rates.halved(8) == 4
    assert rates.halved(rates.LEAST) == rates.LEAST


@given(
    per_second=st.floats(0.2, 5000),
    asked=st.lists(st.tuples(st.floats(0, 0.4), st.integers(1, 5000)), min_size=1, max_size=60),
)
def test_no_moment_is_promised_twice_and_none_beyond_the_rate(
    per_second: float, asked: list[tuple[float, int]]
) -> None:
    """Mailtrain #1188: a limit that holds for each process is no limit."""
    free_at, now, promised, last = None, NOW, 0, NOW - timedelta(days=1)
    for wait, wanted in asked:
        now += timedelta(seconds=wait)
        grant, free_at = rates.slots(free_at, per_second, wanted, now)
        if grant.number:
            begin = now + timedelta(seconds=grant.begin)
            assert begin >= last - timedelta(microseconds=2 * (1 + promised))
            last = begin + timedelta(seconds=grant.number * grant.gap)
        promised += grant.number
    span = now - NOW + rates.AHEAD + rates.SLACK
    assert promised <= span / rates.A_SECOND * per_second + 1


def test_a_warm_up_doubles_daily_up_to_its_limit() -> None:
    first = date(2026, 3, 2)
    allowed = Ceiling(per_day=300, warm_from=first)
    days = [rates.of_the_day(allowed, first + timedelta(days=n)) for n in (-1, 0, 1, 2, 3, 400)]
    assert days == [50, 50, 100, 200, 300, 300]
    assert rates.of_the_day(Ceiling(warm_from=first), first + timedelta(days=5)) == 1600
    assert rates.of_the_day(Ceiling(per_day=7), first) == 7
    assert rates.of_the_day(Ceiling(), first) is None


def test_lines_that_one_worker_does_not_want_go_to_the_others() -> None:
    assert rates.fair(10, {"a": 8, "b": 8}) == {"a": 5, "b": 5}
    assert rates.fair(10, {"a": 2, "b": 20}) == {"a": 2, "b": 8}
    assert sum(rates.fair(5, {"a": 4, "b": 4, "c": 4}).values()) == 5
    assert sum(rates.fair(2, {"a": 4, "b": 4, "c": 4}).values()) == 2
