"""CSS shorthands taken apart."""

from collections.abc import Callable, Iterable, Iterator

import tinycss2
from tinycss2.ast import Node

from mailer.compliance.visible import colours, lengths
from mailer.compliance.visible.properties import GLOBAL, INHERITED, NAMES, Value, word

Longhands = Iterable[tuple[str, Value]]

# Which of the given values stands for top, right, bottom, left.
_SIDES = {1: (0, 0, 0, 0), 2: (0, 1, 0, 1), 3: (0, 1, 2, 1), 4: (0, 1, 2, 3)}
_BACKGROUND_WORDS = frozenset(
    [
        "none",
        "repeat",
        "no-repeat",
        "repeat-x",
        "repeat-y",
        "space",
        "round",
        "scroll",
        "fixed",
        "local",
        "center",
        "top",
        "bottom",
        "left",
        "right",
        "auto",
        "cover",
        "contain",
        "padding-box",
        "border-box",
        "content-box",
        "text",
        "border-area",
    ]
)
_TRANSPARENT = tuple(tinycss2.parse_component_value_list("transparent"))
_LINES = frozenset({"underline", "overline", "line-through", "blink"})


def names(shorthand: str) -> frozenset[str]:
    """Give the properties that a shorthand sets, or the property itself."""
    if shorthand == "all":
        return NAMES - {"direction", "unicode-bidi"}
    return _SETS.get(shorthand, frozenset({shorthand}))


def expanded(name: str, value: Value) -> Longhands:
    """Give the properties that a declaration sets, with their values; none if it is void."""
    if word(value) in GLOBAL:
        return [(long, value) for long in names(name)]
    expand = _EXPANSIONS.get(name)
    return expand(value) if expand else [(name, value)]


def _font(value: Value) -> Iterator[tuple[str, Value]]:
    """In `font: bold 1px/1 x` the size is the first length that is no weight; a family follows."""
    places = [
        n for n, node in enumerate(value) if lengths.is_font_size(node) and not _is_weight(node)
    ]
    if places:
        at = places[0]
        yield "font-size", (value[at],)
        rest = value[at + 1 :]
        is_lined = len(rest) > 1 and rest[0] == "/"
        yield ("line-height", rest[1:2]) if is_lined else ("line-height", _NORMAL)
        yield "font-family", rest[2:] if is_lined else rest


def _is_weight(node: Node) -> bool:
    return bool(node.type == "number" and node.value != 0)


def _background(value: Value) -> Longhands:
    if not all(_is_of_background(n) for n in value):
        return []
    found = tuple(n for n in value if colours.is_colour(n))
    images = tuple(n for n in value if colours.is_image(n))
    return [("background-color", found[-1:] or _TRANSPARENT), ("background-image", images or _NONE)]


def _is_of_background(node: Node) -> bool:
    if node.type == "ident":
        return node.lower_value in _BACKGROUND_WORDS or colours.is_colour(node)
    if node.type == "function":
        is_image = colours.is_image(node) or node.lower_name in ("calc", "env", "min", "max")
        return is_image or colours.is_colour(node)
    return bool(node.type != "error")


def _sides(*targets: str) -> Callable[[Value], Longhands]:
    def expand(value: Value) -> Longhands:
        picks = _SIDES.get(len(value), ())
        return [(name, (value[pick],)) for name, pick in zip(targets, picks, strict=bool(picks))]

    return expand


def _pair(first: str, second: str) -> Callable[[Value], Longhands]:
    return lambda value: [(first, value[:1]), (second, value[-1:])]


def _stroke(value: Value) -> Longhands:
    inks = tuple(n for n in value if colours.is_colour(n))
    widths = tuple(
        n for n in value if n.type in ("dimension", "number", "function") and n not in inks
    )
    return [("-webkit-text-stroke-width", widths[:1]), ("-webkit-text-stroke-color", inks[:1])]


def _decoration(value: Value) -> Longhands:
    lines = tuple(n for n in value if n.type == "ident" and n.lower_value in _LINES)
    sizes = tuple(n for n in value if n.type in ("dimension", "percentage", "function"))
    return [
        ("text-decoration-line", lines or _NONE),
        ("text-decoration-thickness", tuple(n for n in sizes if not colours.is_colour(n)) or _AUTO),
    ]


_NONE = tuple(tinycss2.parse_component_value_list("none"))
_AUTO = tuple(tinycss2.parse_component_value_list("auto"))
UNSET = tuple(tinycss2.parse_component_value_list("unset"))
_NORMAL = tuple(tinycss2.parse_component_value_list("normal"))


def _four(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.format(side) for side in ("top", "right", "bottom", "left"))


_SETS: dict[str, frozenset[str]] = {
    "font": frozenset({"font-size", "line-height", "font-family", "font-size-adjust"}),
    "background": frozenset({"background-color", "background-image"}),
    "margin": frozenset(_four("margin-{}")),
    "padding": frozenset(_four("padding-{}")),
    "inset": frozenset(_four("{}")),
    "margin-block": frozenset({"margin-top", "margin-bottom"}),
    "margin-inline": frozenset({"margin-left", "margin-right"}),
    "padding-block": frozenset({"padding-top", "padding-bottom"}),
    "padding-inline": frozenset({"padding-left", "padding-right"}),
    "inset-block": frozenset({"top", "bottom"}),
    "inset-inline": frozenset({"left", "right"}),
    "overflow": frozenset({"overflow-x", "overflow-y"}),
    "-webkit-text-stroke": frozenset({"-webkit-text-stroke-width", "-webkit-text-stroke-color"}),
    "text-decoration": frozenset({"text-decoration-line", "text-decoration-thickness"}),
    "animation": frozenset({"animation-name"}),
}
_EXPANSIONS: dict[str, Callable[[Value], Longhands]] = {
    "font": _font,
    "background": _background,
    "margin": _sides(*_four("margin-{}")),
    "padding": _sides(*_four("padding-{}")),
    "inset": _sides(*_four("{}")),
    "margin-block": _pair("margin-top", "margin-bottom"),
    "margin-inline": _pair("margin-left", "margin-right"),
    "padding-block": _pair("padding-top", "padding-bottom"),
    "padding-inline": _pair("padding-left", "padding-right"),
    "inset-block": _pair("top", "bottom"),
    "inset-inline": _pair("left", "right"),
    "overflow": _pair("overflow-x", "overflow-y"),
    "-webkit-text-stroke": _stroke,
    "text-decoration": _decoration,
    "animation": lambda value: [("animation-name", value)],
    "all": lambda _: [],  # takes the words for all properties only
}
assert not INHERITED - NAMES  # noqa: S101
