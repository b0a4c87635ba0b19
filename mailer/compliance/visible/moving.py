"""Where an element goes: its offsets, margins and transforms, and what those do to its letters."""

import math
from dataclasses import dataclass

from tinycss2.ast import Node

from mailer.compliance.visible.hiding import Box, is_measure, numbers
from mailer.compliance.visible.lengths import VIEWPORT_HEIGHT_PX
from mailer.compliance.visible.paint import degrees

OFF_SCREEN_PX = -200.0
FAR_PX = 2000.0
_OWN_HEIGHT_PX = 100.0
_POSITIONED = frozenset({"absolute", "fixed", "relative", "sticky"})
_TORN_OUT = frozenset({"absolute", "fixed"})

Row = tuple[float, float, float, float]
# Three rows of a 4 x 4 matrix; the fourth, which holds the perspective, is kept apart.
Matrix = tuple[Row, Row, Row, Row]
_STILL: Matrix = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))


@dataclass(frozen=True, slots=True)
class Turn:
    """What transforms do: letters become `factor` as large, turned over if `is_mirrored`."""

    factor: float = 1.0
    is_mirrored: bool = False
    across: float = 0.0
    down: float = 0.0


def turn(box: Box, depth_px: float | None) -> Turn:
    """Work out transform, scale, rotate and translate; `depth_px` is the parent's perspective."""
    matrix = _STILL
    if depth_px:
        matrix = _product(matrix, _seen_from(depth_px))
    matrix = _product(matrix, _translated([box.style.get("translate", ())], box))
    if box.style.get("rotate"):
        matrix = _product(matrix, _rotation(box.style["rotate"]))
    if "scale" in box.style:
        matrix = _product(matrix, _scaling(numbers(box.style["scale"])))
    for function in box.style.get("transform", ()):
        if function.type == "function":
            matrix = _product(matrix, _of_function(function, box))
    return _read(matrix)


def _read(matrix: Matrix) -> Turn:
    (a, c, _, x), (b, d, _, y), _, (p, q, _, w) = matrix
    if w <= 0:
        return Turn(0.0)
    a, b, c, d = a / w - x * p / w**2, b / w, c / w, d / w - y * q / w**2
    area = a * d - b * c
    longest = max(math.hypot(a, b), math.hypot(c, d))
    factor = abs(area) / max(longest, 1e-9) if area else 0.0
    return Turn(factor, area < 0, x / w, y / w)


def zooming(box: Box) -> float:
    return min((abs(n) for n in numbers(box.style.get("zoom", ()))), default=1.0)


def off_screen(box: Box, moved: Turn) -> tuple[float, float]:
    """How far the element is moved across and down, in px; far to the right counts as across."""
    is_placed = box.word("position") in _POSITIONED
    across, down = moved.across, moved.down
    across += box.px("margin-left") or 0.0
    down += box.px("margin-top", is_upright=True) or 0.0
    if is_placed:
        left, right = box.px("left"), box.px("right")
        top, bottom = box.px("top", is_upright=True), box.px("bottom", is_upright=True)
        across += left if left is not None else -(right or 0.0)
        down += top if top is not None else _from_below(box, bottom or 0.0)
    return across, down


def _from_below(box: Box, bottom: float) -> float:
    return -bottom if box.word("position") == "relative" or bottom < 0 else 0.0


def lost(box: Box, moved: Turn, before: tuple[float, float]) -> str | None:
    """Why the element is where nobody sees it, if it is; `before` is how far its parent went."""
    own = off_screen(box, moved)
    across, down = before[0] + own[0], before[1] + own[1]
    if box.word("position") == "fixed" and own[1] >= VIEWPORT_HEIGHT_PX - 1:
        return f"fixed below the screen ({own[1]:g} px)"
    side = box.px("padding-left") or 0.0
    if across + side >= FAR_PX or across <= OFF_SCREEN_PX or down <= OFF_SCREEN_PX:
        return f"moved off the screen ({across:g} px across, {down:g} px down)"
    return _beyond(box, down)


def _beyond(box: Box, down: float) -> str | None:
    bottom = box.px("bottom", is_upright=True) or 0.0
    is_torn = box.word("position") in _TORN_OUT
    if is_torn and "top" not in box.style and bottom <= OFF_SCREEN_PX:
        return f"moved off the screen ({bottom:g} px)"
    if is_torn and "top" not in box.style and bottom >= VIEWPORT_HEIGHT_PX * 2:
        return f"moved off the screen ({bottom:g} px above its lower edge)"
    return None if down < FAR_PX * 10 else f"moved {down:g} px down"


def _of_function(function: Node, box: Box) -> Matrix:
    name = function.lower_name
    parts = [n for n in function.arguments if is_measure(n)]
    if name.startswith("translate"):
        return _translated(_axes(name, parts), box)
    if name.startswith(("rotate", "skew")):
        return _turned(name, parts, numbers(parts))
    if name == "perspective" and parts:
        return _seen_from(box.node_px(parts[0]) or 0.0)
    return _stated(name, numbers(parts))


