"""CSS lengths and font sizes in px, with the arithmetic of calc(), min(), max() and clamp()."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tinycss2.ast import Node

ROOT_PX = 16.0
VIEWPORT_HEIGHT_PX = 800.0

_PX = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54}
_PX["q"] = _PX["mm"] / 4
_FONT_RELATIVE = {"em": 1.0, "ex": 0.5, "ch": 0.5, "lh": 1.2, "cap": 0.7, "ic": 1.0}
_ROOT_RELATIVE = {f"r{unit}": factor for unit, factor in _FONT_RELATIVE.items()}
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
_VIEWS = ("vw", "vi", "cqw", "cqi"), ("vh", "vb", "cqh", "cqb"), ("vmin", "cqmin")


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
    """Give a length in px; None for `auto`, variables, and functions that are not followed."""
    if node.type == "dimension":
        return _dimension(node.value, node.lower_unit, scale)
    if node.type in ("function", "() block"):
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
    if unit in _PX:
        return float(value * _PX[unit])
    if unit in _FONT_RELATIVE:
        return value * _FONT_RELATIVE[unit] * scale.font_px
    if unit in _ROOT_RELATIVE:
        return value * _ROOT_RELATIVE[unit] * ROOT_PX
    share = _view_px(unit, scale.width_px)
    return None if share is None else value * share / 100


def _view_px(unit: str, width: float) -> float | None:
    """Give the size of the window to which a unit refers; svw and dvw are the same as vw."""
    if unit[:2] in ("sv", "lv", "dv"):
        unit = unit[1:]
    wide, high, least = _VIEWS
    if unit in wide:
        return width
    if unit in high:
        return VIEWPORT_HEIGHT_PX
    if unit in least:
        return min(width, VIEWPORT_HEIGHT_PX)
    return max(width, VIEWPORT_HEIGHT_PX) if unit in ("vmax", "cqmax") else None


def _function(node: Node, scale: Scale) -> float | None:
    """Work out arithmetic. What the environment decides has its fallback, or nothing."""
    if node.type == "() block":
        return _sum(node.content, scale)
    name = node.lower_name
    parts = [_sum(part, scale) for part in _split(node.arguments, {","})]
    if name == "env":
        return next((part for part in parts[1:] if part is not None), 0.0)
    known = [part for part in parts if part is not None]
    fold = _FOLDS.get(name)
    return fold(known) if fold and known and len(known) == len(parts) else None


def _split(nodes: Iterable[Node], marks: set[str]) -> list[list[Node]]:
    """Part a list at literals; each part but the first begins after its mark."""
    parts: list[list[Node]] = [[]]
    for node in nodes:
        if node.type == "literal" and node.value in marks:
            parts.append([])
        elif node.type not in ("whitespace", "comment"):
            parts[-1].append(node)
    return parts


def _sum(nodes: Iterable[Node], scale: Scale) -> float | None:
    nodes = list(nodes)
    signs = [n.value for n in nodes if n.type == "literal" and n.value in ("+", "-")]
    terms = [_product(part, scale) for part in _split(nodes, {"+", "-"})]
    if None in terms:
        return None
    total = terms[0]
    for sign, term in zip(signs, terms[1:], strict=True):
        total += term if sign == "+" else -term  # type: ignore[operator]
    return total


def _product(nodes: list[Node], scale: Scale) -> float | None:
    signs = [n.value for n in nodes if n.type == "literal" and n.value in ("*", "/")]
    factors = [px(part[0], scale) if len(part) == 1 else None for part in _split(nodes, {"*", "/"})]
    if None in factors:
        return None
    total = factors[0]
    for sign, factor in zip(signs, factors[1:], strict=True):
        total = total * factor if sign == "*" else _quotient(total, factor)  # type: ignore[operator, arg-type]
    return total


def _quotient(one: float, other: float) -> float:
    return one / other if other else math.copysign(math.inf, one)


_FOLDS: dict[str, Callable[[list[float]], float]] = {
    "min": min,
    "max": max,
    "clamp": lambda sizes: max(sizes[0], min(sizes[1:])) if len(sizes) > 1 else sizes[0],
    "calc": lambda sizes: sizes[0],
    "-webkit-calc": lambda sizes: sizes[0],
    "abs": lambda sizes: abs(sizes[0]),
    "fit-content": lambda sizes: sizes[0],
}
