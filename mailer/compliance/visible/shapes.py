"""Clipping paths, as far as they can be followed: what of a box they leave to be seen."""

from itertools import pairwise

from tinycss2.ast import Node

from mailer.compliance.visible import lengths

# The box is taken to be this large, since nobody lays it out; lengths in px hold for it.
_WIDE, _HIGH = 300.0, 60.0
_LEAST_PX = 4.0
_LEAST_AREA = 0.1
_WORDS = {"center": 0.5, "left": 0.0, "right": 1.0, "top": 0.0, "bottom": 1.0}
_BOXES = frozenset(
    [
        "none",
        "border-box",
        "padding-box",
        "content-box",
        "margin-box",
        "fill-box",
        "stroke-box",
        "view-box",
    ]
)

Point = tuple[float, float]


def reason(value: tuple[Node, ...], font_px: float, width_px: float) -> str | None:
    """Why `clip-path` leaves too little of an element, or cannot be followed; None if it can."""
    for node in value:
        if node.type == "ident" and node.lower_value in _BOXES:
            continue
        measure = _MEASURES.get(node.lower_name) if node.type == "function" else None
        if measure is None:
            return "a clip-path that cannot be judged"
        if not measure(_Ruler(font_px, width_px), list(node.arguments)):
            return "clip-path to nothing"
    return None


class _Ruler:
    def __init__(self, font_px: float, width_px: float) -> None:
        self.font_px, self.width_px = font_px, width_px

    def px(self, node: Node, whole: float) -> float:
        if node.type == "ident":
            return _WORDS.get(node.lower_value, 0.5) * whole
        found = lengths.px(node, lengths.Scale(self.font_px, whole, self.width_px))
        return 0.0 if found is None else found


def _is_shown(left: float, top: float, right: float, bottom: float) -> bool:
    """Whether enough of the box lies between four lines."""
    wide = min(right, _WIDE) - max(left, 0.0)
    high = min(bottom, _HIGH) - max(top, 0.0)
    return wide > _LEAST_PX and high > _LEAST_PX and wide * high > _LEAST_AREA * _WIDE * _HIGH


def _values(nodes: list[Node]) -> list[Node]:
    return [n for n in nodes if n.type not in ("whitespace", "comment")]


def _until(nodes: list[Node], mark: str) -> tuple[list[Node], list[Node]]:
    places = [
        n for n, node in enumerate(nodes) if node.type == "ident" and node.lower_value == mark
    ]
    return (nodes[: places[0]], nodes[places[0] + 1 :]) if places else (nodes, [])


def _inset(ruler: _Ruler, nodes: list[Node]) -> bool:
    sides, _ = _until(_values(nodes), "round")
    picks = {1: (0, 0, 0, 0), 2: (0, 1, 0, 1), 3: (0, 1, 2, 1), 4: (0, 1, 2, 3)}.get(len(sides))
    if picks is None:
        return True
    top, right, bottom, left = (sides[pick] for pick in picks)
    return _is_shown(
        ruler.px(left, _WIDE),
        ruler.px(top, _HIGH),
        _WIDE - ruler.px(right, _WIDE),
        _HIGH - ruler.px(bottom, _HIGH),
    )


def _rect(ruler: _Ruler, nodes: list[Node]) -> bool:
    sides, _ = _until(_values(nodes), "round")
    if len(sides) != 4:  # noqa: PLR2004  # the sides of a box
        return True
    is_auto = [n.type == "ident" for n in sides]
    top, right, bottom, left = (
        ruler.px(n, _HIGH if at % 2 == 0 else _WIDE) for at, n in enumerate(sides)
    )
    return _is_shown(
        0.0 if is_auto[3] else left,
        0.0 if is_auto[0] else top,
        _WIDE if is_auto[1] else right,
        _HIGH if is_auto[2] else bottom,
    )


def _xywh(ruler: _Ruler, nodes: list[Node]) -> bool:
    sides, _ = _until(_values(nodes), "round")
    if len(sides) != 4:  # noqa: PLR2004  # the sides of a box
        return True
    left, top, wide, high = (
        ruler.px(n, _WIDE if at % 2 == 0 else _HIGH) for at, n in enumerate(sides)
    )
    return _is_shown(left, top, left + wide, top + high)


def _round(ruler: _Ruler, nodes: list[Node]) -> bool:
    radii, place = _until(_values(nodes), "at")
    sizes = [ruler.px(n, (_WIDE, _HIGH)[at % 2]) for at, n in enumerate(radii) if n.type != "ident"]
    across, down = (sizes[0], sizes[-1]) if sizes else (_WIDE / 2, _HIGH / 2)
    x = ruler.px(place[0], _WIDE) if place else _WIDE / 2
    y = ruler.px(place[1], _HIGH) if len(place) > 1 else _HIGH / 2
    return _is_shown(x - across, y - down, x + across, y + down)


def _polygon(ruler: _Ruler, nodes: list[Node]) -> bool:
    measures = [n for n in _values(nodes) if n.type != "ident" and n != ","]
    pairs = zip(measures[::2], measures[1::2], strict=False)
    points = [(ruler.px(x, _WIDE), ruler.px(y, _HIGH)) for x, y in pairs]
    if not points:
        return True
    xs, ys = [x for x, _ in points], [y for _, y in points]
    is_wide = abs(_area(points)) > _LEAST_AREA * _WIDE * _HIGH
    return is_wide and _is_shown(min(xs), min(ys), max(xs), max(ys))


def _area(points: list[Point]) -> float:
    corners = pairwise([*points, points[0]])
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in corners) / 2


_MEASURES = {
    "inset": _inset,
    "rect": _rect,
    "xywh": _xywh,
    "circle": _round,
    "ellipse": _round,
    "polygon": _polygon,
}
