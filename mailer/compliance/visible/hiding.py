"""The ways in which a style takes an element and all that is in it out of sight."""

from collections.abc import Callable
from dataclasses import dataclass

from tinycss2.ast import Node

from mailer.compliance.visible import lengths
from mailer.compliance.visible.declared import Value, word

LEAST_PX = 7.0
LEAST_LINE_PX = 2.0
OFF_SCREEN_PX = -200.0
FAR_PX = 2000.0
_LEAST_CLIP_PX = 1.0
_HALF_PERCENT = 50
_BLUR_PX = 4.0

Style = dict[str, Value]
_POSITIONED = frozenset({"absolute", "fixed", "relative"})
# A table and its cells grow with what is in them, whatever size they state.
_GROWING = frozenset({"table", "tr", "td", "th", "tbody"})


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


def reason(box: Box) -> str | None:
    """Why nothing inside the element can be seen, or None."""
    return next(filter(None, (test(box) for test in _TESTS)), None) if box.style else None


def shrinking(box: Box) -> float:
    """Give the factor by which transform, scale and zoom make the element smaller or larger."""
    factor = 1.0
    for function in box.style.get("transform", ()):
        factor *= _scale(function)
    if "scale" in box.style:
        factor *= min(_numbers(box.style["scale"]), default=1.0)
    if "zoom" in box.style:
        factor *= min(_numbers(box.style["zoom"]), default=1.0)
    return factor


def fading(box: Box) -> float:
    """Give the opacity that the element gives to all that is in it, from 0 to 1."""
    share = min(_numbers(box.style.get("opacity", ())), default=1.0)
    for function in box.style.get("filter", ()):
        if function.type == "function" and function.lower_name == "opacity":
            share *= min(_numbers(tuple(function.arguments)), default=1.0)
    return share


def _not_displayed(box: Box) -> str | None:
    if box.word("display") == "none":
        return "display:none"
    return "content-visibility:hidden" if box.word("content-visibility") == "hidden" else None


def _squeezed(box: Box) -> str | None:
    clipped = {box.word("overflow-x"), box.word("overflow-y")} - {"", "visible"}
    if not clipped:
        return None
    names = ["max-height", "max-width"]
    if box.tag not in _GROWING:
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
    return f"{name}:{size:g}px with hidden overflow"


def _clipped(box: Box) -> str | None:
    for function in box.style.get("clip", ()):
        if function.type == "function" and function.lower_name == "rect":
            sides = [box.node_px(n) for n in function.arguments if _is_measure(n)]
            if len(sides) == 4 and _is_empty(*sides):  # noqa: PLR2004  # the sides of a box
                return "clip to nothing"
    for function in box.style.get("clip-path", ()):
        if function.type == "function" and _is_nothing(box, function):
            return "clip-path to nothing"
    return None


def _is_empty(
    top: float | None, right: float | None, bottom: float | None, left: float | None
) -> bool:
    high = None if top is None or bottom is None else bottom - top
    wide = None if left is None or right is None else right - left
    return any(size is not None and size <= _LEAST_CLIP_PX for size in (high, wide))


def _is_nothing(box: Box, function: Node) -> bool:
    measures = [n for n in function.arguments if _is_measure(n)]
    sizes = [box.node_px(n) or 0.0 for n in measures]
    shape = function.lower_name
    if shape == "inset":
        return any(n.type == "percentage" and n.value >= _HALF_PERCENT for n in measures)
    if shape in ("circle", "ellipse"):
        return bool(sizes) and min(sizes[: 1 + (shape == "ellipse")]) <= _LEAST_CLIP_PX
    return shape == "polygon" and len(set(sizes)) <= 1


def _off_screen(box: Box) -> str | None:
    is_placed = box.word("position") in _POSITIONED
    across, down = _moved(box, "translate")
    across += (box.px("margin-left") or 0.0) + ((box.px("left") or 0.0) if is_placed else 0.0)
    down += box.px("margin-top", is_upright=True) or 0.0
    down += (box.px("top", is_upright=True) or 0.0) if is_placed else 0.0
    far = (box.px("right") or 0.0, box.px("bottom", is_upright=True) or 0.0)
    if across <= OFF_SCREEN_PX or down <= OFF_SCREEN_PX or across >= FAR_PX:
        return f"moved off the screen ({across:g} px across, {down:g} px down)"
    if is_placed and min(far) <= OFF_SCREEN_PX:
        return f"moved off the screen ({min(far):g} px)"
    return None


def _moved(box: Box, name: str) -> tuple[float, float]:
    """How far translate() and the `translate` property move the element, in px."""
    own = [box.node_px(node) or 0.0 for node in box.style.get(name, ())]
    across, down = (*own, 0.0, 0.0)[:2]
    for function in box.style.get("transform", ()):
        if function.type != "function":
            continue
        steps = [box.node_px(n) or 0.0 for n in function.arguments if _is_measure(n)]
        if function.lower_name in ("translate", "translatex", "translate3d"):
            across += sum(steps[:1])
        if function.lower_name in ("translate", "translate3d"):
            down += sum(steps[1:2])
        if function.lower_name == "translatey":
            down += sum(steps[:1])
    return across, down


def _turned_or_blurred(box: Box) -> str | None:
    for function in (*box.style.get("transform", ()), *box.style.get("filter", ())):
        if function.type != "function":
            continue
        values = [n.value for n in function.arguments if _is_measure(n)]
        if function.lower_name in ("rotatex", "rotatey") and _is_edge_on(values):
            return "turned edge-on"
        if function.lower_name == "blur" and sum(values) >= _BLUR_PX:
            return "blurred"
    return None


def _is_edge_on(degrees: list[float]) -> bool:
    return bool(degrees) and abs(degrees[0] % 180 - 90) < 5  # noqa: PLR2004  # degrees


def _scale(function: Node) -> float:
    """Give the smaller of the two factors by which a transform function scales."""
    if function.type != "function":
        return 1.0
    values = _numbers(tuple(function.arguments))
    if function.lower_name == "matrix" and len(values) == 6:  # noqa: PLR2004  # a 2-D matrix
        return min(max(values[0], values[1]), max(values[2], values[3]))
    is_scale = function.lower_name in ("scale", "scalex", "scaley", "scale3d")
    return min(values[:2], default=1.0) if is_scale else 1.0


def _numbers(nodes: Value) -> list[float]:
    """Numbers without their sign, percentages as shares of 1."""
    numbers = [abs(n.value) for n in nodes if n.type == "number"]
    return numbers + [abs(n.value) / 100 for n in nodes if n.type == "percentage"]


def _is_measure(node: Node) -> bool:
    return node.type in ("number", "dimension", "percentage") or (
        node.type == "ident" and node.lower_value == "auto"
    )


_TESTS: tuple[Callable[[Box], str | None], ...] = (
    _not_displayed,
    _squeezed,
    _clipped,
    _off_screen,
    _turned_or_blurred,
)
