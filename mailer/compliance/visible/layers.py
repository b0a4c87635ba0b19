"""Boxes that lie over text: worked out from rough heights, and only where such boxes are."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailer.compliance.visible import edges, moving
from mailer.compliance.visible.hiding import Box
from mailer.compliance.visible.lengths import VIEWPORT_HEIGHT_PX
from mailer.compliance.visible.shape import Shape

_LEAST_WIDE, _LEAST_HIGH = 100.0, 12.0
_SLACK = 0.35
_SLACK_PX = 12.0
_MOST_COVERS = 200


@dataclass(eq=False, slots=True)
class Spot:
    """An element in its place: from where to where it goes down the page, in px, and around what.

    `order` counts elements and texts as they are painted when nothing is raised.
    """

    shape: Shape
    around: "Spot | None"
    order: int
    top: float
    bottom: float = 0.0

    def lineage(self) -> Iterable["Spot"]:
        spot: Spot | None = self
        while spot is not None:
            yield spot
            spot = spot.around


def covered(text: Spot, top: float, bottom: float, order: int, covers: list[Spot]) -> bool:
    """Whether some box lies over a text between two heights; `text` is the element it is in."""
    return any(
        _is_over(cover, text, order) and _reaches(cover, text, top, bottom)
        for cover in covers[:_MOST_COVERS]
    )


def _is_over(cover: Spot, text: Spot, order: int) -> bool:
    """Whether a box is painted after a text (CSS 2, appendix E)."""
    own, others = list(text.lineage()), list(cover.lineage())
    if any(spot is cover for spot in own):
        return False
    raised, resting = _heights(others, own), _heights(own, others)
    if raised is not None and raised < 0:
        return False
    if raised is None or resting is None:
        return resting is None and (raised is not None or cover.order > order)
    return raised > resting or (raised == resting and cover.order > order)


def _heights(own: list[Spot], others: list[Spot]) -> float | None:
    """Give the z-index of the outermost placed element that others do not share, if any."""
    shared = {id(spot) for spot in others}
    return next((s.shape.z for s in own[::-1] if id(s) not in shared and s.shape.is_placed), None)


def _reaches(cover: Spot, text: Spot, top: float, bottom: float) -> bool:
    box = cover.shape.box
    position = box.word("position")
    if position == "fixed":
        return edges.fills(box)
    holder = _holder(cover) if position == "absolute" else None
    is_apart = holder is not None and holder not in list(text.lineage())
    if holder is not None and not is_apart and edges.fills(box):
        return True
    if edges.cell(box):
        return _shares_cell(cover, text)
    rim, turn = edges.rim(box), moving.turn(box, None)
    start, end = _extent(cover, holder)
    start, end = start - rim, end + rim
    wide = edges.width(box) * max(turn.factor, 1.0) + rim
    is_small = wide < _LEAST_WIDE or end - start < _LEAST_HIGH
    middle = (top + bottom) / 2
    slack = 0.0 if is_apart else _SLACK_PX + _SLACK * abs(middle - cover.top)
    return not is_small and not _is_aside(box) and start - slack <= middle <= end + slack


def _shares_cell(cover: Spot, text: Spot) -> bool:
    """Whether text is put into the same cell of the same grid."""
    beside = (s for s in text.lineage() if s.around is cover.around and s is not cover)
    return any(edges.cell(s.shape.box) == edges.cell(cover.shape.box) for s in beside)


def _is_aside(box: Box) -> bool:
    """Whether it is pushed so far to the side that it lies over nothing."""
    return abs(box.px("left") or 0.0) >= box.width_px or abs(box.px("right") or 0.0) >= box.width_px


def _holder(cover: Spot) -> Spot | None:
    """Give the element that an absolute box is placed in; None for the page."""
    around = (s for s in cover.lineage() if s is not cover and s.shape.is_placed)
    return next(around, None)


def _extent(cover: Spot, holder: Spot | None) -> tuple[float, float]:
    """Give from where to where a box goes down the page."""
    box = cover.shape.box
    high = max(_high(cover, holder), box.px("min-height", is_upright=True) or 0.0)
    turn = moving.turn(box, None)
    shift = turn.down + (cover.shape.above if box.word("position") == "absolute" else 0.0)
    if turn.factor > 1:
        high, shift = high * turn.factor, shift - high * (turn.factor - 1) / 2
    top, bottom = box.px("top", is_upright=True), box.px("bottom", is_upright=True)
    if box.word("position") == "absolute":
        return _placed(cover, holder, (top, bottom, high), shift)
    if not (cover.shape.is_block or cover.shape.is_beside):
        shift += min(cover.shape.above, 0.0)
    if box.word("position") in ("relative", "sticky"):
        shift += top if top is not None else -(bottom or 0.0)
    return cover.top + shift, cover.top + shift + high


def _placed(
    cover: Spot, holder: Spot | None, sizes: tuple[float | None, float | None, float], shift: float
) -> tuple[float, float]:
    top, bottom, high = sizes
    start, end = (0.0, VIEWPORT_HEIGHT_PX) if holder is None else (holder.top, holder.bottom)
    if top is not None:
        return start + top + shift, start + top + shift + high
    if bottom is not None:
        return end - bottom - high + shift, end - bottom + shift
    return cover.top + shift, cover.top + shift + high


def _high(cover: Spot, holder: Spot | None) -> float:
    box = cover.shape.box
    whole = VIEWPORT_HEIGHT_PX if holder is None else holder.bottom - holder.top
    if edges.stretches(box, "top", "bottom") and box.word("position") == "absolute":
        return whole - (box.px("top") or 0.0) - (box.px("bottom") or 0.0)
    share = edges.share(box, "height")
    if share:
        return whole * share / 100
    return (box.px("height", is_upright=True) or 0.0) or cover.bottom - cover.top
