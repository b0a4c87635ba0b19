"""Text in the order it is read, each piece with how well it can be seen."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from mailer.compliance.words import Words, words_of

LINE_PX = 20.0
TEXT_PX = 16.0
FULL_CONTRAST = 21.0


class Run(NamedTuple):
    """A piece of text of one look.

    `before` is the break that precedes it: none, a line break, or a blank line for a new block.
    `gap` is blank space before it in px. `hidden` says why it cannot be seen, None if it can.
    `link` numbers the <a> it lies in and `href` is where that leads. `is_code`: in a code sample.
    """

    text: str
    before: str = ""
    gap: float = 0.0
    px: float = TEXT_PX
    contrast: float = FULL_CONTRAST
    hidden: str | None = None
    link: int | None = None
    href: str | None = None
    is_code: bool = False


class Place(NamedTuple):
    """Where a run stands in the text of a reading; `gap` is all blank space before it in px."""

    start: int
    end: int
    run: Run
    gap: float


class Reading:
    """Runs set one after the other, as one text that can be searched and traced back to them."""

    def __init__(self, runs: Iterable[Run]) -> None:
        text, places = _set(runs)
        self.text = text
        self.places = places

    @cached_property
    def words(self) -> Words:
        return words_of(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [place.start for place in self.places]

    def between(self, start: int, end: int) -> tuple[Place, ...]:
        """Give the places that a range of characters touches."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = bisect_left(self._starts, end)
        return tuple(place for place in self.places[first:last] if place.end > start)

    def line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def paragraph(self, start: int, end: int) -> tuple[int, int]:
        """Give the range of the block around some characters, up to the blank lines about it."""
        first = self.text.rfind("\n\n", 0, start)
        last = self.text.find("\n\n", end)
        return (0 if first < 0 else first + 2), (len(self.text) if last < 0 else last)

    def links(self, href: str) -> Iterator[tuple[Place, ...]]:
        """Give the places of each link that leads to an address and has text of its own."""
        found: dict[int, list[Place]] = {}
        for place in self.places:
            if place.run.link is not None and place.run.href == href and place.run.text.strip():
                found.setdefault(place.run.link, []).append(place)
        return (tuple(places) for places in found.values())


@dataclass(frozen=True)
class View:
    """One situation of a reader. `whole` holds what is hidden too, `seen` only what is not."""

    name: str
    seen: Reading
    whole: Reading


@dataclass(frozen=True)
class Surface:
    """A body part as readers meet it.

    `prose` is all its text outside of code samples, hidden or not; `code` is what is in them.
    `addresses` are all link and image addresses. `aside` is text that is never shown as such:
    image descriptions and comments.
    """

    kind: str
    label: str
    views: tuple[View, ...]
    prose: str
    code: str = ""
    addresses: tuple[str, ...] = ()
    aside: Reading = field(default_factory=lambda: Reading(()))


def plain_surface(label: str, text: str) -> Surface:
    """Give a text part: all of it is seen, line by line."""
    reading = Reading(_lines(text))
    return Surface("text", label, (View("", reading, reading),), text)


def _lines(text: str) -> Iterator[Run]:
    blank = -1
    for line in text.splitlines():
        if line.strip():
            before = "\n" if blank <= 0 else "\n\n"
            yield Run(line.strip(), before, max(blank, 0) * LINE_PX)
            blank = -1
        blank += 1


@lru_cache(maxsize=2048)
def _collapsed(text: str) -> str:
    """Make each stretch of white space one space."""
    inner = " ".join(text.split())
    lead, tail = text[:1].isspace(), inner and text[-1:].isspace()
    return f"{' ' if lead else ''}{inner}{' ' if tail else ''}"


def _set(runs: Iterable[Run]) -> tuple[str, tuple[Place, ...]]:
    pieces: list[str] = []
    places: list[Place] = []
    size, brk, gap, is_open = 0, "", 0.0, False
    for run in runs:
        gap += run.gap
        if len(run.before) > len(brk):
            brk = run.before
        text = _collapsed(run.text)
        if brk or not is_open:
            text = text.lstrip()
        if not text:
            continue
        if brk and places:
            pieces.append(brk)
            size += len(brk)
        end = size + len(text)
        pieces.append(text)
        places.append(Place(size, end, run, gap))
        size, brk, gap, is_open = end, "", 0.0, text[-1] != " "
    return "".join(pieces), tuple(places)
