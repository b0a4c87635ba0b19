"""Until when consent lasts that is only implied from a dealing: CASL s.10(9), (10)."""

from datetime import date, timedelta

from mailer.compliance.inputs import Basis

# Two years after a purchase, six months after an inquiry; in doubt the shorter time.
IMPLIED = {Basis.purchase: 24, Basis.inquiry: 6, Basis.unknown: 6}
_MONTHS = 12


def last_day(basis: Basis, began: date) -> date:
    """Give the last day on which consent that a dealing implied may be relied upon."""
    return months_after(began, IMPLIED[basis])


def months_after(day: date, months: int) -> date:
    """Give the corresponding day some months later, or the last one of that month."""
    year, month = divmod(day.month - 1 + months, _MONTHS)
    first = date(day.year + year, month + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)
