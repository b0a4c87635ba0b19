"""How text inside an element looks, worked out from the element's style and its parent's look."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

from mailer.compliance.visible import colours, hiding, lengths, lettering, moving, paint, shapes
from mailer.compliance.visible.cascade import NO_VARIABLES, Style, Variables, plain_style
from mailer.compliance.visible.cascade import style as cascaded
from mailer.compliance.visible.colours import BLACK, WHITE, Colour, Rgb
from mailer.compliance.visible.declared import Block
from mailer.compliance.visible.hiding import Box
from mailer.compliance.visible.lettering import PLAIN, Lettering
from mailer.compliance.visible.properties import Value, word

LEAST_OPACITY = 0.1
LEAST_CONTRAST = 2.0
_HALF = 0.5

# A colour that text may stand on, and the number of filters that it lies inside of.
Ground = tuple[Rgb, int]


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """What an element hands down to the text and the elements in it; the same one if unchanged.

    `hidden` cannot be undone further down; `unseen`, size, colour and lettering can.
    `moved` is how far it and all around it were moved, in px. `is_backed`: a background lies
    between it and what a negative z-index puts it behind. `is_dead`: nothing can be clicked.
    """

    hidden: str | None = None
    unseen: str | None = None
    opacity: float = 1.0
    shrunk: float = 1.0
    is_mirrored: bool = False
    font_px: float = lengths.ROOT_PX
    colour: Colour = BLACK
    fill: Colour | None = None
    grounds: tuple[Ground, ...] = ((WHITE.rgb, 0),)
    steps: tuple[paint.Step, ...] = ()
    lettering: Lettering = PLAIN
    variables: Variables = field(default_factory=lambda: NO_VARIABLES)
    moved: tuple[float, float] = (0.0, 0.0)
    depth_px: float | None = None
    is_backed: bool = False
    is_dead: bool = False

    @property
    def px(self) -> float:
        return self.font_px * self.shrunk * self.lettering.size

    def contrast(self) -> float:
        """Give the lowest contrast of the text with any colour that it may stand on."""
        inks = (self.fill or self.colour, self.colour, *self.lettering.stroke(self.font_px))
        return min(self._contrast(ink, *ground) for ground in self.grounds for ink in inks)

    def _contrast(self, ink: Colour, ground: Rgb, depth: int) -> float:
        under = paint.through(ground, self.steps[:depth])
        over = paint.through(colours.blended(ink, ground), self.steps)
        return colours.contrast(colours.blended(Colour(over), under, self.opacity), under)

    def reason(self) -> str | None:
        """Why text of this look cannot be seen, or None."""
        ratio = self.contrast()
        faults = {
            f"opacity:{self.opacity:.2g}": self.opacity < LEAST_OPACITY,
            f"font size {self.px:.3g} px": self.px < hiding.LEAST_PX,
            f"font size {self.px:.3g} px ": self.px > lettering.MOST_PX,
            "letters turned over": self.is_mirrored,
            f"contrast {ratio:.2f}:1 with its background": ratio < LEAST_CONTRAST,
        }
        found = next((text.strip() for text, is_so in faults.items() if is_so), None)
        return self.hidden or self.unseen or self.lettering.reason(self.font_px) or found


ROOT = Look()


@lru_cache(maxsize=4096)
def judged(look: Look) -> tuple[str | None, float]:
    """Why text of this look cannot be seen (None: it can), and its contrast."""
    return look.reason(), look.contrast()


@dataclass(frozen=True, eq=False, slots=True)
class Dress:
    """What decides the look of an element: its tag and blocks, from weakest to strongest.

    The first `hint_count` blocks are those of its markup.
    """

    tag: str
    blocks: tuple[Block, ...]
    hint_count: int
    knows_variables: bool

    def style(self, parent: Look) -> tuple[Style, Variables]:
        if any(block.has_variables for block in self.blocks):
            return cascaded(
                self.blocks, self.hint_count, parent.variables, knows_variables=self.knows_variables
            )
        return plain_style(self.blocks, self.hint_count), parent.variables


def inside(box: Box, parent: Look, variables: Variables) -> Look:
    """Give the look inside an element whose style is not empty."""
    style = box.style
    colour = _colour(style.get("color"), parent.colour, parent.colour)
    turn = moving.turn(box, parent.depth_px)
    steps = (*parent.steps, *_steps(box, parent))
    letters = lettering.inside(box, parent.lettering)
    return Look(
        hidden=parent.hidden or _hidden(box, parent, turn),
        unseen=_unseen(box, parent),
        opacity=parent.opacity * hiding.fading(box),
        shrunk=parent.shrunk * turn.factor * moving.zooming(box),
        is_mirrored=parent.is_mirrored is not turn.is_mirrored,
        font_px=box.font_px,
        colour=colour,
        fill=_fill(style.get("-webkit-text-fill-color"), parent, colour),
        grounds=_grounds(box, parent, colour, len(steps)),
        steps=steps,
        lettering=letters,
        variables=variables,
        moved=_moved(box, parent, turn),
        depth_px=box.px("perspective"),
        is_backed=_is_backed(box, parent),
        is_dead=_is_dead(box, parent),
    )


def font_px(style: Style, parent: Look, width_px: float) -> float:
    """Give the font size in px of an element in a window of some width."""
    value = style.get("font-size")
    if not value:
        return parent.font_px
    if word(value) == "initial":
        return lengths.ROOT_PX
    size = lengths.font_px(value[0], parent.font_px, width_px)
    return parent.font_px if size is None else size


def is_opaque(box: Box) -> bool:
    """Whether an element's own background covers what lies behind it."""
    value = box.style.get("background-color")
    colour = colours.colour(value[0]) if value else None
    images = [n for n in box.style.get("background-image", ()) if colours.is_image(n)]
    layers = [stop.alpha for node in images for stop in colours.stops([node])]
    has_picture = any(not colours.is_gradient(node) for node in images)
    is_painted = colour is not None and colour.alpha > _HALF
    is_unsure = value is not None and colours.is_unfollowed(value[0])
    return is_painted or is_unsure or has_picture or bool(layers and min(layers) > _HALF)


