"""What all workers share of their pace: asked for and granted in one short transaction.

The database holds it, as it holds all other truth. A worker asks for the moments of the next half
second at once, so that no message costs a query; and a Redis that is emptied cannot make a
hundred workers forget together how fast they may go.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.delivery import rates, replies
from mailer.delivery.pace_models import About, Crew, Limit, Pace
from mailer.delivery.rates import Ceiling, Grant

# Lines of a worker that no longer asks are closed after so long.
HEARTBEAT = timedelta(seconds=30)
# How long one worker tries a relay or a domain before another may.
PROBE = timedelta(seconds=30)
DOMAIN_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=15)
# A pace that nobody has touched for so long says nothing any more.
KEPT = timedelta(days=30)


class Key(NamedTuple):
    """What a pace is about. ``domain`` is empty when it is about the relay."""

    host: str
    about: About
    domain: str = ""


@dataclass
class Ask:
    """What a worker wants of a key, and what it has seen since it asked last.

    ``measured``: messages a second of this worker. ``unused``: promised moments that it gives back.
    """

    wanted: int = 0
    unused: int = 0
    measured: float = 0.0
    is_throttled: bool = False
    is_lost: bool = False
    is_reached: bool = False


class Word(NamedTuple):
    """What holds for a key now.

    ``is_limited``: only promised moments may be used. ``is_closed``: it was given up, and nothing
    leaves until somebody who asks may try it alone (``is_probe``). ``until``: nothing before then.
    """

    rate: float | None
    is_limited: bool
    is_closed: bool
    until: datetime | None
    is_probe: bool = False
    grant: Grant | None = None


class Lines(NamedTuple):
    """A worker's lines to one relay: open now, wanted, and the most for all workers together."""

    open: int
    wanted: int
    most: int | None


@dataclass
class Granted:
    """What the database answered ``at`` its time; ``lines`` only where they are limited."""

    at: datetime
    words: dict[Key, Word] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def exchange(
    session: Session,
    worker: str,
    lines: Mapping[str, Lines],
    asks: Mapping[Key, Ask],
    now: datetime,
) -> Granted:
    """Tell what was seen, ask for what is wanted; the caller commits. ``lines`` are by host.

    Where nothing is limited it reads two small tables and writes nothing.
    """
    limits = set_by_people(session, lines)
    caps = {
        host: smallest(one.most, limits.get(Key(host, About.relay))) for host, one in lines.items()
    }
    shared = {host: cap for host, cap in caps.items() if cap is not None}
    paces = locked(session, {*asks, *(Key(host, About.relay) for host in shared)})
    granted = Granted(now)
    for key, pace in paces.items():
        ceiling = ceilings(limits.get(key))
        granted.words[key] = answered(pace, ceiling, asks.get(key, Ask()), worker, now)
    others = recent(session, lines, now)
    for key in (others.keys() | limits.keys()) - paces.keys():
        granted.words[key] = seen(others.get(key), ceilings(limits.get(key)), now)
    for host, cap in shared.items():
        granted.lines[host] = crewed(session, host, worker, lines[host], cap, now)
    return granted


def set_by_people(session: Session, hosts: Iterable[str]) -> dict[Key, Limit]:
    found = sa.select(Limit).where(Limit.host.in_(hosts))
    return {Key(one.host, one.about, one.domain): one for one in session.scalars(found)}


def ceilings(limit: Limit | None) -> Ceiling:
    return Ceiling(limit.per_second, limit.per_day, limit.warm_from) if limit else Ceiling()


def smallest(most: int | None, limit: Limit | None) -> int | None:
    caps = [cap for cap in (most, limit.connections if limit else None) if cap is not None]
    return min(caps, default=None)


