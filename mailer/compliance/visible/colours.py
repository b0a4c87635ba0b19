"""CSS colours, blending, and the contrast ratio of WCAG 2."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tinycss2 import color5
from tinycss2.ast import Node

Rgb = tuple[float, float, float]

_LIGHTNESS = {"lab": 100.0, "lch": 100.0, "oklab": 1.0, "oklch": 1.0}
_HEX_LENGTHS = (3, 6)


@dataclass(frozen=True, slots=True)
class Colour:
    """sRGB from 0 to 1, with its opacity."""

    rgb: Rgb
    alpha: float = 1.0


BLACK = Colour((0.0, 0.0, 0.0))
WHITE = Colour((1.0, 1.0, 1.0))
LINK = Colour((0.0, 0.0, 238 / 255))


def is_colour(node: Node) -> bool:
    return is_current(node) or colour(node) is not None


def is_current(node: Node) -> bool:
    return bool(node.type == "ident" and node.lower_value == "currentcolor")


def colour(node: Node | str) -> Colour | None:
    """Give a colour value, or None if it is none (or `currentcolor`, or a variable)."""
    parsed = color5.parse_color(node)
    if parsed is None or isinstance(parsed, str):
        return None
    first, second, third, alpha = tuple(parsed.to("srgb")) if _is_rgb(parsed) else _grey(parsed)
    return Colour((_unit(first), _unit(second), _unit(third)), _unit(alpha))


def of_attribute(text: str) -> Colour | None:
    """Give a colour as old attributes spell it: a name, "#fff", or "ffffff" without its hash."""
    text = text.strip()
    found = colour(text)
    if found is None and len(text) in _HEX_LENGTHS:
        return colour(f"#{text}")
    return found


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