def makes_layer(box: Box) -> bool:
    """Whether an element is a stacking context (CSS Positioned Layout, CSS Color and others)."""
    names: tuple[str, ...] = (
        "transform",
        "scale",
        "rotate",
        "translate",
        "filter",
        "perspective",
        "mask",
    )
    names += ("clip-path", "backdrop-filter", "mask-image")
    is_ordered = bool(hiding.numbers(box.style.get("z-index", ())))
    is_placed = box.word("position") in ("relative", "absolute", "fixed", "sticky")
    return (
        any(name in box.style and box.word(name) != "none" for name in names)
        or (is_ordered and is_placed)
        or box.word("position") in ("fixed", "sticky")
        or hiding.fading(box) < 1
        or box.word("isolation") == "isolate"
        or box.word("mix-blend-mode") not in ("", "normal")
    )


def _hidden(box: Box, parent: Look, turn: moving.Turn) -> str | None:
    path = box.style.get("clip-path", ())
    found = hiding.reason(box) or shapes.reason(path, box.font_px, box.width_px)
    found = found or moving.lost(box, turn, parent.moved)
    if found:
        return found
    mode = box.word("mix-blend-mode")
    if mode not in ("", "normal") and paint.blending(mode, WHITE.rgb) is None:
        return f"mix-blend-mode:{mode}, which cannot be judged"
    order = hiding.numbers(box.style.get("z-index", ()))
    is_placed = box.word("position") not in ("", "static")
    is_behind = parent.is_backed and is_placed and bool(order) and order[0] < 0
    return "a background in front of it (z-index)" if is_behind else None


def _moved(box: Box, parent: Look, turn: moving.Turn) -> tuple[float, float]:
    """Only what goes out to the left or up adds up; to the right and down there is room."""
    across, down = moving.off_screen(box, turn)
    if box.word("position") in ("absolute", "fixed"):
        return min(across, 0.0), min(down, 0.0)
    return min(parent.moved[0] + across, 0.0), min(parent.moved[1] + down, 0.0)


def _unseen(box: Box, parent: Look) -> str | None:
    visibility = box.word("visibility")
    if visibility in ("hidden", "collapse"):
        return f"visibility:{visibility}"
    return None if visibility in ("visible", "initial") else parent.unseen


def _is_dead(box: Box, parent: Look) -> bool:
    events = box.word("pointer-events")
    return events == "none" if events else parent.is_dead


def _is_backed(box: Box, parent: Look) -> bool:
    """Whether a background lies behind, other than that of <body>, which is behind all."""
    if makes_layer(box):
        return False
    return parent.is_backed or (box.tag not in ("html", "body") and is_opaque(box))


def _colour(value: Value | None, current: Colour, otherwise: Colour) -> Colour:
    """Give the value as a colour; `current` is what currentcolor means. Unknown: none at all."""
    if not value:
        return otherwise
    if word(value) == "initial":
        return BLACK
    if colours.is_current(value[0]):
        return current
    return colours.colour(value[0]) or Colour(WHITE.rgb, 0.0)


def _fill(value: Value | None, parent: Look, colour: Colour) -> Colour | None:
    if not value:
        return parent.fill
    return None if word(value) == "initial" else _colour(value, colour, colour)


def _steps(box: Box, parent: Look) -> list[paint.Step]:
    """Give the blending with what lies behind, then filters from the last to the first."""
    mode = box.word("mix-blend-mode")
    step = paint.blending(mode, parent.grounds[0][0]) if mode else None
    filters = list(paint.filters(box.style.get("filter", ())))
    return ([step] if step else []) + filters[::-1]


def _grounds(box: Box, parent: Look, colour: Colour, depth: int) -> tuple[Ground, ...]:
    """Give the colours that text may stand on: a gradient's stops, else the background."""
    under = parent.grounds
    for step in paint.filters(box.style.get("backdrop-filter", ())):
        under = tuple((step(ground), at) for ground, at in under)
    value = box.style.get("background-color")
    if value and colours.is_unfollowed(value[0]):
        return ((WHITE.rgb, depth), (BLACK.rgb, depth))
    if value:
        base = _colour(value, colour, Colour(WHITE.rgb, 0.0))
        under = tuple(_covered(base, ground, depth) for ground in under)
    layers = tuple(colours.stops(box.style.get("background-image", ())))
    return tuple(_covered(layer, ground, depth) for layer in layers for ground in under) or under


def _covered(top: Colour, under: Ground, depth: int) -> Ground:
    if not top.alpha:
        return under
    return colours.blended(top, under[0]), depth


@lru_cache(maxsize=1024)
def hushed(seen: Look, reason: str) -> Look:
    """Give the look of what nobody sees whatever its style."""
    return seen if seen.hidden else replace(seen, hidden=reason)
