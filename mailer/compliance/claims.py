"""What a subject claims about an offer: until when, how much less, for nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from itertools import chain

from mailer.compliance import amounts, wording
from mailer.compliance.vocabulary import bargains, days, urgency


class Matter(Enum):
    """What a claim about time says."""

    today_only = auto()
    today = auto()
    tonight = auto()
    tomorrow = auto()
    weekday = auto()
    day = auto()
    weekend = auto()
    week = auto()
    hours = auto()
    days = auto()
    soon = auto()


@dataclass(frozen=True)
class Deadline:
    """A claim about time. `numbers` are the hours or days left, or the weekday (Monday is 0).

    `dates` are the (day, month) pairs that the words may mean: 5/12 may be in May or December.
    """

    matter: Matter
    words: str
    number: int = 0
    dates: tuple[tuple[int, int], ...] = ()
    year: int | None = None


def _row(names: str) -> str:
    return wording.any_of(tuple(names.split()))


_MONTH = "(?:" + "|".join(map(_row, days.MONTHS)) + ")"
_MONTHS = tuple(re.compile(_row(names)) for names in days.MONTHS)
_WEEKDAYS = tuple(map(_row, days.WEEKDAYS))
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th|er|e|o|a)?"
_DATE = (
    rf"(?:{_ORDINAL} (?:de |di |of )?({_MONTH})(?: (?:de )?(\d{{4}}))?"
    rf"|({_MONTH}) {_ORDINAL}(?: (\d{{4}}))?"
    r"|(\d{4}) (\d{1,2}) (\d{1,2})|(\d{1,2}) (\d{1,2})(?: (\d{4}))?|(\d{1,2}) 月 (\d{1,2}) 日)"
)
_BETWEEN = rf"(?:{wording.any_of(urgency.LINKS)} ){{0,3}}"
_UNTIL = wording.any_of(urgency.UNTIL)
_UNTIL_AFTER = wording.any_of(urgency.UNTIL_AFTER)
_ONLY = wording.any_of(urgency.ONLY)
_TODAY = wording.any_of(urgency.TODAY)
_TONIGHT = wording.any_of(urgency.TONIGHT)
_TOMORROW = wording.any_of(urgency.TOMORROW)
_LEFT = wording.phrase_pattern(urgency.LEFT)
_COUNT = rf"(\d{{1,3}}|{wording.any_of(tuple(amounts.small_numbers()))}(?= ))"


def _until(when: str) -> re.Pattern[str]:
    return re.compile(rf" {_UNTIL} {_BETWEEN}{when}(?= )")


def _up_to(when: str) -> re.Pattern[str]:
    return re.compile(rf" {when} {_UNTIL_AFTER}(?= )")


def _only(when: str) -> re.Pattern[str]:
    return re.compile(rf" (?:{_ONLY} (?:\w+ )?{when}|{when} (?:\w+ )?{_ONLY})(?= )")


_SIMPLE = (
    (Matter.today_only, _only(_TODAY)),
    (Matter.tonight, _only(_TONIGHT)),
    (Matter.tonight, _until(_TONIGHT)),
    (Matter.today, _until(_TODAY)),
    (Matter.today, _up_to(_TODAY)),
    (Matter.tonight, _up_to(_TONIGHT)),
    (
        Matter.today,
        re.compile(rf"(?<= ){wording.any_of(urgency.LAST_DAY)}(?= ){urgency.NO_SALE}"),
    ),
    (Matter.tomorrow, _until(_TOMORROW)),
    (Matter.tomorrow, _up_to(_TOMORROW)),
    (Matter.weekend, _only(wording.any_of(urgency.WEEKEND))),
    (Matter.weekend, _until(wording.any_of(urgency.WEEKEND))),
    (Matter.week, _only(wording.any_of(urgency.WEEK))),
    (Matter.soon, wording.phrase_pattern(urgency.LAST_CHANCE)),
)
_BY_DATE = (_until(_DATE), _up_to(_DATE))
_BY_WEEKDAY = tuple(_until(names) for names in _WEEKDAYS)
_SPANS = (
    (Matter.hours, re.compile(rf" {_COUNT} ?{wording.any_of(urgency.HOURS)}(?= )")),
    (Matter.days, re.compile(rf" {_COUNT} ?{wording.any_of(urgency.DAYS)}(?= )")),
)
_LAST_HOURS = wording.phrase_pattern(urgency.LAST_HOURS)
_A_DAY_HOURS = 24

_FREE = wording.phrase_pattern(bargains.FREE)
_OTHERWISE = wording.phrase_pattern(bargains.FREE_OTHERWISE)
_REDUCED = wording.phrase_pattern(bargains.REDUCED)
_UP_TO = wording.phrase_pattern(bargains.UP_TO)
_MINUS = re.compile(r"(?:^|\s)[-−–]\s?%?\d{1,3}(?:[.,]\d+)?\s?%")  # noqa: RUF001
LONGEST_SUBJECT = 2000


def deadlines(text: str) -> Iterator[Deadline]:
    """Give each claim about time, the most exact words first."""
    subject = wording.flat(text[:LONGEST_SUBJECT])
    yield from _dates(subject)
    yield from _weekdays(subject)
    yield from _spans(subject)
    for matter, pattern in _SIMPLE:
        found = pattern.search(subject)
        if found:
            yield Deadline(matter, found.group().strip())


def reductions(text: str) -> Iterator[tuple[Decimal, bool]]:
    """Give each percentage by which something is cheaper, and whether it is the highest of many."""
    subject = wording.flat(text[:LONGEST_SUBJECT])
    is_ceiling = bool(_UP_TO.search(subject))
    if is_ceiling or _REDUCED.search(subject) or _MINUS.search(text[:LONGEST_SUBJECT]):
        for number in amounts.percentages(text[:LONGEST_SUBJECT]):
            yield number, is_ceiling


def gift(text: str) -> str | None:
    """Give the word that says that something costs nothing."""
    found = _FREE.search(_OTHERWISE.sub(" ", wording.flat(text[:LONGEST_SUBJECT])))
    return found.group() if found else None


def _dates(subject: str) -> Iterator[Deadline]:
    for found in chain(*(pattern.finditer(subject) for pattern in _BY_DATE)):
        g = found.groups()
        if g[1] or g[3]:
            pairs: list[tuple[int, int]] = [(int(g[0] or g[4]), _month(g[1] or g[3]))]
        elif g[6] or g[12]:
            pairs = [(int(g[8] or g[13]), int(g[7] or g[12]))]
        else:
            one, other = int(g[9]), int(g[10])
            pairs = [(one, other), (other, one)]
        year = g[2] or g[5] or g[6] or g[11]
        number = int(year) if year else None
        yield Deadline(Matter.day, found.group().strip(), dates=tuple(pairs), year=number)


def _month(name: str) -> int:
    return next(n for n, names in enumerate(_MONTHS, start=1) if names.fullmatch(name))


def _weekdays(subject: str) -> Iterator[Deadline]:
    for number, pattern in enumerate(_BY_WEEKDAY):
        found = pattern.search(subject)
        if found:
            yield Deadline(Matter.weekday, found.group().strip(), number)


def _spans(subject: str) -> Iterator[Deadline]:
    for matter, pattern in _SPANS:
        found = pattern.search(subject) if _LEFT.search(subject) else None
        if found:
            yield Deadline(matter, found.group().strip(), _count(found.group(1)))
            return
    found = _LAST_HOURS.search(subject)
    if found:
        yield Deadline(Matter.hours, found.group(), _A_DAY_HOURS)


def _count(word: str) -> int:
    return int(word) if word.isdecimal() else amounts.small_numbers()[word]
