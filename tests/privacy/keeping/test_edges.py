"""When a period is over, to the second: leap days, months' ends, and days without 24 hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailer.privacy.clocks import corresponding
from mailer.privacy.keeping import edges
from mailer.privacy.keeping.classes import RULES, Class
from mailer.privacy.keeping.edges import A_DAY

VIENNA = ZoneInfo("Europe/Vienna")
SECOND = timedelta(seconds=1)
DAYS, MONTHS = RULES[Class.imports], RULES[Class.correspondence]


def is_over(at: datetime, now: datetime, months: int, zone: ZoneInfo = VIENNA) -> bool:
    return at < edges.edge(zone, now, MONTHS, months)


def midnight(year: int, month: int, day: int, zone: ZoneInfo = VIENNA) -> datetime:
    return datetime(year, month, day, tzinfo=zone)


@pytest.mark.parametrize(
    ("happened", "months", "over"),
    [
        ((2026, 3, 2), 12, (2027, 3, 3)),
        ((2026, 3, 2), 26, (2028, 5, 3)),
        ((2028, 2, 29), 12, (2029, 3, 1)),
        ((2028, 2, 29), 48, (2032, 3, 1)),
        ((2027, 2, 28), 12, (2028, 2, 29)),
        ((2026, 8, 31), 6, (2027, 3, 1)),
        ((2026, 8, 29), 6, (2027, 3, 1)),
        ((2026, 8, 28), 6, (2027, 3, 1)),
        ((2026, 8, 27), 6, (2027, 2, 28)),
        ((2026, 11, 30), 1, (2026, 12, 31)),
        ((2026, 12, 31), 26, (2029, 3, 1)),
        ((2026, 3, 2), 0, (2026, 3, 3)),
    ],
)
def test_months_end_with_the_last_second_of_the_corresponding_day(
    happened: tuple[int, int, int], months: int, over: tuple[int, int, int]
) -> None:
    begin, end = midnight(*happened), midnight(*over)
    for at in (begin, begin + timedelta(days=1) - SECOND):
        assert not is_over(at, end - SECOND, months)
        assert is_over(at, end, months)


def test_every_day_of_four_years_is_kept_for_its_months_and_not_for_a_day_more() -> None:
    """The edge asks backwards what the law says forwards; both must agree on each day."""
    day = date(2026, 1, 1)
    while day < date(2030, 3, 1):
        for months in (1, 6, 12, 26):
            last = edges.months_before(day, months)
            assert corresponding(last, months) <= day < corresponding(last + A_DAY, months)
        day += A_DAY


@pytest.mark.parametrize("at", ["2026-03-29", "2026-10-25"])
def test_days_on_which_the_clocks_change_end_at_midnight_too(at: str) -> None:
    day = datetime.combine(date.fromisoformat(at), datetime.min.time(), VIENNA)
    late = (day + timedelta(days=1)).astimezone(UTC) - SECOND
    edge = datetime.combine(day.date() + timedelta(days=8), datetime.min.time(), VIENNA)
    assert not late < edges.edge(VIENNA, edge.astimezone(UTC) - SECOND, DAYS, 7)
    assert late < edges.edge(VIENNA, edge, DAYS, 7)


def test_a_midnight_that_a_zone_skips_is_the_first_moment_of_its_day() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # 29 March 2026 begins there at 01:00
    edge = edges.edge(beirut, datetime(2026, 4, 6, 12, tzinfo=beirut), DAYS, 7)
    assert edge.astimezone(UTC) == datetime(2026, 3, 29, 21, tzinfo=UTC)
    before = edges.edge(beirut, datetime(2026, 4, 5, 12, tzinfo=beirut), DAYS, 7)
    assert before.astimezone(UTC) == datetime(2026, 3, 28, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (datetime(2026, 3, 2, 2, 59, 59, tzinfo=VIENNA), None),
        (datetime(2026, 3, 2, 3, tzinfo=VIENNA), date(2026, 3, 2)),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), date(2026, 3, 29)),  # 02:00 is 03:00 there
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 10, 25, 1, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 10, 25, 2, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_the_night_s_run_is_due_from_three_on_the_desk_s_clocks(
    now: datetime, night: date | None
) -> None:
    assert edges.night(VIENNA, now) == night


@pytest.mark.parametrize("name", Class)
def test_each_class_has_a_lawful_usual_period_and_says_who_says_so(name: Class) -> None:
    rule = RULES[name]
    assert rule.least.length <= rule.usual.length <= rule.most.length
    assert all((rule.usual.citation, rule.least.citation, rule.most.citation))
    assert rule.spelled(1) in {"1 day", "1 month"}
