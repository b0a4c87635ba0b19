"""CSS declarations reduced to the properties that can hide text, with shorthands taken apart.

As in a browser, a declaration with a value that means nothing leaves the one before it in force.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import tinycss2
from tinycss2.ast import Node

from mailer.compliance.visible import colours, lengths

Value = tuple[Node, ...]
Longhands = Iterable[tuple[str, Value]]

GLOBAL = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})

_OVERFLOW = frozenset({"visible", "hidden", "clip", "scroll", "auto", "overlay"})
_KEYWORDS = {
    "display": frozenset(
        [
            "none",
            "contents",
            "block",
            "inline",
            "inline-block",
            "flow-root",
            "flex",
            "inline-flex",
            "grid",
            "inline-grid",
            "list-item",
            "table",
            "inline-table",
            "table-row",
            "table-cell",
            "table-row-group",
            "table-header-group",
            "table-footer-group",
            "table-column",
            "table-column-group",
            "table-caption",
            "run-in",
        ]
    ),
    "visibility": frozenset({"visible", "hidden", "collapse"}),
    "position": frozenset({"static", "relative", "absolute", "fixed", "sticky"}),
    "content-visibility": frozenset({"visible", "hidden", "auto"}),
    "overflow-x": _OVERFLOW,
    "overflow-y": _OVERFLOW,
}
_LENGTHS = frozenset(
    [
        "width",
        "height",
        "max-width",
        "max-height",
        "left",
        "right",
        "top",
        "bottom",
        "margin-left",
        "margin-top",
        "margin-right",
        "margin-bottom",
        "padding-top",
        "padding-bottom",
        "text-indent",
        "line-height",
    ]
)
_COLOURS = frozenset({"color", "background-color", "-webkit-text-fill-color"})
_FREE = frozenset(
    [
        "clip",
        "clip-path",
        "transform",
        "scale",
        "translate",
        "rotate",
        "zoom",
        "opacity",
        "filter",
        "background-image",
    ]
)
_OTHER_NAMES = {
    "-webkit-transform": "transform",
    "-ms-transform": "transform",
    "-webkit-clip-path": "clip-path",
    "block-size": "height",
    "inline-size": "width",
    "max-block-size": "max-height",
    "max-inline-size": "max-width",
}
# A size of some percent of anything is no trick, a fraction of one percent may be.
_EXTENTS = frozenset({"width", "max-width", "height", "max-height", "font-size", "line-height"})
_NO_SLIVER, _NEVER = 2.0, float("inf")
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
    ]
)
_TRANSPARENT = tuple(tinycss2.parse_component_value_list("transparent"))


@dataclass(frozen=True, slots=True)
class Declared:
    """One property with its value, white space and comments left out."""

    name: str
    value: Value
    important: bool


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Declarations in order. `is_relative`: the width of the window decides what they amount to."""

    declared: tuple[Declared, ...]
    is_relative: bool


@lru_cache(maxsize=4096)
def declarations(css: str) -> Block:
    """Give the declarations of a style attribute, in order."""
    return from_nodes(tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True))


def from_nodes(nodes: Iterable[Node]) -> Block:
    """Give the declarations among parsed nodes; anything else there is passed over."""
    found = tuple(
        declared
        for node in nodes
        if node.type == "declaration"
        for declared in _expanded(node.lower_name, meaningful(node.value), node.important)
    )
    return Block(found, any(_is_relative(declared) for declared in found))


def _is_relative(declared: Declared) -> bool:
    least = _NO_SLIVER if declared.name in _EXTENTS else _NEVER
    return any(
        (node.type == "percentage" and node.value < least)
        or (node.type == "dimension" and node.lower_unit in ("vw", "vmin", "vmax"))
        or node.type == "function"
        for node in declared.value
    )


def meaningful(nodes: Iterable[Node]) -> Value:
    return tuple(node for node in nodes if node.type not in ("whitespace", "comment"))


def word(value: Value | None) -> str:
    """Give the keyword that a value consists of, or an empty string."""
    if value and len(value) == 1 and value[0].type == "ident":
        return str(value[0].lower_value)
    return ""


def _expanded(name: str, value: Value, important: bool) -> Iterator[Declared]:  # noqa: FBT001
    name = _OTHER_NAMES.get(name, name)
    expand = _SHORTHANDS.get(name)
    for long_name, part in expand(value) if expand else ((name, value),):
        if word(part) in GLOBAL or _is_valid(long_name, part):
            yield Declared(long_name, part, important)


def _is_valid(name: str, value: Value) -> bool:
    if name in _FREE:
        return True
    if name in _KEYWORDS:
        return word(value) in _KEYWORDS[name]
    test = _TESTS.get(name)
    return test is not None and len(value) == 1 and test(value[0])


def _font(value: Value) -> Longhands:
    """In `font: bold 1px/1 x` the size is the first length that is no weight."""
    if word(value) in GLOBAL:
        return [("font-size", value)]
    sizes = (n for n in value if lengths.is_font_size(n) and not _is_weight(n))
    return [("font-size", (size,)) for size in list(sizes)[:1]]


def _is_weight(node: Node) -> bool:
    return bool(node.type == "number" and node.value != 0)


def _background(value: Value) -> Longhands:
    if word(value) in GLOBAL:
        return [("background-color", value), ("background-image", value)]
    if not all(_is_of_background(n) for n in value):
        return []
    found = tuple(n for n in value if colours.is_colour(n))
    images = tuple(n for n in value if colours.is_gradient(n))
    return [("background-color", found[-1:] or _TRANSPARENT), ("background-image", images)]


def _is_of_background(node: Node) -> bool:
    if node.type == "ident":
        return node.lower_value in _BACKGROUND_WORDS or colours.is_colour(node)
    if node.type == "function":
        is_image = node.lower_name in ("url", "image-set", "var") or colours.is_gradient(node)
        return is_image or colours.is_colour(node)
    return bool(node.type != "error")


def _sides(prefix: str) -> Callable[[Value], Longhands]:
    def expand(value: Value) -> Longhands:
        picks = _SIDES.get(len(value), ())
        names = ("top", "right", "bottom", "left")
        return [
            (prefix + name, (value[pick],)) for name, pick in zip(names, picks, strict=bool(picks))
        ]

    return expand


def _overflow(value: Value) -> Longhands:
    return [("overflow-x", value[:1]), ("overflow-y", value[-1:])]


_TESTS: dict[str, Callable[[Node], bool]] = {
    "font-size": lengths.is_font_size,
    **dict.fromkeys(_LENGTHS, lengths.is_length),
    **dict.fromkeys(_COLOURS, colours.is_colour),
}
_SHORTHANDS: dict[str, Callable[[Value], Longhands]] = {
    "font": _font,
    "background": _background,
    "margin": _sides("margin-"),
    "padding": _sides("padding-"),
    "inset": _sides(""),
    "overflow": _overflow,
}
