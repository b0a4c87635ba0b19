"""What filters and blend modes make of a colour."""

import math
from collections.abc import Callable, Iterator

from tinycss2.ast import Node

from mailer.compliance.visible.colours import Rgb

Step = Callable[[Rgb], Rgb]
Mix = Callable[[float, float], float]

_LUMA = (0.2126, 0.7152, 0.0722)
_DEGREES = {"deg": 1.0, "grad": 0.9, "rad": 180 / math.pi, "turn": 360.0}


def degrees(node: Node) -> float:
    """Give an angle in degrees, 0 for anything else."""
    if node.type != "dimension":
        return 0.0
    return float(node.value * _DEGREES.get(node.lower_unit, 0.0))


def amount(node: Node, otherwise: float = 1.0) -> float:
    """Give the number of a function such as brightness(50%), the first if there are more."""
    for part in node.arguments:
        if part.type == "number":
            return float(part.value)
        if part.type == "percentage":
            return float(part.value / 100)
    return otherwise


def filters(nodes: tuple[Node, ...]) -> Iterator[Step]:
    """Give the steps of a `filter` in the order in which they are applied."""
    for node in nodes:
        if node.type == "function" and node.lower_name in _FILTERS:
            yield _FILTERS[node.lower_name](node)


def blending(mode: str, backdrop: Rgb) -> Step | None:
    """Give what `mix-blend-mode` does over a backdrop; None for modes that are not followed."""
    mix = _MIXES.get(mode)
    if mix is None:
        return None

    def step(rgb: Rgb) -> Rgb:
        return _clamped(mix(under, over) for under, over in zip(backdrop, rgb, strict=True))

    return step


def through(rgb: Rgb, steps: tuple[Step, ...]) -> Rgb:
    """Apply the steps of an element and its ancestors, which are given outermost first."""
    for step in reversed(steps):
        rgb = step(rgb)
    return rgb


def _clamped(channels: "Iterator[float]") -> Rgb:
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in channels)
    return red, green, blue


def _each(change: Callable[[float, float], float]) -> Callable[[Node], Step]:
    def made(node: Node) -> Step:
        share = amount(node)
        return lambda rgb: _clamped(change(channel, share) for channel in rgb)

    return made


def _saturation(factor: Callable[[float], float]) -> Callable[[Node], Step]:
    """Move each channel away from the grey of the same lightness, or towards it."""

    def made(node: Node) -> Step:
        keep = factor(amount(node))

        def step(rgb: Rgb) -> Rgb:
            grey = sum(weight * channel for weight, channel in zip(_LUMA, rgb, strict=True))
            return _clamped(grey + (channel - grey) * keep for channel in rgb)

        return step

    return made


def _turned(node: Node) -> Step:
    """Turn the hue (Filter Effects, hue-rotate)."""
    angle = math.radians(degrees(node.arguments[0]) if node.arguments else 0.0)
    cos, sin = math.cos(angle), math.sin(angle)
    red, green, blue = (0.213, 0.715, 0.072)
    rows = (
        (
            red + cos * 0.787 - sin * red,
            green - cos * green - sin * green,
            blue - cos * blue + sin * 0.928,
        ),
        (
            red - cos * red + sin * 0.143,
            green + cos * 0.285 + sin * 0.14,
            blue - cos * blue - sin * 0.283,
        ),
        (
            red - cos * red - sin * 0.787,
            green - cos * green + sin * green,
            blue + cos * 0.928 + sin * blue,
        ),
    )
    return lambda rgb: _clamped(sum(a * b for a, b in zip(row, rgb, strict=True)) for row in rows)


_FILTERS: dict[str, Callable[[Node], Step]] = {
    "brightness": _each(lambda channel, share: channel * share),
    "contrast": _each(lambda channel, share: (channel - 0.5) * share + 0.5),
    "invert": _each(
        lambda channel, share: channel * (1 - min(share, 1)) + (1 - channel) * min(share, 1)
    ),
    "grayscale": _saturation(lambda share: 1 - min(share, 1)),
    "saturate": _saturation(lambda share: share),
    "sepia": _saturation(lambda share: 1 - min(share, 1)),
    "hue-rotate": _turned,
}


def _screen(under: float, over: float) -> float:
    return under + over - under * over


def _hard(under: float, over: float) -> float:
    return under * over * 2 if over <= 0.5 else _screen(under, over * 2 - 1)  # noqa: PLR2004  # half


def _dodge(under: float, over: float) -> float:
    return 0.0 if not under else 1.0 if over >= 1 else under / (1 - over)


def _burn(under: float, over: float) -> float:
    return 1.0 if under >= 1 else 0.0 if not over else 1 - (1 - under) / over


_MIXES: dict[str, Mix] = {
    "multiply": lambda under, over: under * over,
    "screen": _screen,
    "overlay": lambda under, over: _hard(over, under),
    "darken": min,
    "lighten": max,
    "color-dodge": _dodge,
    "color-burn": _burn,
    "hard-light": _hard,
    "soft-light": lambda under, over: under - (1 - 2 * over) * under * (1 - under),
    "difference": lambda under, over: abs(under - over),
    "exclusion": lambda under, over: under + over - 2 * under * over,
    "plus-lighter": lambda under, over: under + over,
}
