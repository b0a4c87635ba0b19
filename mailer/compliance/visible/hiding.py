"""The ways in which a style takes an element and all that is in it out of sight."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tinycss2.ast import Node

from mailer.compliance.visible import lengths
from mailer.compliance.visible.cascade import Style
from mailer.compliance.visible.properties import Value, word

LEAST_PX = 7.0
LEAST_LINE_PX = 2.0
_BLUR_PX = 4.0
_LEAST_CLIP_PX = 1.0
_NO_BOX = ("none", "table-column", "table-column-group")
# A table and its cells grow with what is in them, whatever size they state.
_GROWING = frozenset({"table", "tr", "td", "th", "tbody", "thead", "tfoot"})
# What a value depends on when one of these decides it is not looked at here.
_UNFOLLOWED = frozenset({"if", "attr", "random", "random-item", "sibling-index", "sibling-count"})
_DECISIVE = (
    "display", "visibility", "opacity", "font-size", "position", "clip-path", "content-visibility",
    "height", "width", "max-height", "max-width", "transform", "scale", "zoom", "line-height",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """An element's declarations with what lengths in them refer to."""

    tag: str
    style: Style
    font_px: float
    width_px: float

    def px(self, name: str, *, is_upright: bool = False) -> float | None:
        value = self.style.get(name)
        return self.node_px(value[0], is_upright=is_upright) if value else None

    def node_px(self, node: Node, *, is_upright: bool = False) -> float | None:
        whole = lengths.VIEWPORT_HEIGHT_PX if is_upright else self.width_px
        return lengths.px(node, lengths.Scale(self.font_px, whole, self.width_px))

    def word(self, name: str) -> str:
        return word(self.style.get(name))

    def functions(self, *names: str) -> list[Node]:
        """Give the functions among the values of some properties."""
        return [n for name in names for n in self.style.get(name, ()) if n.type == "function"]

    @property
    def clips(self) -> bool:
        return bool({self.word("overflow-x"), self.word("overflow-y")} - {"", "visible"})


def reason(box: Box) -> str | None:
    """Why nothing inside the element can be seen, or None."""
    return next(filter(None, (test(box) for test in _TESTS)), None) if box.style else None


def numbers(nodes: Iterable[Node]) -> list[float]:
    """Give numbers, and percentages as shares of 1."""
    return [
        n.value / 100 if n.type == "percentage" else n.value
        for n in nodes
        if n.type in ("number", "percentage")
    ]


def fading(box: Box) -> float:
    """Give the opacity that the element gives to all that is in it, from 0 to 1."""
    share = _opacity(box.style.get("opacity", ()), box)
    for function in box.functions("filter"):
        if function.lower_name == "opacity":
            share *= _opacity(tuple(function.arguments), box)
    return share


def _opacity(value: Value, box: Box) -> float:
    found = numbers(value)
    if not found and value and value[0].type == "function":
        worked_out = lengths.px(value[0], lengths.Scale(box.font_px, 1.0, box.width_px))
        found = [] if worked_out is None else [worked_out]
    return min(max(min(found, default=1.0), 0.0), 1.0)


def _not_displayed(box: Box) -> str | None:
    shown = box.word("display")
    if shown in _NO_BOX:
        return f"display:{shown}"
    return "content-visibility:hidden" if box.word("content-visibility") == "hidden" else None


def _unjudged(box: Box) -> str | None:
    """Name what nobody can judge here, and might hide."""
    for name in _DECISIVE:
        value = box.style.get(name)
        if value and any(n.type == "function" and _is_unfollowed(n, box, name) for n in value):
            return f"a value of {name} that cannot be judged"
    for name in ("mask", "mask-image", "offset-path"):
        if name in box.style and box.word(name) not in ("none", "auto"):
            return f"{name}, which cannot be judged"
    if any(f.lower_name == "url" for f in box.functions("filter")) or _has_url(box, "filter"):
        return "a filter that cannot be judged"
    return None


def _has_url(box: Box, name: str) -> bool:
    return any(node.type == "url" for node in box.style.get(name, ()))


def _is_unfollowed(function: Node, box: Box, name: str) -> bool:
    if function.lower_name in _UNFOLLOWED:
        return True
    return name == "font-size" and box.node_px(function) is None


def _replaced(box: Box) -> str | None:
    """`content` puts a picture in place of what is in an element."""
    is_picture = _has_url(box, "content") or bool(box.functions("content"))
    return "content, which puts a picture in its place" if is_picture else None


def _contained(box: Box) -> str | None:
    words = {n.lower_value for n in box.style.get("contain", ()) if n.type == "ident"}
    is_clipped = box.clips or words & {"strict", "paint", "content"}
    is_sized = words & {"strict", "size"} or {"block-size"} & words
    if is_clipped and is_sized and not box.px("height") and not box.px("min-height"):
        return "contain, which leaves it no height"
    return None


def _squeezed(box: Box) -> str | None:
    if not box.clips:
        return None
    names = ["max-height", "max-width"]
    if box.tag not in _GROWING or box.word("display") in ("block", "inline-block"):
        names += ["height", "width"]
    if "height" not in box.style:
        names.append("line-height")
    return next(filter(None, (_too_little(box, name) for name in names)), None)


def _too_little(box: Box, name: str) -> str | None:
    """Say why text is cut off, if it is; a bare number (line-height: .5) is no length."""
    size = box.px(name)
    least = LEAST_LINE_PX if name == "line-height" else LEAST_PX
    if size is None or size >= least or (size and box.style[name][0].type == "number"):
        return None
    floor = box.px(name.replace("max-", "min-") if "max-" in name else f"min-{name}")
    return None if (floor or 0.0) >= least else f"{name}:{size:g}px with hidden overflow"


def _clipped(box: Box) -> str | None:
    for function in box.functions("clip"):
        if function.lower_name == "rect":
            sides = [box.node_px(n) for n in function.arguments if is_measure(n)]
            if len(sides) == 4 and _is_empty(*sides):  # noqa: PLR2004  # the sides of a box
                return "clip to nothing"
    return None


def _is_empty(
    top: float | None, right: float | None, bottom: float | None, left: float | None
) -> bool:
    high = None if top is None or bottom is None else bottom - top
    wide = None if left is None or right is None else right - left
    is_beyond = any(side is not None and side <= _LEAST_CLIP_PX for side in (right, bottom))
    return is_beyond or any(size is not None and size <= _LEAST_CLIP_PX for size in (high, wide))


def _blurred(box: Box) -> str | None:
    for function in box.functions("filter"):
        radii = [box.node_px(n) or 0.0 for n in function.arguments if is_measure(n)]
        if function.lower_name == "blur" and sum(radii) >= _BLUR_PX:
            return "blurred"
    return None


def is_measure(node: Node) -> bool:
    return node.type in ("number", "dimension", "percentage", "function") or (
        node.type == "ident" and node.lower_value == "auto"
    )


_TESTS: tuple[Callable[[Box], str | None], ...] = (
    _not_displayed,
    _unjudged,
    _replaced,
    _contained,
    _squeezed,
    _clipped,
    _blurred,
)
