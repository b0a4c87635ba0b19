"""Whether a claim about time agrees with the facts, at each moment that may be that of sending."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from mailer.compliance.candidate import Candidate
from mailer.compliance.claims import Deadline, Matter
from mailer.compliance.offer import Offer

# "Tonight" lasts until the early morning, and midnight belongs to the day that it ends.
_NIGHT = timedelta(hours=6)
_MOMENT = timedelta(seconds=1)
_HOUR = timedelta(hours=1)
_WEEK_DAYS = 7
_SATURDAY = 5
_MOST_SPENT = 0.75
# House numbers: beyond the first "last chance" is doubtful, beyond the second it is false.
SOON_DAYS = 3
NOT_SOON_DAYS = 7


@dataclass(frozen=True)
class Clock:
    """A moment and the end of an offer, both as read on the clocks of one zone."""

    now: datetime
    end: datetime

    @property
    def left(self) -> timedelta:
        return self.end - self.now

    @property
    def days(self) -> int:
        """Give how many midnights lie before the end; an offer that ends at midnight has none."""
        return ((self.end - _MOMENT).date() - self.now.date()).days


def clocks(candidate: Candidate, end: datetime) -> tuple[Clock, ...]:
    """Give every way to read now and the end: in the zones of reader and offer, all day long.

    A time without a zone is the reader's; if hers is not known, the offer's, else UTC.
    """
    zones = _zones(candidate, end)
    aware = _aware(end, zones[0])
    return tuple(
        Clock(now.astimezone(zone), aware.astimezone(zone))
        for zone in zones
        for now in _moments(candidate, zone)
    )


def is_over(candidate: Candidate, end: datetime) -> bool:
    """Whether an end has passed for certain when the message leaves."""
    return all(clock.left <= timedelta(0) for clock in clocks(candidate, end))


def is_true(claim: Deadline, offer: Offer, clock: Clock) -> bool | None:
    """Tell whether a claim holds; None if people may differ."""
    if clock.left <= timedelta(0):
        return False
    if claim.matter is Matter.soon:
        is_soon = clock.left <= timedelta(days=SOON_DAYS)
        return True if is_soon else (None if clock.days <= NOT_SOON_DAYS else False)
    if claim.matter is Matter.today_only:
        return clock.days == 0 and not _began_before(offer, clock)
    return _TRUTHS[claim.matter](claim, clock)


def _began_before(offer: Offer, clock: Clock) -> bool:
    if offer.starts is None:
        return False
    zone = clock.now.tzinfo or UTC
    return _aware(offer.starts, zone).astimezone(zone).date() != clock.now.date()


def _is_date(claim: Deadline, clock: Clock) -> bool:
    ends = {clock.end.date(), (clock.end - _MOMENT).date()}
    return any(
        (end.day, end.month) in claim.dates and claim.year in (None, end.year) for end in ends
    )


def _is_weekday(claim: Deadline, clock: Clock) -> bool:
    ends = {clock.end.weekday(), (clock.end - _MOMENT).weekday()}
    return claim.number in ends and clock.days <= _WEEK_DAYS


def _is_weekend(_: Deadline, clock: Clock) -> bool:
    return (clock.end - _MOMENT).weekday() >= _SATURDAY and clock.days < _WEEK_DAYS


def _is_week(_: Deadline, clock: Clock) -> bool:
    return clock.days < _WEEK_DAYS and clock.now.weekday() + clock.days <= _WEEK_DAYS


def _is_hours(claim: Deadline, clock: Clock) -> bool:
    whole = timedelta(hours=claim.number)
    is_vague = not any(c.isdigit() for c in claim.words)
    return clock.left <= whole + _HOUR and (is_vague or clock.left >= whole * _MOST_SPENT)


def _is_days(claim: Deadline, clock: Clock) -> bool:
    return clock.days in (claim.number - 1, claim.number)


_TRUTHS: dict[Matter, Callable[[Deadline, Clock], bool]] = {
    Matter.today: lambda _, clock: clock.days == 0,
    Matter.tonight: lambda _, clock: (clock.end - _NIGHT).date() <= clock.now.date(),
    Matter.tomorrow: lambda _, clock: clock.days == 1,
    Matter.day: _is_date,
    Matter.weekday: _is_weekday,
    Matter.weekend: _is_weekend,
    Matter.week: _is_week,
    Matter.hours: _is_hours,
    Matter.days: _is_days,
}


def _zones(candidate: Candidate, end: datetime) -> tuple[tzinfo, ...]:
    known = [zone for zone in (candidate.zone, end.tzinfo) if zone is not None]
    return tuple(dict.fromkeys(known)) or (UTC,)


def _moments(candidate: Candidate, zone: tzinfo) -> Iterator[datetime]:
    """Give the moment of sending, or the first and last of the day if it is not known."""
    if candidate.at is not None:
        yield _aware(candidate.at, UTC)
        return
    for edge in (time.min, time.max):
        yield datetime.combine(candidate.today, edge, tzinfo=zone)


def _aware(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
