"""Time zones: a person types her own clock's time, the database keeps UTC, pages show both."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from flask import session

KEY = "zone"
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
    if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        raise BadTime("This time does not exist there: the clocks are put forward over it.")
    return at


def remember(zone: str) -> None:
    session[KEY] = zone


def remembered(at: datetime | None) -> dict[str, object]:
    """Return the person's zone, all zones, and a time in hers when there is one."""
    name = session.get(KEY, "")
    known = name if name in names() else ""
    local = at.astimezone(ZoneInfo(known)) if at and known not in {"", "UTC"} else None
    return {"name": known or "UTC", "is_chosen": bool(known), "names": names(), "local": local}
