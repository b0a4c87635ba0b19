"""The CSS properties that decide whether text can be seen, and which values browsers accept."""

from collections.abc import Callable

from tinycss2.ast import Node

from mailer.compliance.visible import colours, lengths

Value = tuple[Node, ...]

GLOBAL = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})

_OVERFLOW = frozenset(
    ["visible", "hidden", "clip", "scroll", "auto", "overlay", "-moz-hidden-unscrollable"]
)
_KEYWORDS = {
    "white-space": frozenset({"normal", "nowrap", "pre", "pre-wrap", "pre-line", "break-spaces"}),
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
            "ruby",
            "ruby-text",
            "math",
            "-webkit-box",
            "-webkit-inline-box",
            "-webkit-flex",
            "flow",
            "grid-lanes",
        ]
    ),
    "visibility": frozenset({"visible", "hidden", "collapse"}),
    "position": frozenset({"static", "relative", "absolute", "fixed", "sticky"}),
    "content-visibility": frozenset({"visible", "hidden", "auto"}),
    "overflow-x": _OVERFLOW,
    "overflow-y": _OVERFLOW,
    "pointer-events": frozenset({"auto", "none", "all"}),
    "direction": frozenset({"ltr", "rtl"}),
    "unicode-bidi": frozenset(
        ["normal", "embed", "bidi-override", "isolate", "isolate-override", "plaintext"]
    ),
    "float": frozenset({"none", "left", "right", "inline-start", "inline-end"}),
    "-webkit-text-security": frozenset({"none", "disc", "circle", "square"}),
    "isolation": frozenset({"auto", "isolate"}),
    "-webkit-user-modify": frozenset({"read-only", "read-write"}),
}
_LENGTHS = frozenset(
    [
        "width",
        "height",
        "max-width",
        "max-height",
        "min-width",
        "min-height",
        "left",
        "right",
        "top",
        "bottom",
        "margin-left",
        "margin-top",
        "margin-right",
        "margin-bottom",
        "padding-left",
        "padding-top",
        "padding-right",
        "padding-bottom",
        "text-indent",
        "line-height",
        "letter-spacing",
        "word-spacing",
    ]
)
_COLOURS = frozenset(
    {"color", "background-color", "-webkit-text-fill-color", "-webkit-text-stroke-color"}
)
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
        "backdrop-filter",
        "background-image",
        "mask",
        "mask-image",
        "offset-path",
        "mix-blend-mode",
        "box-shadow",
        "outline",
        "border",
        "border-top",
        "border-bottom",
        "grid-area",
        "grid-row",
        "grid-column",
        "contain",
        "will-change",
        "font-family",
        "font-size-adjust",
        "animation-name",
        "-webkit-text-stroke-width",
        "text-decoration-line",
        "text-decoration-thickness",
        "content",
        "z-index",
        "perspective",
        "-webkit-line-clamp",
    ]
)
NAMES = frozenset(_KEYWORDS) | _LENGTHS | _COLOURS | _FREE | {"font-size"}
INHERITED = frozenset(
    [
        "color",
        "font-size",
        "visibility",
        "text-indent",
        "line-height",
        "letter-spacing",
        "word-spacing",
        "white-space",
        "direction",
        "font-family",
        "font-size-adjust",
        "pointer-events",
        "-webkit-text-fill-color",
        "-webkit-text-stroke-color",
        "-webkit-text-stroke-width",
        "-webkit-text-security",
    ]
)
OTHER_NAMES = {
    "-webkit-transform": "transform",
    "-ms-transform": "transform",
    "-webkit-clip-path": "clip-path",
    "-webkit-filter": "filter",
    "-webkit-opacity": "opacity",
    "-webkit-mask": "mask",
    "-webkit-mask-image": "mask-image",
    "-webkit-animation": "animation",
    "-webkit-animation-name": "animation-name",
    "-webkit-mask-box-image": "mask-image",
    "-webkit-mask-box-image-source": "mask-image",
    "mask-border": "mask-image",
    "mask-border-source": "mask-image",
    "line-clamp": "-webkit-line-clamp",
    "-webkit-margin-before": "margin-top",
    "block-size": "height",
    "inline-size": "width",
    "max-block-size": "max-height",
    "max-inline-size": "max-width",
    "min-block-size": "min-height",
    "min-inline-size": "min-width",
    "overflow-block": "overflow-y",
    "overflow-inline": "overflow-x",
    "margin-block-start": "margin-top",
    "margin-block-end": "margin-bottom",
    "margin-inline-start": "margin-left",
    "margin-inline-end": "margin-right",
    "padding-block-start": "padding-top",
    "padding-block-end": "padding-bottom",
    "padding-inline-start": "padding-left",
    "padding-inline-end": "padding-right",
    "inset-block-start": "top",
    "inset-block-end": "bottom",
    "inset-inline-start": "left",
    "inset-inline-end": "right",
    "offset": "offset-path",
    "border-width": "border",
    "border-top-width": "border-top",
    "border-bottom-width": "border-bottom",
    "outline-width": "outline",
    "text-wrap": "white-space",
    "text-wrap-mode": "white-space",
    "white-space-collapse": "",
    "-webkit-box-shadow": "box-shadow",
}


def word(value: Value | None) -> str:
    """Give the keyword that a value consists of, or an empty string."""
    if value and len(value) == 1 and value[0].type == "ident":
        return str(value[0].lower_value)
    return ""


def is_valid(name: str, value: Value) -> bool:
    """Whether the property matters and a browser accepts the value."""
    if name in _FREE:
        return bool(value) and not any(node.type == "error" for node in value)
    if name in _KEYWORDS:
        return (
            word(value) in _KEYWORDS[name]
            or _is_choice(value)
            or (name == "display" and _is_two(value))
        )
    test = _TESTS.get(name)
    return test is not None and len(value) == 1 and test(value[0])


def _is_choice(value: Value) -> bool:
    """Whether what the value amounts to is decided by functions such as if() and attr()."""
    return any(node.type == "function" for node in value)


def _is_two(value: Value) -> bool:
    """Whether it is a pair such as `display: inline flow-root`."""
    return len(value) > 1 and all(node.type == "ident" for node in value)


_TESTS: dict[str, Callable[[Node], bool]] = {
    "font-size": lengths.is_font_size,
    **dict.fromkeys(_LENGTHS, lengths.is_length),
    **dict.fromkeys(_COLOURS, colours.is_colour),
    "line-height": lambda node: node.type == "number" or lengths.is_length(node),
}
