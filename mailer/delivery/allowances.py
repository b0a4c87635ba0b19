"""What people allow at a relay: set, lifted and told. Workers heed it within a second."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.delivery import rates
from mailer.delivery.pace_models import About, Limit, Pace

PLACES = {About.relay: "all mail", About.recipients: "to {}", About.sender: "from {}"}


class BadLimit(Exception):  # noqa: N818 - errors are named for the situation
    """This cannot be a limit; the message says why."""


@dataclass(frozen=True)
class Allowance:
    """What is to be allowed; each field is the column of that name."""

    host: str
    about: About = About.relay
    domain: str = ""
    per_second: float | None = None
    connections: int | None = None
    per_day: int | None = None
    warm_from: date | None = None


def index(session: Session, hosts: Sequence[str] | None = None) -> Sequence[Limit]:
    """Return the limits at these relays, or at all."""
    chosen = sa.select(Limit).order_by(Limit.host, Limit.about, Limit.domain)
    return session.scalars(chosen if hosts is None else chosen.where(Limit.host.in_(hosts))).all()


def put(session: Session, given: Allowance) -> Limit:
    """Set a limit, in place of the one about the same; raises BadLimit.

    A warm-up that is under way goes on: another ceiling does not send it back to its first day.
    """
    demand_sound(given)
    found = sa.select(Limit).where(
        Limit.host == given.host, Limit.about == given.about, Limit.domain == given.domain
    )
    limit = session.scalar(found)
    if limit is None:
        limit = Limit(**asdict(given))
        session.add(limit)
    if given.warm_from and limit.warm_from:
        given = replace(given, warm_from=limit.warm_from)
    for name, value in asdict(given).items():
        setattr(limit, name, value)
    session.flush()
    return limit


def lift(session: Session, limit: Limit) -> None:
    """Take a limit away. What the relay itself has asked for still holds."""
    session.delete(limit)


def demand_sound(given: Allowance) -> None:
    if (given.about is About.relay) is bool(given.domain):
        raise BadLimit("A limit is about all mail of a relay, or names one domain.")
    if given.connections is not None and given.about is not About.relay:
        raise BadLimit("Connections are limited for a relay, not for one domain.")
    numbers = given.per_second, given.connections, given.per_day
    if any(number is not None and number <= 0 for number in numbers):
        raise BadLimit("A limit is more than nothing. To stop a campaign, pause it.")
    if given.warm_from is None and all(number is None for number in numbers):
        raise BadLimit("Say what is limited: messages a second, connections, messages a day.")


def place(limit: Limit) -> str:
    """Return what a limit is about, in words."""
    return PLACES[limit.about].format(limit.domain)


def told(limit: Limit, today: date) -> str:
    """Return a limit in words, with what a warm-up allows today."""
    parts = []
    if limit.per_second is not None:
        parts.append(f"{limit.per_second:.3g} a second")
    if limit.connections is not None:
        parts.append(f"{limit.connections:,} at a time")
    if limit.per_day is not None:
        parts.append(f"{limit.per_day:,} a day")
    if limit.warm_from is not None:
        ceiling = rates.Ceiling(None, limit.per_day, limit.warm_from)
        most = rates.of_the_day(ceiling, today)
        so_far = "no longer held back" if most is None else f"{most:,} today"
        parts.append(f"warming up since {limit.warm_from}, {so_far}")
    return ", ".join(parts)


def slowed(session: Session, now: datetime) -> Sequence[Pace]:
    """Return what relays have asked for: those that are slowed down or left alone."""
    recently = Pace.slowed_at > now - rates.FORGOTTEN
    chosen = sa.select(Pace).where(recently | (Pace.closed_until > now))
    return session.scalars(chosen.order_by(Pace.host, Pace.about, Pace.domain)).all()
