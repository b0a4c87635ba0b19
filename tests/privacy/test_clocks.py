"""The clocks of the desk at each edge: weekends, holidays, clock changes, leap days, year's end."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.privacy import clocks, terms
from mailer.privacy.clocks import Desk, Regime

VIENNA = Desk(ZoneInfo("Europe/Vienna"), "AT", 30)
LONDON = Desk(ZoneInfo("Europe/London"), "GB", 30)
DENVER = Desk(ZoneInfo("America/Denver"), "US", 20)
MOMENTS = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - the strategy puts the zone on it
    max_value=datetime(2036, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def noon(text: str, desk: Desk = VIENNA) -> datetime:
    return datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=desk.zone)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-05", "2026-04-07"),  # 5 April is Easter Sunday, 6 April Easter Monday
        ("2026-01-31", "2026-03-02"),  # no 31 February; the 28th is a Saturday
        ("2028-01-31", "2028-02-29"),  # a leap day, a Tuesday
        ("2027-02-28", "2027-03-30"),  # 28 March is Easter Sunday
        ("2028-02-29", "2028-03-29"),
        ("2026-08-31", "2026-09-30"),
        ("2026-11-30", "2026-12-30"),
        ("2026-12-01", "2027-01-04"),  # New Year's Day, Friday, then a weekend
        ("2026-11-25", "2026-12-28"),  # Christmas Friday, St Stephen's Saturday, Sunday
        ("2026-12-31", "2027-02-01"),  # 31 January is a Sunday
    ],
)
def test_a_month_ends_on_the_corresponding_day_or_the_next_working_day(
    received: str, due: str
) -> None:
    found = clocks.answer(VIENNA, Regime.gdpr, noon(received))
    assert found.at.replace(tzinfo=None).isoformat() == f"{due}T23:59:59"
    assert "1182/71" in found.citation


def test_two_further_months_make_three_from_receipt() -> None:
    assert clocks.extended(VIENNA, Regime.gdpr, noon("2026-11-30")).at.date() == date(2027, 3, 1)
    assert clocks.extended(LONDON, Regime.uk, noon("2026-03-31")).at.date() == date(2026, 6, 30)


def test_each_country_keeps_its_own_holidays() -> None:
    received = noon("2026-04-01")  # 1 May is a Friday: free in Vienna, not in London
    assert clocks.answer(VIENNA, Regime.gdpr, received).at.date() == date(2026, 5, 4)
    assert clocks.answer(LONDON, Regime.uk, received).at.date() == date(2026, 5, 1)
    unknown = Desk(VIENNA.zone, "ZZ", 30)
    assert clocks.answer(unknown, Regime.gdpr, received).at.date() == date(2026, 5, 1)


def test_california_counts_ten_business_days_to_confirm_and_45_days_to_answer() -> None:
    received = noon("2026-12-18", DENVER)  # a Friday; Christmas, New Year's Day are free
    confirmed = clocks.confirmation(DENVER, Regime.ccpa, received)
    assert confirmed is not None
    assert confirmed.at.date() == date(2027, 1, 5)
    assert clocks.answer(DENVER, Regime.ccpa, received).at.date() == date(2027, 2, 1)
    assert clocks.extended(DENVER, Regime.ccpa, received).at.date() == date(2027, 3, 18)
    assert clocks.confirmation(VIENNA, Regime.gdpr, received) is None


FEDERAL = [
    *("2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03"),
    *("2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25"),
    # Of a Sunday the Monday is kept, of a Saturday the Friday, even of the year before.
    *("2027-07-05", "2027-06-18", "2021-12-31"),
]


@pytest.mark.parametrize("day", FEDERAL)
def test_no_federal_holiday_is_a_business_day(day: str) -> None:
    """5 U.S.C. 6103(a), (b)."""
    closed = date.fromisoformat(day)
    assert not clocks.is_weekend(closed)
    opened = clocks.business_day(closed - timedelta(days=1), 1, clocks.federal)
    assert opened == closed + timedelta(days=3 if closed.weekday() == 4 else 1)


def test_45_days_are_not_moved_by_a_weekend() -> None:
    due = clocks.answer(DENVER, Regime.ccpa, noon("2026-09-02", DENVER)).at
    assert (due.date(), due.strftime("%A")) == (date(2026, 10, 17), "Saturday")


def test_the_policy_has_its_own_days_and_no_second_term() -> None:
    received = noon("2026-02-20", DENVER)
    assert clocks.answer(DENVER, Regime.policy, received).at.date() == date(2026, 3, 12)
    with pytest.raises(clocks.NotExtendable):
        clocks.extended(DENVER, Regime.policy, received)


def test_what_the_policy_promises_holds_where_the_law_gives_more_time() -> None:
    received = noon("2026-02-20", DENVER)
    assert terms.due(DENVER, [Regime.ccpa], received).citation == clocks.OWN_ANSWER
    patient = Desk(DENVER.zone, "US", 60)
    assert terms.due(patient, [Regime.ccpa], received).citation == clocks.CCPA_ANSWER


def test_the_day_of_receipt_is_that_of_the_desk() -> None:
    late = datetime(2026, 6, 9, 23, 30, tzinfo=UTC)  # the 10th already in Vienna
    assert clocks.answer(VIENNA, Regime.gdpr, late).at.date() == date(2026, 7, 10)
    assert clocks.answer(LONDON, Regime.uk, late - timedelta(hours=1)).at.date() == date(2026, 7, 9)


@pytest.mark.parametrize(
    ("aware", "due"),
    [
        ("2026-07-03T17:00", "2026-07-06T17:00"),  # a Friday before a holiday
        ("2026-03-27T17:00", "2026-03-30T18:00"),  # an hour is left out on the 29th
        ("2026-10-23T17:00", "2026-10-26T16:00"),  # an hour comes twice on the 25th
        ("2026-12-30T09:00", "2027-01-02T09:00"),
    ],
)
def test_72_hours_are_hours(aware: str, due: str) -> None:
    known = datetime.fromisoformat(aware).replace(tzinfo=VIENNA.zone)
    found = clocks.to_authority(VIENNA, known)
    assert found.at.replace(tzinfo=None) == datetime.fromisoformat(due)
    assert found.at.astimezone(UTC) - known.astimezone(UTC) == timedelta(hours=72)


@pytest.mark.parametrize(
    ("aware", "due"),
    [
        ("2026-07-02", "2026-07-14"),  # 3 July is Independence Day (observed)
        ("2026-11-20", "2026-12-02"),  # Thanksgiving
        ("2026-12-23", "2027-01-05"),  # Christmas and New Year's Day, two weekends
        ("2026-10-09", "2026-10-21"),  # Columbus Day
        ("2028-02-25", "2028-03-07"),  # a leap day counts
    ],
)
def test_users_hear_within_seven_business_days(aware: str, due: str) -> None:
    found = clocks.to_users(DENVER, noon(aware, DENVER))
    assert found.at.replace(tzinfo=None).isoformat() == f"{due}T23:59:59"


def test_the_last_second_follows_the_clock_change() -> None:
    before = clocks.answer(VIENNA, Regime.policy, noon("2026-02-26")).at  # ends 28 March
    after = clocks.answer(VIENNA, Regime.policy, noon("2026-02-27")).at
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=23)


def test_only_california_lets_no_doubt_stop_the_clock() -> None:
    assert [one for one in Regime if not clocks.may_pause(one)] == [Regime.ccpa]


@given(MOMENTS, st.sampled_from([Regime.gdpr, Regime.uk, Regime.ccpa]))
def test_no_deadline_lies_before_receipt_and_an_extension_gives_time(
    received: datetime, regime: Regime
) -> None:
    first = clocks.answer(VIENNA, regime, received).at
    assert received + timedelta(days=27) < first < clocks.extended(VIENNA, regime, received).at
    assert clocks.to_users(DENVER, received).at > received + timedelta(days=7)
    assert first.tzinfo is VIENNA.zone


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), st.sampled_from(list(Regime)))
def test_who_asks_later_is_never_due_sooner(
    received: datetime, later: timedelta, regime: Regime
) -> None:
    first = clocks.answer(VIENNA, regime, received).at
    assert first <= clocks.answer(VIENNA, regime, received + later).at


def test_a_complaint_in_the_united_kingdom_is_confirmed_within_thirty_days() -> None:
    received = datetime(2026, 3, 5, 9, tzinfo=UTC)
    confirm = clocks.confirmation(VIENNA, Regime.uk, received, is_complaint=True)
    assert confirm is not None
    assert confirm.at.date().isoformat() == "2026-04-04"
    assert clocks.confirmation(VIENNA, Regime.uk, received) is None


def test_a_wish_that_nothing_be_sold_has_fifteen_business_days() -> None:
    # 4 July 2026 is a Saturday, so that federal offices are closed on the 3rd.
    received = datetime(2026, 6, 26, 18, tzinfo=UTC)
    until = clocks.opt_out_of_sale(DENVER, received)
    assert until.at.isoformat() == "2026-07-20T23:59:59-06:00"