def locked(session: Session, keys: Iterable[Key]) -> dict[Key, Pace]:
    """Return these paces, made where they are missing and ours until the commit."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    blank = {"used": 0, "prober": "", "trips": 0}
    session.execute(
        rows.insertion(session, Pace)
        .values([{**key._asdict(), **blank} for key in wanted])
        .on_conflict_do_nothing()
    )
    place = sa.tuple_(Pace.host, Pace.about, Pace.domain)
    found = sa.select(Pace).where(place.in_([tuple(key) for key in wanted]))
    ordered = found.order_by(Pace.host, Pace.about, Pace.domain).with_for_update()
    fresh = session.scalars(ordered, execution_options={"populate_existing": True})
    return {Key(one.host, one.about, one.domain): one for one in fresh}


def recent(session: Session, hosts: Iterable[str], now: datetime) -> dict[Key, Pace]:
    """Return the paces of these relays that say something, without a lock."""
    says = Pace.closed_until.is_not(None) | (Pace.slowed_at > now - rates.FORGOTTEN)
    found = sa.select(Pace).where(Pace.host.in_(hosts), says)
    return {Key(one.host, one.about, one.domain): one for one in session.scalars(found)}


def answered(pace: Pace, ceiling: Ceiling, ask: Ask, worker: str, now: datetime) -> Word:
    """Note what a worker saw, and promise it what may leave."""
    take_back(pace, ceiling, ask.unused, now)
    if ask.is_throttled and (pace.slowed_at is None or now - pace.slowed_at > rates.CALM):
        before = rate(pace, ceiling, now)
        pace.slowed_to = rates.halved(
            max(ask.measured, rates.UNMEASURED) if before is None else before
        )
        pace.slowed_at = now
    heed(pace, ask, worker, now)
    if pace.closed_until is not None and pace.closed_until <= now and ask.wanted:
        pace.prober, pace.closed_until = worker, now + PROBE
    word = seen(pace, ceiling, now)
    if word.is_closed:
        if pace.prober != worker:
            return word
        word = word._replace(until=None, is_probe=True)
    if is_spent(pace, ceiling, now):
        return word._replace(until=midnight(now))
    return word._replace(grant=promised(pace, ceiling, ask.wanted, now)) if ask.wanted else word


def seen(pace: Pace | None, ceiling: Ceiling, now: datetime) -> Word:
    """Return what holds without asking for anything."""
    per_second = ceiling.per_second if pace is None else rate(pace, ceiling, now)
    is_limited = per_second is not None or rates.of_the_day(ceiling, now.date()) is not None
    until = pace.closed_until if pace is not None else None
    return Word(per_second, is_limited, until is not None, until)


def rate(pace: Pace, ceiling: Ceiling, now: datetime) -> float | None:
    return rates.rate(ceiling.per_second, pace.slowed_to, pace.slowed_at, now)


def heed(pace: Pace, ask: Ask, worker: str, now: datetime) -> None:
    """Close what was lost, and open what somebody has reached again."""
    if ask.is_lost:
        is_closed = pace.closed_until is not None and pace.closed_until > now
        if not is_closed or pace.prober == worker:
            rest = resting(pace)
            pace.closed_until, pace.prober, pace.trips = now + rest, "", pace.trips + 1
    elif ask.is_reached and pace.prober == worker:
        pace.closed_until, pace.prober, pace.trips = None, "", 0


def resting(pace: Pace) -> timedelta:
    """Return how long to leave it alone: a relay as long each time, a domain ever longer."""
    if pace.about is About.relay:
        return replies.RELAY_REST
    return min(LONGEST_REST, DOMAIN_REST * (1 << min(pace.trips, 10)))


def take_back(pace: Pace, ceiling: Ceiling, unused: int, now: datetime) -> None:
    per_second = rate(pace, ceiling, now)
    if unused and per_second and pace.free_at is not None:
        pace.free_at -= timedelta(seconds=unused / per_second)
    if pace.day == now.date():
        pace.used = max(0, pace.used - unused)


def promised(pace: Pace, ceiling: Ceiling, wanted: int, now: datetime) -> Grant | None:
    """Promise a worker what it may send, as much of what it wants as there is."""
    per_second, most = rate(pace, ceiling, now), rates.of_the_day(ceiling, now.date())
    if pace.day != now.date():
        pace.day, pace.used = now.date(), 0
    wanted = wanted if most is None else min(wanted, most - pace.used)
    if per_second is not None:
        grant, pace.free_at = rates.slots(pace.free_at, per_second, wanted, now)
    elif most is not None:
        grant = Grant(wanted, 0.0, 0.0)
    else:
        return None
    pace.used += grant.number
    return grant


def is_spent(pace: Pace, ceiling: Ceiling, now: datetime) -> bool:
    """Tell whether all that may leave today is promised."""
    most = rates.of_the_day(ceiling, now.date())
    return most is not None and pace.day == now.date() and pace.used >= most


def midnight(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time(), UTC)


def crewed(session: Session, host: str, worker: str, lines: Lines, cap: int, now: datetime) -> int:
    """Register a worker's lines to a relay and return how many it may have.

    The relay's pace is locked by us. A worker that must give up lines counts with those that it
    still has, so that all together never exceed the cap.
    """
    session.execute(sa.delete(Crew).where(Crew.host == host, Crew.until <= now))
    found = sa.select(Crew).where(Crew.host == host, Crew.worker != worker)
    others = session.scalars(found, execution_options={"populate_existing": True}).all()
    wanted = {one.worker: one.wanted for one in others} | {worker: lines.wanted}
    free = cap - sum(one.lines for one in others)
    mine = max(0, min(rates.fair(cap, wanted)[worker], free))
    values = {"lines": max(mine, lines.open), "wanted": lines.wanted, "until": now + HEARTBEAT}
    statement = rows.insertion(session, Crew).values(host=host, worker=worker, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["host", "worker"], set_=values))
    return mine


def leave(session: Session, worker: str, unused: Mapping[Key, int], now: datetime) -> None:
    """Give back lines and promised moments at the end of a turn; the caller commits."""
    session.execute(sa.delete(Crew).where(Crew.worker == worker))
    held = {key for key, count in unused.items() if count}
    limits = set_by_people(session, {key.host for key in held})
    for key, pace in locked(session, held).items():
        take_back(pace, ceilings(limits.get(key)), unused[key], now)


def forget(session: Session, now: datetime) -> None:
    """Drop the paces that nothing has happened to for KEPT; the caller commits.

    One that a worker has just asked for it makes anew.
    """
    oldest = now - KEPT
    stamps = Pace.free_at, Pace.slowed_at, Pace.closed_until
    is_old = [sa.or_(stamp.is_(None), stamp < oldest) for stamp in stamps]
    is_old.append(sa.or_(Pace.day.is_(None), Pace.day < oldest.date()))
    session.execute(sa.delete(Pace).where(*is_old).execution_options(synchronize_session=False))
