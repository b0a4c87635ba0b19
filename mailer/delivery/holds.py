"""What keeps mail waiting at relays, read from the rows: limits, warm-ups, slow-downs, rests."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.delivery import pacing, rates
from mailer.delivery.pace_models import About, Limit, Pace
from mailer.delivery.pacing import Key

PLACES = {
    About.relay: "relay {host}",
    About.recipients: "mail to {domain} at relay {host}",
    About.sender: "mail from {domain} at relay {host}",
}
A_MINUTE, AN_HOUR = 60, 3600


@dataclass(frozen=True)
class Holds:
    """What people allow, and what relays asked for, at the relays of one campaign."""

    hosts: Sequence[str]
    sender: str
    limits: Mapping[Key, Limit]
    paces: Mapping[Key, Pace]
    now: datetime

    @classmethod
    def read(cls, session: Session, hosts: Sequence[str], sender: str, now: datetime) -> Self:
        """Read what holds at these relays for mail of a sender's domain."""
        found = sa.select(Pace).where(Pace.host.in_(hosts))
        paces = {Key(one.host, one.about, one.domain): one for one in session.scalars(found)}
        return cls(hosts, sender, pacing.set_by_people(session, hosts), paces, now)

    def told(self, key: Key) -> str:
        """Return which pace holds mail back there, in one sentence; empty when none does."""
        limit, pace, where = self.limits.get(key), self.paces.get(key), place(key)
        ceiling = pacing.ceilings(limit)
        most = rates.of_the_day(ceiling, self.now.date())
        named = f"the {'warm-up' if limit is not None and limit.warm_from else 'limit'} of {where}"
        if most is not None and pace is not None and pacing.is_spent(pace, ceiling, self.now):
            ends = pacing.midnight(self.now)
            return f"Held until {ends:%H:%M} UTC: {named} allows {most:,} today, and they are used."
        rate = ceiling.per_second if pace is None else pacing.rate(pace, ceiling, self.now)
        if rate is not None and rate != ceiling.per_second and pace is not None and pace.slowed_at:
            asked = f"{where} asked for less at {pace.slowed_at:%H:%M} UTC"
            return f"Held at {per(rate)}: {asked}, and the pace grows back by and by."
        if rate is not None:
            return f"Held at {per(rate)} by the limit of {where}."
        used = f"{pace.used:,} of them are used" if pace and pace.day == self.now.date() else ""
        return f"Held at {most:,} a day by {named}; {used or 'none is used'}." if most else ""

    def opens_at(self, key: Key) -> datetime | None:
        """Return when something goes there again, None when something may now."""
        pace = self.paces.get(key)
        if pace is None:
            return None
        if pacing.is_spent(pace, pacing.ceilings(self.limits.get(key)), self.now):
            return pacing.midnight(self.now)
        is_closed = pace.closed_until is not None and pace.closed_until > self.now
        return pace.closed_until if is_closed else None

    def rest(self, key: Key) -> str:
        """Say that a relay, or the way to a domain, is left alone since it is not there."""
        until = self.opens_at(key)
        if until is None:
            return f"One connection tries whether {place(key)} can be reached again."
        return f"Left alone until {until:%H:%M:%S} UTC: {place(key)} could not be reached."

    def closed(self) -> str:
        """Say why no relay takes anything now, of the one that opens first; empty if one may."""
        opening = [self.first_closed(host) for host in self.hosts]
        closed = [one for one in opening if one is not None]
        if not closed or len(closed) < len(opening):
            return ""
        return self.closed_words(min(closed)[1])

    def first_closed(self, host: str) -> tuple[datetime, Key] | None:
        """Return when a relay takes mail again and what is in the way, None if nothing is."""
        keys = Key(host, About.relay), Key(host, About.sender, self.sender)
        found = [(at, key) for key in keys if (at := self.opens_at(key)) is not None]
        return max(found, default=None)

    def closed_words(self, key: Key) -> str:
        pace, ceiling = self.paces[key], pacing.ceilings(self.limits.get(key))
        return self.told(key) if pacing.is_spent(pace, ceiling, self.now) else self.rest(key)

    def domains(self, through: Collection[str]) -> list[Key]:
        """Return the ways to domains that are held back, but for the domains that are through."""
        about = {*self.limits, *self.paces}
        ways = [key for key in about if key.about is About.recipients and key.domain not in through]
        return sorted(key for key in ways if self.opens_at(key) or self.told(key))

    def domain_words(self, key: Key) -> str:
        """Say what holds back the mail to a domain."""
        return self.closed_words(key) if self.opens_at(key) else self.told(key)


def place(key: Key) -> str:
    """Return what a pace is about, in words."""
    return PLACES[key.about].format(host=key.host, domain=key.domain)


def per(rate: float) -> str:
    """Return messages a second in the unit in which they are a number that people know."""
    if rate >= 1:
        return f"{rate:,.3g}/s" if rate < A_MINUTE else f"{rate:,.0f}/s"
    span, unit = (A_MINUTE, "min") if rate * A_MINUTE >= A_MINUTE / 2 else (AN_HOUR, "h")
    return f"{rate * span:,.0f}/{unit}"
