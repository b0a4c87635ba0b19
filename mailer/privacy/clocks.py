"""The clocks of the desk: by when a person, an authority and the users must have their answer."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import holidays

LAST_SECOND = time(23, 59, 59)
SATURDAY = 5
A_DAY = timedelta(days=1)

GDPR_ANSWER = "Art. 12(3) GDPR; Art. 3 Regulation (EEC, Euratom) No 1182/71"
UK_ANSWER = "Art. 12(3) UK GDPR"
UK_COMPLAINT = "s. 164A(3) Data Protection Act 2018"
CCPA_CONFIRM = "11 CCR 7021(a)"
CCPA_ANSWER = "Cal. Civ. Code 1798.130(a)(2)(A); 11 CCR 7021(b)"
CCPA_OPT_OUT = "11 CCR 7026(f)"
OWN_ANSWER = "our own privacy policy"
AUTHORITY = "Art. 33(1) GDPR"
USERS = "our own privacy policy: seven business days"

CCPA_CONFIRM_DAYS = 10
CCPA_ANSWER_DAYS = 45
CCPA_OPT_OUT_DAYS = 15
UK_COMPLAINT_DAYS = 30
AUTHORITY_HOURS = 72
USERS_DAYS = 7


def spelled(at: datetime) -> str:
    """Return a moment as a person reads it, in the zone that it is told in."""
    return f"{at:%d %B %Y, %H:%M %Z}"


class Regime(StrEnum):
    """Whose law a request comes under; ``policy`` is our own word, where no law sets a time."""

    gdpr = "GDPR"
    uk = "UK GDPR"
    ccpa = "CCPA"
    policy = "policy"


class NotExtendable(Exception):  # noqa: N818 - errors are named for the situation
    """Our own word has no second term."""


@dataclass(frozen=True)
class Desk:
    """Where the desk stands: its zone, its country (ISO 3166) and the policy's own days.

    The country says which days are no working days under Regulation 1182/71. The days are what
    the policy promises to everybody: where a law gives more time, the promise holds.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    country: str = ""
    days: int = 45


@dataclass(frozen=True)
class Deadline:
    """The last moment at which something is still in time, in the desk's zone, and who says so."""

    at: datetime
    citation: str


def answer(desk: Desk, regime: Regime, received: datetime) -> Deadline:
    """Return by when a law, or the policy alone, wants a request answered.

    GDPR and UK GDPR: the corresponding day of the next month, or that month's last day, and if
    that is no working day the next one. CCPA: 45 calendar days. The policy: its own days.
    """
    on = received.astimezone(desk.zone).date()
    if regime is Regime.ccpa:
        return end_of(desk, on + CCPA_ANSWER_DAYS * A_DAY, CCPA_ANSWER)
    if regime is Regime.policy:
        return end_of(desk, on + desk.days * A_DAY, OWN_ANSWER)
    return after_months(desk, regime, on, 1)


def extended(desk: Desk, regime: Regime, received: datetime) -> Deadline:
    """Return by when an extended request must be answered; raises NotExtendable.

    GDPR and UK GDPR: two further months, so three from receipt (Art. 12(3)). CCPA: 45 further
    days, so 90 from receipt.
    """
    on = received.astimezone(desk.zone).date()
    if regime is Regime.policy:
        raise NotExtendable
    if regime is Regime.ccpa:
        return end_of(desk, on + 2 * CCPA_ANSWER_DAYS * A_DAY, CCPA_ANSWER)
    return after_months(desk, regime, on, 3)


def confirmation(
    desk: Desk, regime: Regime, received: datetime, *, is_complaint: bool = False
) -> Deadline | None:
    """Return by when receipt must be confirmed, or None.

    10 business days under CCPA; 30 days for a complaint in the United Kingdom.
    """
    on = received.astimezone(desk.zone).date()
    if regime is Regime.uk and is_complaint:
        return end_of(desk, on + UK_COMPLAINT_DAYS * A_DAY, UK_COMPLAINT)
    if regime is not Regime.ccpa:
        return None
    return end_of(desk, business_day(on, CCPA_CONFIRM_DAYS, federal), CCPA_CONFIRM)


def opt_out_of_sale(desk: Desk, received: datetime) -> Deadline:
    """Return by when a wish that nothing be sold must be met in California: 15 business days."""
    on = received.astimezone(desk.zone).date()
    return end_of(desk, business_day(on, CCPA_OPT_OUT_DAYS, federal), CCPA_OPT_OUT)


def to_authority(desk: Desk, aware: datetime) -> Deadline:
    """Return 72 hours after a breach became known: hours run through weekends and clock changes."""
    at = aware.astimezone(UTC) + timedelta(hours=AUTHORITY_HOURS)
    return Deadline(at.astimezone(desk.zone), AUTHORITY)


def to_users(desk: Desk, aware: datetime) -> Deadline:
    """Return the end of the seventh business day after a breach became known.

    Business days are those on which US federal offices are open (5 U.S.C. 6103).
    """
    on = aware.astimezone(desk.zone).date()
    return end_of(desk, business_day(on, USERS_DAYS, federal), USERS)


def may_pause(regime: Regime) -> bool:
    """Tell whether doubt about who asks stops the clock.

    Not under CCPA, whose days count from receipt whatever proof takes (11 CCR 7021(b)).
    """
    return regime is not Regime.ccpa


def after_months(desk: Desk, regime: Regime, on: date, months: int) -> Deadline:
    last = on_or_after(corresponding(on, months), desk.country)
    return end_of(desk, last, UK_ANSWER if regime is Regime.uk else GDPR_ANSWER)


def corresponding(on: date, months: int) -> date:
    """Return the same day some months later, or that month's last day where it has no such day."""
    years, month = divmod(on.month - 1 + months, 12)
    year, month = on.year + years, month + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def on_or_after(day: date, country: str) -> date:
    """Return the day, or the next working day of a country (Art. 3(4) Regulation 1182/71)."""
    while is_weekend(day) or is_holiday(day, country):
        day += A_DAY
    return day


def business_day(on: date, number: int, is_free: Callable[[date], bool]) -> date:
    """Return the so-manieth business day after a day, which itself does not count."""
    while number:
        on += A_DAY
        number -= not is_weekend(on) and not is_free(on)
    return on


def federal(day: date) -> bool:
    return is_holiday(day, "US")


def is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def is_holiday(day: date, country: str) -> bool:
    """Tell whether a day is a public holiday in all of a country; an unknown one has none."""
    return day in holidays_of(country, day.year)


@cache
def holidays_of(country: str, year: int) -> frozenset[date]:
    if country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


def end_of(desk: Desk, day: date, citation: str) -> Deadline:
    return Deadline(datetime.combine(day, LAST_SECOND, desk.zone), citation)
