"""CSS colours, blending, and the contrast ratio of WCAG 2."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tinycss2 import color5
from tinycss2.ast import Node

Rgb = tuple[float, float, float]

_LIGHTNESS = {"lab": 100.0, "lch": 100.0, "oklab": 1.0, "oklch": 1.0}
_PAIR = 2
_NO_HEX = re.compile("[^0-9a-fA-F]")
_UNFOLLOWED = frozenset(
    [
        "rgb",
        "rgba",
        "hsl",
        "hsla",
        "hwb",
        "lab",
        "lch",
        "oklab",
        "oklch",
        "color",
        "color-mix",
        "light-dark",
        "contrast-color",
        "color-contrast",
        "device-cmyk",
        "attr",
        "if",
        "palette-mix",
        "alpha",
    ]
)


@dataclass(frozen=True, slots=True)
class Colour:
    """sRGB from 0 to 1, with its opacity."""

    rgb: Rgb
    alpha: float = 1.0

    @property
    def css(self) -> str:
        red, green, blue = (round(channel * 255) for channel in self.rgb)
        return f"#{red:02x}{green:02x}{blue:02x}"


BLACK = Colour((0.0, 0.0, 0.0))
WHITE = Colour((1.0, 1.0, 1.0))
LINK = Colour((0.0, 0.0, 238 / 255))


def is_colour(node: Node) -> bool:
    return is_current(node) or is_unfollowed(node) or colour(node) is not None


def is_current(node: Node) -> bool:
    return bool(node.type == "ident" and node.lower_value == "currentcolor")


def is_unfollowed(node: Node) -> bool:
    """Whether it is a colour that depends on more than is looked at here."""
    return bool(node.type == "function" and node.lower_name in _UNFOLLOWED) and not colour(node)


def colour(node: Node | str) -> Colour | None:
    """Give a colour value, or None if it is none (or `currentcolor`, or a variable)."""
    if not isinstance(node, str) and node.type == "function" and node.lower_name in _MIXING:
        return _MIXING[node.lower_name](node.arguments)
    if not isinstance(node, str) and node.type == "ident" and node.lower_value in _SYSTEM:
        return _SYSTEM[node.lower_value]
    return _parsed(node)


def _parsed(node: Node | str) -> Colour | None:
    try:
        parsed = color5.parse_color(node)
    except (ValueError, TypeError, AttributeError, IndexError):  # of values that mean nothing
        return None
    if parsed is None or isinstance(parsed, str):
        return None
    first, second, third, alpha = tuple(parsed.to("srgb")) if _is_rgb(parsed) else _grey(parsed)
    return Colour((_unit(first), _unit(second), _unit(third)), _unit(alpha))


def of_attribute(text: str) -> Colour | None:
    """Give a colour as old attributes spell it, however badly (HTML, "legacy colour values")."""
    text = text.strip()
    if not text or text.lower() == "transparent":
        return None
    named = colour(text) if text.isascii() and text.isalpha() else None
    return named or _of_digits(text)


def _of_digits(text: str) -> Colour:
    if len(text) == 4 and text[0] == "#" and not _NO_HEX.search(text[1:]):  # noqa: PLR2004  # "#fff"
        red, green, blue = (int(digit * 2, 16) / 255 for digit in text[1:])
        return Colour((red, green, blue))
    digits = _NO_HEX.sub("0", text[:128].removeprefix("#"))
    size = max(-(-len(digits) // 3), 1)
    digits = digits.ljust(size * 3, "0")
    parts = [digits[n * size : (n + 1) * size][-8:] for n in range(3)]
    while len(parts[0]) > _PAIR and all(part[0] == "0" for part in parts):
        parts = [part[1:] for part in parts]
    red, green, blue = (int(part[:_PAIR], 16) / 255 for part in parts)
    return Colour((red, green, blue))


def _mixed(arguments: list[Node]) -> Colour | None:
    """Mix as color-mix() does; whatever the colour space, sRGB comes near enough."""
    parts: list[list[Node]] = [[]]
    for node in arguments:
        if node == ",":
            parts.append([])
        else:
            parts[-1].append(node)
    inks = [next(filter(None, map(colour, part)), None) for part in parts[-2:]]
    shares = [next((n.value for n in p if n.type == "percentage"), None) for p in parts[-2:]]
    one, other = (inks[0], inks[-1]) if len(inks) > 1 else (None, None)
    if one is None or other is None:
        return None
    share = _share(shares[0], shares[-1])
    alpha = one.alpha * share + other.alpha * (1 - share)
    return Colour(blended(Colour(one.rgb, share), other.rgb), alpha)


def _share(one: float | None, other: float | None) -> float:
    if one is None:
        return 0.5 if other is None else _unit(1 - other / 100)
    total = 100.0 if other is None else one + other
    return _unit(one / total) if total else 0.0


def _same_by_day_and_night(arguments: list[Node]) -> Colour | None:
    found = [c for c in map(colour, arguments) if c is not None]
    return found[0] if len(found) == _PAIR and found[0] == found[1] else None


def is_image(node: Node) -> bool:
    return node.type == "url" or (
        node.type == "function"
        and (is_gradient(node) or node.lower_name in ("url", "image-set", "-webkit-image-set"))
    )


def is_gradient(node: Node) -> bool:
    return bool(node.type == "function" and node.lower_name.endswith("gradient"))


def stops(nodes: Iterable[Node]) -> Iterator[Colour]:
    """Give the colours of gradients, which are all backgrounds that the text may stand on."""
    for node in nodes:
        if is_gradient(node):
            yield from filter(None, (colour(part) for part in node.arguments if part != ","))


def blended(top: Colour, under: Rgb, opacity: float = 1.0) -> Rgb:
    """Give what is seen where a colour of some opacity lies over an opaque one."""
    share = top.alpha * opacity
    red, green, blue = (t * share + u * (1 - share) for t, u in zip(top.rgb, under, strict=True))
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Give the contrast ratio of two opaque colours, from 1 to 21 (WCAG 2, relative luminance)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_linear(channel) for channel in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    low = 0.04045
    return channel / 12.92 if channel <= low else float(((channel + 0.055) / 1.055) ** 2.4)


def _is_rgb(parsed: color5.Color) -> bool:
    return parsed.space in ("srgb", "hsl", "hwb")


def _grey(parsed: color5.Color) -> tuple[float, float, float, float]:
    """Spaces that are not converted: a grey of the same lightness, or their channels as sRGB."""
    channels = [0.0 if channel is None else float(channel) for channel in tuple(parsed)]
    whole = _LIGHTNESS.get(parsed.space)
    if whole is None:
        return channels[0], channels[1], channels[2], channels[3]
    level = channels[0] / whole
    return level, level, level, channels[3]


def _unit(channel: float | None) -> float:
    return min(max(float(channel or 0.0), 0.0), 1.0)


_MIXING: dict[str, Callable[[list[Node]], Colour | None]] = {
    "color-mix": _mixed,
    "light-dark": _same_by_day_and_night,
}
_SYSTEM = {
    **dict.fromkeys(["canvas", "field", "background", "window", "menu", "infobackground"], WHITE),
    **dict.fromkeys(["canvastext", "fieldtext", "buttontext", "windowtext", "menutext"], BLACK),
    **dict.fromkeys(["marktext", "infotext", "captiontext", "selecteditemtext"], BLACK),
    **dict.fromkeys(["buttonface", "threedface", "buttonhighlight"], Colour((0.94, 0.94, 0.94))),
    **dict.fromkeys(["highlighttext", "accentcolortext", "buttonborder"], WHITE),
    **dict.fromkeys(["linktext", "-webkit-link", "visitedtext", "activetext"], LINK),
    "graytext": Colour((0.5, 0.5, 0.5)),
    "mark": Colour((1.0, 1.0, 0.0)),
    "highlight": Colour((0.6, 0.78, 1.0)),
}
