"""What an element paints around itself, and the cell of a grid that it shares with others."""

import tinycss2

from mailer.compliance.visible import lengths
from mailer.compliance.visible.hiding import Box

WIDE_PX = 40.0
_RIMS = ("box-shadow", "outline", "border", "border-top", "border-bottom")
_CELLS = ("grid-area", "grid-row", "grid-column")


def rim(box: Box) -> float:
    """Give the width in px of the widest border, outline or shadow; inner shadows fill the box."""
    widest = 0.0
    for name in _RIMS:
        value = box.style.get(name, ())
        sizes = [box.node_px(n) or 0.0 for n in value if n.type in ("dimension", "function")]
        widest = max([widest, *sizes])
    return widest


def is_outlined(box: Box) -> bool:
    return "outline" in box.style and rim(box) >= WIDE_PX


def cell(box: Box) -> str:
    """Give where in its grid an element is put, "" if it takes the next cell."""
    return ";".join(tinycss2.serialize(box.style[n]) for n in _CELLS if n in box.style)


def height(box: Box) -> float:
    return box.px("height", is_upright=True) or 0.0


def share(box: Box, name: str) -> float:
    """Give a size in percent, 0 if it is stated otherwise."""
    value = box.style.get(name) or box.style.get(f"min-{name}")
    return float(value[0].value) if value and value[0].type == "percentage" else 0.0


def stretches(box: Box, one: str, other: str) -> bool:
    """Whether a box is held at two opposite sides."""
    return all(name in box.style and box.word(name) != "auto" for name in (one, other))


def fills(box: Box) -> bool:
    """Whether a box is made as large as what it is placed in."""
    across, down = box.px("left") or 0.0, box.px("top", is_upright=True) or 0.0
    is_here = abs(across) < box.width_px / 2 and abs(down) < lengths.VIEWPORT_HEIGHT_PX / 2
    is_wide = stretches(box, "left", "right") or max(share(box, "width") / 100, 0.0) >= 0.5  # noqa: PLR2004
    is_wide = is_wide or width(box) >= box.width_px / 2
    is_high = stretches(box, "top", "bottom") or share(box, "height") >= 50  # noqa: PLR2004
    is_high = is_high or height(box) >= lengths.VIEWPORT_HEIGHT_PX / 2
    return is_here and is_wide and is_high


def width(box: Box) -> float:
    stated = box.px("width")
    least = box.px("min-width") or 0.0
    return max(box.width_px if stated is None else stated, least)
