"""When a period is over: whole days in the desk's zone, as Regulation 1182/71 counts them."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailer.privacy.clocks import corresponding
from mailer.privacy.keeping.classes import Rule, Unit

A_DAY = timedelta(days=1)
# When the night's run begins, on the desk's clocks. No zone ever skips a whole morning.
NIGHT = time(3)


def edge(zone: ZoneInfo, now: datetime, rule: Rule, length: int) -> datetime:
    """Return the moment before which whatever happened has been kept for long enough.

    A period ends with the last second of its last day, which for months is the corresponding
    day, or the last one of a month that has no such day (Art. 3(2)(b), (c) Regulation 1182/71).
    """
    over = now.astimezone(zone).date() - A_DAY
    last = months_before(over, length) if rule.unit is Unit.months else over - length * A_DAY
    return datetime.combine(last + A_DAY, time.min, zone)


def months_before(over: date, months: int) -> date:
    """Return the last day whose period of months ends on that day or before."""
    day = corresponding(over, -months)
    if over.day < monthrange(over.year, over.month)[1]:
        return day
    return day.replace(day=monthrange(day.year, day.month)[1])


def night(zone: ZoneInfo, now: datetime) -> date | None:
    """Return the day whose run is due, None before NIGHT."""
    here = now.astimezone(zone)
    return here.date() if here.time() >= NIGHT else None
