"""The way out in the body: where the reader's own link stands, and whether it says what it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailer.compliance import footers, sighting
from mailer.compliance.case import Case
from mailer.compliance.sighting import Grade, Sighting
from mailer.compliance.visible.reading import Place, Reading, Surface, View
from mailer.compliance.words import Words, says

Places = tuple[Place, ...]

_BOTTOM_SHARE = 0.8
_TAIL_CHARACTERS = 600
_ADJOINING = 160
_FOREIGN_WORDS = 12

# Forty blank lines: about a screen and a half on a phone.
_WIDEST_GAP_PX = 780.0
_URL_CHARACTER = r"[^\s<>\"'()\[\]{}|\\^`.,;:!?]"


@dataclass(frozen=True)
class Fault:
    """What is wrong with the place of the link; a mild fault is worth a warning only."""

    evidence: str
    is_mild: bool = False


def sightings(case: Case, url: str, wording: tuple[str, ...]) -> tuple[Sighting, ...]:
    """How well the link to `url` is seen in each part, with wording that says what it is for.

    No wording: it may be called anything.
    """
    found = tuple(
        max((_in_view(s, view, url, wording) for view in s.views), key=lambda seen: seen.grade)
        for s in case.surfaces
    )
    lacking = sighting.missing(case)
    return (*found, *(Sighting(part, Grade.absent, "there is no such part") for part in lacking))


def misplacements(case: Case, url: str) -> Iterator[tuple[str, Fault]]:
    """Faults of place, part by part; a part that does not show the link has none."""
    for surface in case.surfaces:
        for view in surface.views:
            copies = list(_copies(surface, view.seen, url))
            fault = _fault(view.seen, copies[-1], case) if copies else None
            if fault:
                yield surface.label, fault
                break


def _copies(surface: Surface, reading: Reading, url: str) -> Iterator[Places]:
    """Give the places of each copy of the link, in reading order."""
    if surface.kind == "html":
        yield from reading.links(url)
        return
    bare = re.compile(re.escape(url) + rf"(?!{_URL_CHARACTER}|[.,;:!?]+{_URL_CHARACTER})")
    for match in bare.finditer(reading.text) if url else ():
        yield reading.between(*match.span())


def _in_view(surface: Surface, view: View, url: str, wording: tuple[str, ...]) -> Sighting:
    at = f" ({view.name})" if view.name else ""
    copies = list(_copies(surface, view.seen, url))
    told = [places for places in copies if _is_told(view.seen, places, wording)]
    if told:
        best = min((sighting.graded(surface.label, p) for p in told), key=lambda s: s.grade)
        return Sighting(best.part, best.grade, best.detail + at)
    if copies:
        text = view.seen.text[copies[0][0].start : copies[0][-1].end]
        detail = f"no opt-out wording in or beside the link “{text[:60]}”"
        return Sighting(surface.label, Grade.hidden, detail + at)
    return _unseen(surface, view, url, at)


def _unseen(surface: Surface, view: View, url: str, at: str) -> Sighting:
    """Why no visible link leads to the reader's own address."""
    for places in view.whole.links(url):
        reason = next((place.run.hidden for place in places if place.run.hidden), None)
        return Sighting(surface.label, Grade.hidden, f"hidden by {reason}{at}")
    if url in surface.addresses:
        return Sighting(surface.label, Grade.hidden, f"without any text to click on{at}")
    return Sighting(surface.label, Grade.absent, f"not found, {url}{at}")


def _is_told(reading: Reading, places: Places, wording: tuple[str, ...]) -> bool:
    """Whether the link or a sentence beside it, in the same block, has the wanted meaning."""
    if not wording:
        return True
    start, end = places[0].start, places[-1].end
    first, last = reading.paragraph(start, end)
    return says(reading.text[max(first, start - _ADJOINING) : min(last, end + _ADJOINING)], wording)


def _fault(reading: Reading, places: Places, case: Case) -> Fault | None:
    size, end = len(reading.text), places[-1].end
    after = reading.text[end:]
    if end < size * _BOTTOM_SHARE and len(after) > _TAIL_CHARACTERS:
        return Fault(f"the last link stands at {end * 100 // size} % of the text, 80 % is needed")
    foreign = list(footers.lines(after, case.candidate))
    if sum(len(Words(line).texts) for line in foreign) > _FOREIGN_WORDS:
        return Fault(f"after the link follows “{foreign[0][:80]}”")
    return _gap(reading, places)


def _gap(reading: Reading, places: Places) -> Fault | None:
    """Blank space that pushes the link out of the reader's sight."""
    around = [p for p in reading.places if p.end > places[0].start - _ADJOINING * 2]
    widest = max(place.gap for place in around if place.start <= places[0].start)
    if widest < _WIDEST_GAP_PX:
        return None
    return Fault(f"{widest:.0f} px of blank space before the link", is_mild=True)