def _axes(name: str, parts: list[Node]) -> list[tuple[Node, ...]]:
    """Give the amounts across, down and towards the reader."""
    if name == "translatey":
        return [(), tuple(parts[:1])]
    if name == "translatez":
        return [(), (), tuple(parts[:1])]
    return [tuple(parts)] if name != "translatex" else [tuple(parts[:1])]


def _translated(axes: list[tuple[Node, ...]], box: Box) -> Matrix:
    """Percentages across are of the window's width, those down of a low box."""
    amounts = [0.0, 0.0, 0.0]
    for first, nodes in enumerate(axes):
        for axis, node in enumerate(nodes[:3], first):
            if axis == 1 and node.type == "percentage":
                amounts[1] = node.value * _OWN_HEIGHT_PX / 100
            elif axis < 3 and is_measure(node):  # noqa: PLR2004  # axes
                amounts[axis] = box.node_px(node) or 0.0
    x, y, z = amounts
    return ((1, 0, 0, x), (0, 1, 0, y), (0, 0, 1, z), (0, 0, 0, 1))


def _factors(name: str, values: list[float]) -> list[float]:
    one = values[0] if values else 1.0
    single = {"scalex": [one, 1.0], "scaley": [1.0, one], "scalez": [1.0, 1.0]}
    return single.get(name, values)


def _scaling(factors: list[float]) -> Matrix:
    across = factors[0] if factors else 1.0
    down = factors[1] if len(factors) > 1 else across
    return ((across, 0, 0, 0), (0, down, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))


def _rotation(value: tuple[Node, ...]) -> Matrix:
    """Read `rotate: x 90deg` and `rotate: 0 1 0 90deg`."""
    axes = [n.lower_value for n in value if n.type == "ident"]
    angle = sum(degrees(n) for n in value)
    vector = numbers(value)
    if len(vector) == 3:  # noqa: PLR2004  # an axis
        return _around(vector, angle)
    return _turned(f"rotate{axes[0] if axes else 'z'}", [], [], angle)


def _turned(
    name: str, parts: list[Node], values: list[float], angle: float | None = None
) -> Matrix:
    angles = [math.radians(degrees(n)) for n in parts]
    first = math.radians(angle) if angle is not None else (angles[0] if angles else 0.0)
    cos, sin = math.cos(first), math.sin(first)
    if name == "rotate3d":
        return _around(values[:3], math.degrees(angles[-1]) if angles else 0.0)
    if name.startswith("skew"):
        return _skewed(name, angles)
    turned: dict[str, Matrix] = {
        "rotatex": ((1, 0, 0, 0), (0, cos, -sin, 0), (0, sin, cos, 0), (0, 0, 0, 1)),
        "rotatey": ((cos, 0, sin, 0), (0, 1, 0, 0), (-sin, 0, cos, 0), (0, 0, 0, 1)),
    }
    return turned.get(name, ((cos, -sin, 0, 0), (sin, cos, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)))


def _skewed(name: str, angles: list[float]) -> Matrix:
    first, second = (math.tan(angle) for angle in [*angles, 0.0, 0.0][:2])
    x, y = (0.0, first) if name == "skewy" else (first, second if name == "skew" else 0.0)
    return ((1, x, 0, 0), (y, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))


def _around(axis: list[float], angle: float) -> Matrix:
    """Turn around any axis (Rodrigues)."""
    size = math.hypot(*axis)
    if len(axis) != 3 or not size:  # noqa: PLR2004  # an axis
        return _STILL
    x, y, z = (part / size for part in axis)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    rest = 1 - cos
    return (
        (cos + x * x * rest, x * y * rest - z * sin, x * z * rest + y * sin, 0),
        (y * x * rest + z * sin, cos + y * y * rest, y * z * rest - x * sin, 0),
        (z * x * rest - y * sin, z * y * rest + x * sin, cos + z * z * rest, 0),
        (0, 0, 0, 1),
    )


def _seen_from(depth: float) -> Matrix:
    return ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, -1 / max(depth, 1.0), 1))


def _stated(name: str, values: list[float]) -> Matrix:
    if name.startswith("scale"):
        return _scaling(_factors(name, values))
    if name == "matrix" and len(values) == 6:  # noqa: PLR2004  # a 2-D matrix
        a, b, c, d, x, y = values
        return ((a, c, 0, x), (b, d, 0, y), (0, 0, 1, 0), (0, 0, 0, 1))
    if name == "matrix3d" and len(values) == 16:  # noqa: PLR2004  # a 3-D matrix
        one, two, three, four = (tuple(values[n::4]) for n in range(4))
        return (one, two, three, four)  # type: ignore[return-value]
    return _STILL


def _product(one: Matrix, other: Matrix) -> Matrix:
    columns = list(zip(*other, strict=True))
    rows = [
        tuple(sum(a * b for a, b in zip(row, col, strict=True)) for col in columns) for row in one
    ]
    return (rows[0], rows[1], rows[2], rows[3])  # type: ignore[return-value]
