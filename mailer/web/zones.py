"""The time zone that a person chose last, kept for the forms to come."""

from datetime import datetime

from flask import session

from mailer.campaigns import zones

KEY = "zone"


def remember(zone: str) -> None:
    session[KEY] = zone


def remembered(at: datetime | None = None) -> dict[str, object]:
    """Return the person's zone, all zones, and a time in hers when there is one."""
    name = session.get(KEY, "")
    known = name if name in zones.names() else ""
    local = zones.there(at, known) if at and known not in {"", "UTC"} else None
    return {
        "name": known or "UTC",
        "is_chosen": bool(known),
        "names": zones.names(),
        "local": local,
    }
