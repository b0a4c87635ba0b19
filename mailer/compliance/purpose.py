"""The primary purpose of a message, from what its reader sees, in order (16 CFR 316.3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from html import unescape

from mailer.compliance import address, promotion
from mailer.compliance.case import Case
from mailer.compliance.visible.reading import Surface
from mailer.compliance.words import Words, says

# One line such as "You may also like the lens kit" leaves a receipt a receipt.
_LONE_LINE = 200
_IMAGE = re.compile(r"<img\b[^<>]*", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_ANCHOR = 24


class Sort(StrEnum):
    """What a line is about; `other` is not told by its words."""

    promotion = "promotion"
    dealing = "dealing"
    other = "other"


@dataclass(frozen=True)
class Line:
    text: str
    sort: Sort


@dataclass(frozen=True)
class Purpose:
    """The lines of one body part as they are seen, without its footer."""

    part: str
    lines: tuple[Line, ...]

    @cached_property
    def promotions(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.sort is Sort.promotion)

    @property
    def has_dealing(self) -> bool:
        return any(line.sort is Sort.dealing for line in self.lines)

    @property
    def share(self) -> float:
        """How much of the text is promotion, 0 to 1; a lone line beside a dealing counts as 0."""
        size = sum(len(line.text) for line in self.promotions)
        if self.has_dealing and len(self.promotions) <= 1 and size <= _LONE_LINE:
            return 0.0
        return size / max(sum(len(line.text) for line in self.lines), 1)

    @property
    def early(self) -> Line | None:
        """Give the first promotion that stands before any dealing, if one does."""
        first = next((line for line in self.lines if line.sort is not Sort.other), None)
        return first if first and first.sort is Sort.promotion else None


def purposes(case: Case) -> tuple[Purpose, ...]:
    """One for each body part; of several views of a part, the worst."""
    sorts: dict[str, Sort | None] = {}
    return tuple(
        max((_purpose(case, surface.label, text, sorts) for text in _texts(surface)), key=_worse)
        for surface in case.surfaces
    )


def _texts(surface: Surface) -> tuple[str, ...]:
    return tuple(dict.fromkeys(view.seen.text for view in surface.views))


def _worse(purpose: Purpose) -> tuple[bool, float]:
    return purpose.early is not None, purpose.share


def is_promoting(case: Case) -> bool:
    """Whether any promotion at all is seen, also in the subject or as an image."""
    found = purposes(case)
    texts = [header.value for header in case.message.named("Subject")]
    texts += [alt for alt, _ in images(case, found)]
    return any(p.promotions for p in found) or any(map(promotion.promotion, texts))


def images(case: Case, found: tuple[Purpose, ...]) -> Iterator[tuple[str, bool]]:
    """Descriptions of images that advertise, and whether each stands above the first dealing."""
    dealings = (line.text for p in found for line in p.lines if line.sort is Sort.dealing)
    first = next(dealings, "")[:_ANCHOR]
    for part in case.message.parts:
        anchor = part.text.find(first) if first else -1
        for image in _IMAGE.finditer(part.text) if part.kind == "html" else ():
            alt = unescape("".join("".join(pair) for pair in _ALT.findall(image.group())[:1]))
            if promotion.promotion(alt):
                yield alt, image.start() < anchor


def _purpose(case: Case, part: str, text: str, sorts: dict[str, Sort | None]) -> Purpose:
    """Sort the lines of a text; `sorts` remembers those that were seen before."""
    lines: list[Line] = []
    is_led = False
    for line in filter(str.strip, text.split("\n")):
        if line not in sorts:
            sorts[line] = _sort(line, case)
        sort = sorts[line]
        # What follows a promotion belongs to it until the text comes to something else.
        if sort is not None:
            lines.append(Line(line, Sort.promotion if is_led and sort is Sort.other else sort))
        is_led = sort is not None and lines[-1].sort is Sort.promotion
    return Purpose(part, tuple(lines))


def _sort(text: str, case: Case) -> Sort | None:
    """Tell what a line is about by its own words; None for the footer."""
    if promotion.promotion(text):
        return Sort.promotion
    dealing = case.candidate.dealing
    marks = [mark for mark in (dealing.reference, dealing.opening) if mark] if dealing else []
    words = Words(text)
    if any(words.occurrences(Words(mark)) for mark in marks):
        return Sort.dealing
    own = (*case.candidate.opt_out_phrases, *case.candidate.sender.labels())
    if address.is_part(text, case.candidate.sender) or says(text, own):
        return None
    return Sort.dealing if promotion.is_dealing(text) else Sort.other
