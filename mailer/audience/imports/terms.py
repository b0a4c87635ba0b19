"""From when an imported reader's consent counts, and until when it lasts: nothing is guessed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property, lru_cache

from mailer.audience import expiry
from mailer.audience.imports.models import Basis
from mailer.audience.imports.reading.people import Person
from mailer.compliance import inputs, lapse

# What the law calls the dealing that each basis is implied from.
IMPLIED = {Basis.customer: inputs.Basis.purchase, Basis.inquiry: inputs.Basis.inquiry}
NO_DAY = "R31: no day that can be read says from when this reader's consent counts."
AHEAD = "R31: the day from which this reader's consent would count is still to come."
OVER = "R31: this reader's consent ended on {:%d %B %Y}. To ask for it now is too late as well."


@dataclass(frozen=True)
class Terms:
    """What a batch says of time: on what consent rests, and (``declared``) since when.

    A row's own day comes before the declared one; a day in a row that cannot be read is no day.
    """

    basis: Basis
    now: datetime
    declared: date | None = None

    @cached_property
    def is_implied(self) -> bool:
        return self.basis in IMPLIED

    @cached_property
    def otherwise(self) -> datetime | None:
        return midnight(self.declared) if self.declared else None

    def began(self, person: Person) -> datetime | None:
        """Return from when her consent counts; None where nothing says so."""
        if not self.is_implied:
            return person.since or self.otherwise
        return day(person.dealt) if person.dealt else self.otherwise

    def ends_at(self, began: datetime | None) -> datetime | None:
        """Return when implied consent ends: as its last day begins, so never late anywhere."""
        if began is None or not self.is_implied:
            return None
        return midnight(lapse.last_day(IMPLIED[self.basis], began.date()))

    def fault(self, person: Person, months: int | None) -> str:
        """Return why her consent cannot be relied upon where a yes lasts so many months."""
        if months is None and not self.is_implied:
            return ""
        began = self.began(person)
        if began is None:
            return NO_DAY
        if began > self.now:
            return AHEAD
        ends = [self.ends_at(began), None if months is None else expiry.after(began, months)]
        first = min(one for one in ends if one is not None)
        return OVER.format(first) if first <= self.now else ""


def midnight(one: date) -> datetime:
    return datetime.combine(one, time(), UTC)


@lru_cache(10_000)
def day(text: str) -> datetime | None:
    """Return the beginning of a day as ISO 8601 writes it: others mean two days by 03/04/2026."""
    try:
        return midnight(datetime.fromisoformat(text).date())
    except (ValueError, OverflowError):
        return None
