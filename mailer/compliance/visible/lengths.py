"""CSS lengths and font sizes in px."""

from collections.abc import Callable
from dataclasses import dataclass

from tinycss2.ast import Node

ROOT_PX = 16.0
VIEWPORT_HEIGHT_PX = 800.0

_PX = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54}
_PX["q"] = _PX["mm"] / 4
_FONT_RELATIVE = {"em": 1.0, "ex": 0.5, "ch": 0.5, "lh": 1.2, "cap": 0.7, "ic": 1.0}
_KEYWORDS = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": ROOT_PX,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
    "xxx-large": 48.0,
}
_STEPS = {"smaller": 1 / 1.2, "larger": 1.2}
_FREE_WORDS = frozenset({"auto", "none", "normal", "min-content", "max-content", "fit-content"})


@dataclass(frozen=True, slots=True)
class Scale:
    """What relative lengths refer to: the font size, and the size that 100 % stands for, in px."""

    font_px: float
    whole_px: float
    width_px: float


def is_length(node: Node) -> bool:
    """Whether a browser accepts the value for a width, an offset or a margin."""
    if node.type == "number":
        return bool(node.value == 0)
    if node.type == "ident":
        return node.lower_value in _FREE_WORDS
    return node.type in ("dimension", "percentage", "function")


def is_font_size(node: Node) -> bool:
    """Whether it can be a font size; a bare number is one where no doctype asks for rigour."""
    if node.type == "ident":
        return node.lower_value in _KEYWORDS or node.lower_value in _STEPS
    return node.type in ("dimension", "percentage", "number", "function")


def px(node: Node, scale: Scale) -> float | None:
    """Give a length in px; None for `auto`, variables, and arithmetic beyond min and max."""
    if node.type == "dimension":
        return _dimension(node.value, node.lower_unit, scale)
    if node.type == "function":
        return _function(node, scale)
    factors = {"percentage": scale.whole_px / 100, "number": 1.0}
    return float(node.value * factors[node.type]) if node.type in factors else None


def font_px(node: Node, parent_px: float, width_px: float) -> float | None:
    """Give a font size in px, given the parent's."""
    if node.type == "ident":
        if node.lower_value in _STEPS:
            return parent_px * _STEPS[node.lower_value]
        return _KEYWORDS.get(node.lower_value)
    return px(node, Scale(parent_px, parent_px, width_px))


def _dimension(value: float, unit: str, scale: Scale) -> float | None:
    views = {
        "rem": ROOT_PX,
        "vw": scale.width_px / 100,
        "vh": VIEWPORT_HEIGHT_PX / 100,
        "vmin": min(scale.width_px, VIEWPORT_HEIGHT_PX) / 100,
        "vmax": max(scale.width_px, VIEWPORT_HEIGHT_PX) / 100,
    }
    if unit in _FONT_RELATIVE:
        return value * _FONT_RELATIVE[unit] * scale.font_px
    factor = _PX.get(unit, views.get(unit))
    return None if factor is None else value * factor


_FOLDS: dict[str, Callable[[list[float]], float]] = {
    "min": min,
    "max": max,
    "clamp": lambda sizes: sorted(sizes)[len(sizes) // 2],
    "calc": lambda sizes: sizes[0],
}


def _function(node: Node, scale: Scale) -> float | None:
    """min(), max(), clamp() and a calc() of one length; other arithmetic is not followed."""
    inner = [n for n in node.arguments if n.type not in ("whitespace", "comment")]
    sizes = [px(n, scale) for n in inner if n != ","]
    known = [size for size in sizes if size is not None]
    fold = _FOLDS.get(node.lower_name)
    is_known = bool(known) and len(known) == len(sizes)
    return fold(known) if fold and is_known else None
