"""What a style does to letters: spacing, indents, strokes, fonts, direction, lines through them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from mailer.compliance.visible import colours, hiding
from mailer.compliance.visible.colours import Colour
from mailer.compliance.visible.hiding import Box
from mailer.compliance.visible.moving import FAR_PX, OFF_SCREEN_PX

MOST_PX = 300.0
_ASPECT = 0.5
# In shares of the font size.
_TIGHTEST, _WIDEST = -0.35, 3.0
_TIGHTEST_WORDS, _WIDEST_WORDS = -0.8, 20.0
_STROKE = 0.06
_THICK = 0.35
_WIDE_INDENT = 0.8
_NARROW_PX = 120.0
_PICTURES = frozenset(
    {"webdings", "wingdings", "wingdings 2", "wingdings 3", "symbol", "zapf dingbats"}
)
_LEFT_TO_RIGHT, _RIGHT_TO_LEFT = ("L", "EN"), ("R", "AL")
_TURNING = re.compile("[\u202d\u202e]")


@dataclass(frozen=True, slots=True)
class Lettering:
    """How letters are set. Spacing in px; `size` is what the font makes of its font size.

    `is_cut`: what goes beyond the element's width is not seen, beyond `cut_px` where that is known;
    `shift_px` is how far it is pushed that way. `forced` is the direction that all letters are
    made to take, "" if each takes its own.
    """

    indent_px: float = 0.0
    is_indent_wide: bool = False
    spacing_px: float = 0.0
    word_px: float = 0.0
    size: float = 1.0
    stroke_px: float = 0.0
    stroke_ink: Colour | None = None
    struck_px: float = 0.0
    family: str = ""
    masked: str = ""
    is_cut: bool = False
    cut_px: float = float("inf")
    shift_px: float = 0.0
    is_one_line: bool = False
    direction: str = "ltr"
    forced: str = ""

    def stroke(self, font_px: float) -> Iterator[Colour]:
        """Give the colour of outlines so thick that they cover the letters."""
        if self.stroke_px > _STROKE * font_px and self.stroke_ink is not None:
            yield self.stroke_ink

    def reason(self, font_px: float) -> str | None:
        """Why letters cannot be read, or None."""
        spacing, words = self.spacing_px / (font_px or 1.0), self.word_px / (font_px or 1.0)
        is_far = not OFF_SCREEN_PX < self.indent_px < FAR_PX
        faults = {
            f"text-indent:{self.indent_px:g}px": is_far or (self.is_cut and self.is_indent_wide),
            f"letter-spacing:{self.spacing_px:g}px": not _TIGHTEST < spacing < _WIDEST,
            f"word-spacing:{self.word_px:g}px": not _TIGHTEST_WORDS < words < _WIDEST_WORDS,
            "a line through it that is as thick as its letters": self.struck_px > _THICK * font_px,
            f"the edge of a box that is {self.cut_px:g} px wide": self._is_beyond(),
            f"font-family:{self.family}": self.family in _PICTURES,
            f"-webkit-text-security:{self.masked}": self.masked not in ("", "none"),
        }
        return next((text for text, is_so in faults.items() if is_so), None)

    def _is_beyond(self) -> bool:
        """Whether too little of a line is left before the edge that cuts it off."""
        left = self.cut_px - self.shift_px
        return left < (_NARROW_PX if self.is_one_line else 1.0)

    def turned(self, text: str) -> str | None:
        """Why a text is set backwards, or None."""
        if self.forced:
            against = _LEFT_TO_RIGHT if self.forced == "rtl" else _RIGHT_TO_LEFT
            if any(unicodedata.bidirectional(letter) in against for letter in text):
                return "letters that run backwards"
        is_turned = not text.isascii() and _TURNING.search(text)
        return "a character that turns letters round" if is_turned else None


PLAIN = Lettering()


def inside(box: Box, parent: Lettering) -> Lettering:
    """Give the lettering inside an element."""
    direction = box.word("direction") or parent.direction
    if direction == "initial":
        direction = "ltr"
    return Lettering(
        indent_px=_inherited(box, "text-indent", parent.indent_px),
        is_indent_wide=_is_indent_wide(box, parent),
        spacing_px=_inherited(box, "letter-spacing", parent.spacing_px),
        word_px=_inherited(box, "word-spacing", parent.word_px),
        size=_size(box, parent),
        stroke_px=_inherited(box, "-webkit-text-stroke-width", parent.stroke_px),
        stroke_ink=_ink(box, parent),
        struck_px=max(_struck(box), parent.struck_px),
        family=_family(box, parent),
        masked=_masked(box, parent),
        is_cut=parent.is_cut or box.clips,
        cut_px=_cut_px(box, parent),
        shift_px=_shift(box, parent),
        is_one_line=_is_one_line(box, parent),
        direction=direction,
        forced=_forced(box, parent, direction),
    )


def _inherited(box: Box, name: str, otherwise: float) -> float:
    if name not in box.style:
        return otherwise
    return box.px(name) or 0.0


def _is_indent_wide(box: Box, parent: Lettering) -> bool:
    if "text-indent" not in box.style:
        return parent.is_indent_wide
    return (box.px("text-indent") or 0.0) >= _WIDE_INDENT * min(box.width_px, 600.0)


def _size(box: Box, parent: Lettering) -> float:
    """`font-size-adjust` states how high small letters are to be; half the size is usual."""
    value = box.style.get("font-size-adjust")
    if not value:
        return parent.size
    found = hiding.numbers(value)
    return found[-1] / _ASPECT if found else 1.0


def _ink(box: Box, parent: Lettering) -> Colour | None:
    value = box.style.get("-webkit-text-stroke-color")
    if not value:
        return parent.stroke_ink
    return colours.colour(value[0])


def _struck(box: Box) -> float:
    lines = {n.lower_value for n in box.style.get("text-decoration-line", ()) if n.type == "ident"}
    thickness = box.style.get("text-decoration-thickness")
    if "line-through" not in lines or not thickness:
        return 0.0
    return box.node_px(thickness[0]) or 0.0


def _family(box: Box, parent: Lettering) -> str:
    value = box.style.get("font-family")
    if not value:
        return parent.family
    if value[0].type == "string":
        return str(value[0].value).strip().lower()
    names = []
    for node in value:
        if node.type != "ident":
            break
        names.append(str(node.lower_value))
    return " ".join(names)


def _cut_px(box: Box, parent: Lettering) -> float:
    if not box.clips or box.tag in ("td", "th", "tr", "table"):
        return parent.cut_px
    widths = [box.px(name) for name in ("width", "max-width") if _is_length(box, name)]
    return min([parent.cut_px, *(width for width in widths if width is not None)])


def _is_length(box: Box, name: str) -> bool:
    value = box.style.get(name)
    return bool(value) and value[0].type != "percentage"  # type: ignore[index]


def _shift(box: Box, parent: Lettering) -> float:
    """How far from the left edge of what cuts it off an element is pushed, in px."""
    own = max(box.px("padding-left") or 0.0, 0.0)
    if box.clips:
        return own
    names = ["margin-left"] if box.word("position") != "relative" else ["margin-left", "left"]
    moves = [box.px(name) or 0.0 for name in names if _is_length(box, name)]
    return parent.shift_px + own + sum(max(move, 0.0) for move in moves)


def _is_one_line(box: Box, parent: Lettering) -> bool:
    spaces = box.word("white-space")
    return spaces in ("nowrap", "pre") if spaces else parent.is_one_line


def _masked(box: Box, parent: Lettering) -> str:
    return box.word("-webkit-text-security") or parent.masked


def _forced(box: Box, parent: Lettering, direction: str) -> str:
    bidi = box.word("unicode-bidi")
    if bidi in ("bidi-override", "isolate-override"):
        return direction
    return "" if bidi in ("isolate", "plaintext") else parent.forced
