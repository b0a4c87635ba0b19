"""Whether each reader sees at least one copy of a required item, and how well."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from mailer.compliance.case import Case
from mailer.compliance.visible.reading import Place, Reading, Surface, View

CLEAR_PX = 9.0
CLEAR_CONTRAST = 3.0

# Gives the ranges of characters at which a reading holds the item.
Find = Callable[[Reading], Iterable[tuple[int, int]]]


class Grade(IntEnum):
    """How well an item can be seen, from best to worst."""

    clear = 0
    pale = 1
    small = 2
    hidden = 3
    absent = 4


@dataclass(frozen=True)
class Sighting:
    """The best copy of an item in the situation where it is seen worst. `detail` says how."""

    part: str
    grade: Grade
    detail: str = ""


def sightings(case: Case, find: Find) -> tuple[Sighting, ...]:
    """One sighting for each body part. A message in HTML must have a text part as well."""
    found = tuple(sighting(surface, find) for surface in case.surfaces)
    return (
        *found,
        *(Sighting(label, Grade.absent, "there is no such part") for label in missing(case)),
    )


def missing(case: Case) -> tuple[str, ...]:
    """Give the parts that a message lacks: its text part, or all of it."""
    kinds = {surface.kind for surface in case.surfaces}
    return () if "text" in kinds else ("text part",)


def sighting(surface: Surface, find: Find) -> Sighting:
    """Give the worst of all views; where they say the same words, these are searched once."""
    spans: dict[str, list[tuple[int, int]]] = {}

    def found(reading: Reading) -> list[tuple[int, int]]:
        if reading.text not in spans:
            spans[reading.text] = list(find(reading))
        return spans[reading.text]

    return max((_in_view(surface, view, found) for view in surface.views), key=lambda s: s.grade)


def readings(surface: Surface) -> tuple[Reading, ...]:
    """Give what is seen in each situation, once where it is the same words."""
    return tuple({view.seen.text: view.seen for view in surface.views}.values())


def graded(part: str, places: Iterable[Place]) -> Sighting:
    """How well some places are seen, by their smallest and palest letters."""
    written = [place.run for place in places if place.run.text.strip()]
    smallest = min(run.px for run in written)
    palest = min(run.contrast for run in written)
    if smallest < CLEAR_PX:
        return Sighting(part, Grade.small, f"{smallest:.3g} px high, {CLEAR_PX:g} px are needed")
    if palest < CLEAR_CONTRAST:
        detail = f"contrast {palest:.2f}:1 with its background, {CLEAR_CONTRAST:g}:1 is needed"
        return Sighting(part, Grade.pale, detail)
    return Sighting(part, Grade.clear)


def _in_view(surface: Surface, view: View, find: Find) -> Sighting:
    at = f" ({view.name})" if view.name else ""
    copies = [graded(surface.label, view.seen.between(*span)) for span in find(view.seen)]
    if copies:
        best = min(copies, key=lambda s: s.grade)
        return Sighting(best.part, best.grade, best.detail + at)
    for span in find(view.whole):
        reasons = [p.run.hidden for p in view.whole.between(*span) if p.run.hidden]
        detail = f"hidden by {reasons[0]}" if reasons else "broken up by other text"
        return Sighting(surface.label, Grade.hidden, detail + at)
    if any(True for _ in find(surface.aside)):
        return Sighting(surface.label, Grade.hidden, "only in an image text or a comment")
    return Sighting(surface.label, Grade.absent, "not found" + at)
