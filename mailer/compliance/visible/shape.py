"""What an element's style makes of it, apart from what it contains."""

from dataclasses import dataclass
from functools import lru_cache

from mailer.compliance.visible import edges, hiding, look, moving, tags
from mailer.compliance.visible.declared import Block
from mailer.compliance.visible.hiding import Box
from mailer.compliance.visible.look import Dress, Look

_ROWS = ("flex", "inline-flex", "grid", "inline-grid", "table-row", "-webkit-flex")
_INLINE = ("inline-block", "inline-table", "inline-flex", "inline-grid")
_TORN_OUT = frozenset({"absolute", "fixed"})


@dataclass(frozen=True, eq=False, slots=True)
class Shape:
    """A box, as far as it can be told.

    `margin` is half of all vertical margins and padding. `cut_px`: the height beyond which
    nothing is seen. `is_beside`: what follows stands beside it or where it would have stood.
    `is_lifted`: what is around it does not grow with it.
    `covers`: its background lies over what is behind it, so that its `box` matters.
    """

    look: Look
    box: Box
    is_block: bool = False
    height: float = 0.0
    margin: float = 0.0
    above: float = 0.0
    padding: float = 0.0
    below: float = 0.0
    cut_px: float | None = None
    is_row: bool = False
    is_beside: bool = False
    is_lifted: bool = False
    is_placed: bool = False
    covers: bool = False
    z: float = 0.0
    down: float = 0.0


@lru_cache(maxsize=8192)
def shape(dress: "DressKey", parent: Look, width_px: float) -> Shape:
    """Work out a shape in a window of some width; the same one for the same questions."""
    worn = Dress(*dress)
    style, variables = worn.style(parent)
    font = look.font_px(style, parent, width_px)
    box = Box(worn.tag, style, font, width_px)
    seen = (
        look.inside(box, parent, variables)
        if style or variables is not parent.variables
        else parent
    )
    shown = box.word("display")
    is_placed = box.word("position") in ("relative", "absolute", "fixed", "sticky")
    height = box.px("height", is_upright=True) or 0.0
    return Shape(
        look=seen,
        box=box,
        is_block=_is_block(worn.tag, shown, box),
        height=height,
        margin=_margin(box),
        above=_px(box, "margin-top"),
        padding=max(_px(box, "padding-top"), 0.0),
        below=_px(box, "margin-bottom"),
        cut_px=_cut(box),
        is_row=shown in _ROWS or worn.tag == "tr",
        is_beside=shown in _INLINE or _is_torn(box) or worn.tag in tags.CELLS,
        is_lifted=box.word("position") in _TORN_OUT,
        is_placed=is_placed or look.makes_layer(box),
        covers=_covers(worn.tag, box, is_placed=is_placed),
        down=_down(box),
        z=max(hiding.numbers(box.style.get("z-index", ())), default=0.0) if is_placed else 0.0,
    )


DressKey = tuple[str, tuple[Block, ...], int, bool]


def _is_block(tag: str, shown: str, box: Box) -> bool:
    if shown.startswith(tags.BLOCK_DISPLAYS) or _is_torn(box):
        return True
    return tag in tags.BLOCKS and shown not in ("inline", "inline-block", "contents")


def _is_torn(box: Box) -> bool:
    return box.word("position") in _TORN_OUT or box.word("float") not in ("", "none")


def _px(box: Box, name: str) -> float:
    return box.px(name) or 0.0


def _margin(box: Box) -> float:
    sides = ("margin-top", "margin-bottom", "padding-top", "padding-bottom")
    return sum(max(_px(box, side), 0.0) for side in sides) / 2


def _is_set_off(box: Box) -> bool:
    return any(name in box.style for name in ("top", "bottom", "left", "right"))


def _cut(box: Box) -> float | None:
    """Give the height within which an element's content is seen, if it is cut off."""
    if box.word("overflow-y") not in ("hidden", "clip") or box.tag in ("td", "th", "tr", "table"):
        return None
    lines = hiding.numbers(box.style.get("-webkit-line-clamp", ()))
    heights = [box.px(name) for name in ("height", "max-height") if _is_fixed(box, name)]
    if lines and box.word("display") in ("-webkit-box", "-webkit-inline-box"):
        heights.append(lines[0] * box.font_px)
    known = [height for height in heights if height is not None]
    if not known:
        return None
    return max(min(known), _px(box, "min-height")) + _px(box, "padding-top")


def _is_fixed(box: Box, name: str) -> bool:
    value = box.style.get(name)
    return bool(value) and value[0].type != "percentage"  # type: ignore[index]


def _down(box: Box) -> float:
    """How far down it is moved from where it keeps its room."""
    moved = moving.turn(box, None).down
    if box.word("position") == "relative":
        moved += box.px("top") or -_px(box, "bottom")
    return moved


def _covers(tag: str, box: Box, *, is_placed: bool) -> bool:
    """Whether it may lie over text: painted, and taken out of its place or pulled up."""
    if box.word("visibility") in ("hidden", "collapse") or hiding.fading(box) < 0.5:  # noqa: PLR2004
        return False
    is_painted = look.is_opaque(box) or tag in tags.PICTURES or edges.rim(box) >= edges.WIDE_PX
    moved = moving.turn(box, None)
    is_moved = is_placed and box.word("position") != "sticky" and _is_set_off(box)
    is_moved = is_moved or edges.cell(box) != "" or edges.is_outlined(box)
    is_moved = is_moved or (is_placed and edges.rim(box) >= edges.WIDE_PX)
    is_moved = is_moved or box.word("position") in _TORN_OUT or bool(moved.down or moved.across)
    is_grown = moved.factor > 2  # noqa: PLR2004  # times as large
    is_raised = is_placed or tag in tags.PICTURES or look.makes_layer(box)
    is_raised = is_raised or box.word("display") in _INLINE
    is_pulled = is_raised and (_px(box, "margin-top") < 0 or _px(box, "margin-bottom") < 0)
    return is_painted and (is_moved or is_pulled or is_grown)
