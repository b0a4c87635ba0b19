"""How far down the page each piece stands: rough heights, of use for what is cut off or covered."""

from dataclasses import dataclass, field

from mailer.compliance.visible.layers import Spot
from mailer.compliance.visible.look import Look
from mailer.compliance.visible.shape import Shape

_LETTER = 0.5
_LINE = 1.2


@dataclass(eq=False, slots=True)
class Inside:
    """What is to be known when an element ends; `look` is that of what lies in it."""

    look: Look
    shape: Shape
    spot: Spot
    said_before: int = 0
    gap_before: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    cut_count: int = 0
    down: float = 0.0


@dataclass
class Flow:
    """How far down the walk has come, in px, rather too little than too much.

    `line` is the height of the line that is being filled, `margin` what has collapsed before it,
    `cuts` where boxes begin that cut off what is in them, and how high they are.
    """

    width_px: int
    top: float = 0.0
    line: float = 0.0
    margin: float = 0.0
    cuts: list[tuple[float, float]] = field(default_factory=list)
    covers: list[Spot] = field(default_factory=list)

    def end_line(self, least: float = 0.0) -> None:
        self.top += self.line or least
        self.line = 0.0

    def enter(self, inside: Inside, around: Inside, order: int) -> None:
        made = inside.shape
        if made.is_block or made.is_beside:
            self._begin(made)
        if around.shape.is_row:
            self.top = around.top
        inside.top = inside.bottom = self.top
        if made.is_placed or made.covers or made.is_block or made.is_beside:
            inside.spot = Spot(made, around.spot, order, self.top)
        if made.covers and inside.look.hidden is None:
            self.covers.append(inside.spot)
        inside.cut_count = len(self.cuts)
        inside.down = around.down + made.down
        if made.cut_px is not None:
            self.cuts.append((self.top - made.padding + inside.down, made.cut_px))

    def leave(self, inside: Inside, around: Inside, picture_px: float) -> None:
        made = inside.shape
        del self.cuts[inside.cut_count :]
        if picture_px:
            self.line = max(self.line, picture_px)
        if not (made.is_block or made.is_beside):
            return
        self.end_line()
        bottom = max(self.top, inside.bottom, inside.top + made.height)
        if made.cut_px is not None:
            bottom = min(bottom, inside.top + max(made.cut_px, made.height))
        inside.spot.bottom = bottom
        if not made.is_lifted:
            around.bottom = max(around.bottom, bottom)
        is_beside = made.is_beside or around.shape.is_row
        self.top = inside.top if is_beside else bottom + min(made.below, 0.0)
        self.margin = self.margin if is_beside else max(self.margin, made.below)

    def advance(self, text: str, size: float) -> float:
        """Give the height at which a text begins, and go on to where it ends."""
        self._settle()
        begin = self.top
        self.top += int(len(text) * size * _LETTER / self.width_px) * size * _LINE
        self.line = max(self.line, size * _LINE)
        return begin

    def cut(self, top: float) -> str | None:
        """Why nothing is seen at some height, if it is cut off there."""
        for start, height in self.cuts:
            if top - start >= height - 1:
                return f"the lower edge of a box that is {height:g} px high and hides the rest"
        return None

    def _begin(self, shape: Shape) -> None:
        self.end_line()
        self.top += min(shape.above, 0.0)
        self.margin = max(self.margin, shape.above)
        if shape.padding or shape.cut_px is not None:
            self._settle()
            self.top += shape.padding

    def _settle(self) -> None:
        """Let the margins that have collapsed into one take their room."""
        self.top += self.margin
        self.margin = 0.0
