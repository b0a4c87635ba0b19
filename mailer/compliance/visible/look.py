"""How text inside an element looks, worked out from the element's style and its parent's look."""

from dataclasses import dataclass, replace
from functools import lru_cache

from mailer.compliance.visible import colours, hiding, lengths
from mailer.compliance.visible.colours import BLACK, WHITE, Colour, Rgb
from mailer.compliance.visible.declared import GLOBAL, Declared, Value, word
from mailer.compliance.visible.hiding import Box, Style

LEAST_OPACITY = 0.1
LEAST_CONTRAST = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """What an element hands down to the text and the elements in it.

    `hidden` cannot be undone further down; `unseen`, size, colour and indent can.
    """

    hidden: str | None = None
    unseen: str | None = None
    opacity: float = 1.0
    font_px: float = lengths.ROOT_PX
    shrunk: float = 1.0
    colour: Colour = BLACK
    fill: Colour | None = None
    grounds: tuple[Rgb, ...] = (WHITE.rgb,)
    indent_px: float = 0.0

    @property
    def px(self) -> float:
        return self.font_px * self.shrunk

    def contrast(self) -> float:
        """Give the lowest contrast of the text with any colour that it may stand on."""
        return min(
            colours.contrast(colours.blended(ink, ground, self.opacity), ground)
            for ground in self.grounds
            for ink in (self.colour, self.fill or self.colour)
        )

    def reason(self) -> str | None:
        """Why text of this look cannot be seen, or None."""
        ratio = self.contrast()
        faults = {
            f"opacity:{self.opacity:.2g}": self.opacity < LEAST_OPACITY,
            f"font size {self.px:.3g} px": self.px < hiding.LEAST_PX,
            f"text-indent:{self.indent_px:g}px": not (
                hiding.OFF_SCREEN_PX < self.indent_px < hiding.FAR_PX
            ),
            f"contrast {ratio:.2f}:1 with its background": ratio < LEAST_CONTRAST,
        }
        found = next((text for text, is_so in faults.items() if is_so), None)
        return self.hidden or self.unseen or found


@lru_cache(maxsize=2048)
def judged(look: Look) -> tuple[str | None, float]:
    """Why text of this look cannot be seen (None: it can), and its contrast."""
    return look.reason(), look.contrast()


def cascaded(found: list[Declared]) -> Style:
    """Merge declarations, given from weakest to strongest; `important` ones come out on top."""
    style: Style = {}
    for declared in sorted(found, key=lambda d: d.important):
        style[declared.name] = declared.value
    return style


def inside(tag: str, style: Style, parent: Look, width_px: float) -> Look:
    """Give the look inside an element, in a window of some width (px)."""
    if not style:
        return parent
    font = _font_px(style.get("font-size"), parent, width_px)
    box = Box(tag, style, font, width_px)
    colour = _colour(style.get("color"), parent.colour, parent.colour)
    indent = box.px("text-indent")
    return replace(
        parent,
        hidden=parent.hidden or hiding.reason(box),
        unseen=_unseen(box, parent),
        opacity=parent.opacity * hiding.fading(box),
        font_px=font,
        shrunk=parent.shrunk * hiding.shrinking(box),
        colour=colour,
        fill=_fill(style.get("-webkit-text-fill-color"), parent, colour),
        grounds=_grounds(style, parent, colour),
        indent_px=parent.indent_px if indent is None else indent,
    )


def _unseen(box: Box, parent: Look) -> str | None:
    visibility = box.word("visibility")
    if visibility in ("hidden", "collapse"):
        return f"visibility:{visibility}"
    return None if visibility in ("visible", "initial") else parent.unseen


def _font_px(value: Value | None, parent: Look, width_px: float) -> float:
    if not value:
        return parent.font_px
    if word(value) in GLOBAL:
        return lengths.ROOT_PX if word(value) == "initial" else parent.font_px
    size = lengths.font_px(value[0], parent.font_px, width_px)
    return parent.font_px if size is None else size


def _colour(value: Value | None, current: Colour, otherwise: Colour) -> Colour:
    """Give the value as a colour; `current` is what currentcolor means."""
    if not value:
        return otherwise
    if word(value) == "initial":
        return BLACK
    return current if colours.is_current(value[0]) else colours.colour(value[0]) or otherwise


def _fill(value: Value | None, parent: Look, colour: Colour) -> Colour | None:
    if not value:
        return parent.fill
    if word(value) in GLOBAL:
        return None if word(value) == "initial" else parent.fill
    return _colour(value, colour, colour)


def _grounds(style: Style, parent: Look, colour: Colour) -> tuple[Rgb, ...]:
    """Give the colours that text may stand on: a gradient's stops, else the background."""
    layers = tuple(colours.stops(style.get("background-image", ())))
    value = style.get("background-color")
    if value and word(value) not in GLOBAL:
        base = _colour(value, colour, Colour(WHITE.rgb, 0.0))
        under = tuple(colours.blended(base, ground) for ground in parent.grounds)
    else:
        under = parent.grounds
    if not layers:
        return under
    return tuple(colours.blended(layer, ground) for layer in layers for ground in under)
