"""Times as a person types them, on the clocks of a place; the database keeps UTC."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# Not places where people live, or names of the past.
ODD = ("Etc/", "SystemV/", "US/", "posix", "right")


class BadTime(ValueError):  # noqa: N818 - errors are named for the situation
    """The text is no time of that place; the message says why."""


@cache
def names() -> tuple[str, ...]:
    """Return the names that a person may choose from, UTC first."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(ODD))
    return ("UTC", *sorted(places))


def parsed(text: str, zone: str) -> datetime:
    """Read the time of a ``datetime-local`` field at a place; raises BadTime."""
    if zone not in names():
        raise BadTime("Choose one of the time zones of the list.")
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadTime("Give a day and a time, such as 2026-05-04 09:30.") from error
    if local.tzinfo is not None:
        raise BadTime("Give the time without an offset; the time zone is chosen beside it.")
    try:
        at = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError as error:
        raise BadTime("This time is out of any calendar.") from error
    if there(at, zone).replace(tzinfo=None) != local:
        raise BadTime("This time does not exist there: the clocks are put forward over it.")
    return at


def there(at: datetime, zone: str) -> datetime:
    """Return a moment as the clocks of a place show it; of an unknown place, those of UTC."""
    return at.astimezone(ZoneInfo(zone if zone in names() else "UTC"))


def spelled(at: datetime | None, zone: str) -> str:
    """Return a moment as a ``datetime-local`` field holds it, empty for none."""
    return there(at, zone).strftime("%Y-%m-%dT%H:%M") if at else ""
