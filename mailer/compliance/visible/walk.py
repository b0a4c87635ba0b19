"""A walk through an HTML document in reading order, which turns it into runs of text."""

from dataclasses import dataclass, field, replace

from mailer.compliance.visible import layers, look, tags
from mailer.compliance.visible.cascade import Variables
from mailer.compliance.visible.declared import Block
from mailer.compliance.visible.layers import Spot
from mailer.compliance.visible.look import Look
from mailer.compliance.visible.reading import LINE_PX, Run
from mailer.compliance.visible.shape import DressKey, Shape, shape
from mailer.compliance.visible.sheets import Setting, Sheet
from mailer.compliance.visible.tree import Element

_BLANK_LINE = 2
_LETTER = 0.5
_LINE = 1.2


@dataclass(frozen=True, eq=False, slots=True)
class Worn:
    """An element's declarations: its own hints, those of sheets by condition, its style attribute.

    `boxes` are those of what a sheet puts into it with ::before and ::after.
    """

    hints: tuple[Block, ...]
    sheets: tuple[tuple[int, Block], ...]
    own: tuple[Block, ...]
    boxes: tuple[tuple[int, Block], ...] = ()

    def key(self, tag: str, active: frozenset[int], *, is_bold: bool) -> DressKey:
        blocks = [block for number, block in self.sheets if number in active]
        return tag, (*self.hints, *blocks, *self.own), len(self.hints), is_bold


@dataclass(eq=False, slots=True)
class Inside:
    """What is to be known when an element ends; `look` is that of what lies in it."""

    look: Look
    shape: Shape
    spot: Spot | None = None
    said_before: int = 0
    gap_before: float = 0.0
    row_top: float = 0.0
    row_end: float = 0.0
    depth: int = 0


@dataclass
class Flow:
    """Roughly how far down the page the walk has come, in px; never too far."""

    top: float = 0.0
    line: float = 0.0
    margin: float = 0.0

    def end_line(self) -> None:
        self.top += self.line
        self.line = 0.0

    def begin(self, shape: Shape) -> None:
        self.end_line()
        if shape.above < 0:
            self.top += shape.above
        self.margin = max(self.margin, shape.above)
        if shape.padding or shape.cut_px is not None:
            self.settle()
            self.top += shape.padding

    def settle(self) -> None:
        """Let the margins that have collapsed into one take their room."""
        self.top += self.margin
        self.margin = 0.0


@dataclass
class Said:
    """A run with what is needed to see whether a box lies over it."""

    run: Run
    spot: Spot
    top: float
    order: int


@dataclass
class Walk:
    """Collects runs of one setting. Call `enter`, `text` and `leave` in document order."""

    sheet: Sheet
    setting: Setting
    said: list[Said] = field(default_factory=list)
    covers: list[Spot] = field(default_factory=list)

    def __post_init__(self) -> None:
        bare = Look(variables=self._variables())
        top = shape(("", (), 0, False), look.ROOT, 0)
        if bare.variables:
            top = replace(top, look=bare)
        self._open = [Inside(top.look, top, Spot(top, None, 0, 0.0))]
        self._links: list[tuple[int, str]] = []
        self._flow = Flow()
        self._cuts: list[tuple[float, float]] = []
        self._link_count = self._words = self._order = 0
        self._breaks, self._gap = 0, 0.0
        self._code_depth = self._skip_depth = 0

    def runs(self) -> list[Run]:
        """Give all runs, those under a box marked as hidden."""
        return (
            [self._seen(said) for said in self.said] if self.covers else [s.run for s in self.said]
        )

    def enter(self, element: Element, worn: Worn) -> None:
        around = self._open[-1]
        tag = element.local_name
        self._order += 1
        made = self._shape(tag, worn, self._parent_look(element))
        if tag == "br":
            self._break_line()
        inner = _closed(element, made.look, around)
        inside = Inside(inner, made, said_before=self._words, gap_before=self._gap)
        self._count(element, 1)
        self._break(tag, made)
        self._place(inside, around)
        self._open.append(inside)
        for box in worn.boxes and self._boxes(worn, inner):
            self.covers.append(Spot(box, inside.spot, self._order, self._flow.top))

    def leave(self, element: Element) -> None:
        inside = self._open.pop()
        if self._words == inside.said_before:
            height = inside.shape.height or _height(element)
            self._gap = max(self._gap, inside.gap_before + height)
        self._end(inside, element)
        self._break(element.local_name, inside.shape)
        self._count(element, -1)

    def text(self, text: str) -> None:
        if self._skip_depth or not text:
            return
        if not text.isspace():
            self._words += 1
        elif self._breaks or not self.said:
            return
        inside = self._open[-1]
        hidden, contrast = look.judged(inside.look)
        before, gap = "\n" * min(self._breaks, _BLANK_LINE), self._gap
        self._breaks, self._gap = 0, 0.0
        top = self._advance(text, inside)
        hidden = hidden or self._cut(top) or self._misread(text, inside.look)
        link, href = self._links[-1] if self._links and not inside.look.is_dead else (None, None)
        run = Run(
            text, before, gap, inside.look.px, contrast, hidden, link, href, bool(self._code_depth)
        )
        assert inside.spot is not None  # noqa: S101  # set when it was entered
        self.said.append(Said(run, inside.spot, top, self._order))

    # Looks.

    def _variables(self) -> Variables:
        return self.sheet.variables if self.setting.is_bold else {}

    def _parent_look(self, element: Element) -> Look:
        """Give the look around an element; the label of a closed <details> is not inside it."""
        around = self._open[-1]
        return around.shape.look if is_label(element) else around.look

    def _shape(self, tag: str, worn: Worn, parent: Look) -> Shape:
        setting = self.setting
        key = worn.key(tag, setting.active, is_bold=setting.is_bold)
        made = shape(key, parent, setting.width_px)
        if self.sheet.frames and setting.is_bold:
            return self._moving(made, key, parent)
        return made

    def _moving(self, made: Shape, key: DressKey, parent: Look) -> Shape:
        """Give the shape that an animation leaves behind."""
        names = [
            n.value
            for n in made.box.style.get("animation-name", ())
            if n.type in ("ident", "string")
        ]
        frames = [frame for n in names for frame in self.sheet.frames.get(n, ())]
        if not frames:
            return made
        tag, blocks, hint_count, is_bold = key
        stays = {"paused", "infinite", "reverse", "backwards"}.intersection(names)
        frames = frames[::-1] if stays else frames
        return shape((tag, (*blocks, *frames), hint_count, is_bold), parent, self.setting.width_px)

    def _boxes(self, worn: Worn, parent: Look) -> list[Shape]:
        blocks = tuple(block for number, block in worn.boxes if number in self.setting.active)
        made = shape(("::", blocks, 0, self.setting.is_bold), parent, self.setting.width_px)
        return (
            [made]
            if made.covers and made.look.hidden is None and "content" in made.box.style
            else []
        )

    def _misread(self, text: str, seen: Look) -> str | None:
        if seen.lettering.family in self.sheet.small_fonts:
            return "a font that makes its letters tiny"
        return seen.lettering.turned(text)

    # Links, code, blocks.

    def _count(self, element: Element, step: int) -> None:
        tag = element.local_name
        if tag in tags.CODE:
            self._code_depth += step
        elif tag in tags.SKIPPED:
            self._skip_depth += step
        elif tag == "a" and "href" in element.attrib:
            if step < 0:
                self._links.pop()
            else:
                self._link_count += 1
                self._links.append((self._link_count, element.attrib["href"].strip()))

    def _break_line(self) -> None:
        self._breaks += 1
        self._gap += LINE_PX
        self._flow.line = self._flow.line or self._open[-1].look.px
        self._flow.end_line()

    def _break(self, tag: str, made: Shape) -> None:
        self._gap += made.margin
        if made.is_block:
            self._breaks = _BLANK_LINE
        elif tag in tags.CELLS:
            self._breaks = max(self._breaks, 1)

    # Heights.

    def _place(self, inside: Inside, around: Inside) -> None:
        made, flow = inside.shape, self._flow
        if made.is_block or made.is_beside:
            flow.begin(made)
        if around.shape.is_row or made.is_beside:
            flow.top = max(around.row_top, 0.0) if around.shape.is_row else flow.top
        inside.row_top = inside.row_end = flow.top
        is_new = made.is_placed or made.covers or made.is_block or made.is_beside
        inside.spot = Spot(made, around.spot, self._order, flow.top) if is_new else around.spot
        if made.covers and inside.look.hidden is None:
            inside.spot = inside.spot if is_new else Spot(made, around.spot, self._order, flow.top)
            self.covers.append(inside.spot)  # type: ignore[arg-type]
        inside.depth = len(self._cuts)
        if made.cut_px is not None:
            self._cuts.append((flow.top - made.padding, made.cut_px))

    def _end(self, inside: Inside, element: Element) -> None:
        made, flow, around = inside.shape, self._flow, self._open[-1]
        del self._cuts[inside.depth :]
        if element.local_name in tags.PICTURES:
            flow.line = max(flow.line, made.height or _size(element))
        if not (made.is_block or made.is_beside):
            return
        flow.end_line()
        bottom = max(flow.top, inside.row_end)
        if made.height:
            bottom = max(inside.row_top + made.height, bottom if made.cut_px is None else 0.0)
        if inside.spot is not None and inside.spot.shape is made:
            inside.spot.bottom = bottom
        around.row_end = max(around.row_end, bottom)
        flow.top = bottom if not self._stays(made, around) else inside.row_top
        flow.margin = max(flow.margin, made.below) if not made.is_beside else flow.margin
        flow.top += min(made.below, 0.0)

    def _stays(self, made: Shape, around: Inside) -> bool:
        return made.is_beside or around.shape.is_row

    def _advance(self, text: str, inside: Inside) -> float:
        """Give the height at which a text begins, and go on to where it ends."""
        flow, size = self._flow, inside.look.font_px
        flow.settle()
        lines = int(len(text) * size * _LETTER / max(self.setting.width_px, 1))
        top = flow.top
        flow.top += lines * size * _LINE
        flow.line = max(flow.line, size * _LINE)
        return top

    def _cut(self, top: float) -> str | None:
        for start, height in self._cuts:
            if top - start >= height - 1:
                return f"the lower edge of a box that is {height:g} px high and hides the rest"
        return None

    def _seen(self, said: Said) -> Run:
        run = said.run
        bottom = said.top + run.px * _LINE
        if run.hidden or not layers.covered(said.spot, said.top, bottom, said.order, self.covers):
            return run
        return replace(run, hidden="a box that lies over it")


def is_label(element: Element) -> bool:
    """Whether it is the label of its <details>, the first <summary> in there."""
    if element.local_name != "summary" or element.parent is None:
        return False
    first = next(e for e in element.parent.children if e.local_name == "summary")
    return first is element


def _closed(element: Element, seen: Look, around: Inside) -> Look:
    """Give the look inside an element, which may be closed to readers whatever its style."""
    tag = element.local_name
    if tag in tags.FALLBACK:
        return look.hushed(seen, f"inside <{tag}>")
    if tag == "details" and "open" not in element.attrib:
        return look.hushed(seen, "inside a closed <details>")
    if any("shadowrootmode" in e.attrib for e in element.children if e.local_name == "template"):
        return look.hushed(seen, "behind a shadow root")
    return seen


def _height(element: Element) -> float:
    """Give the height attribute in px; a picture is no blank space."""
    return 0.0 if element.local_name == "img" else _size(element)


def _size(element: Element) -> float:
    stated = element.attrib.get("height", "").strip().removesuffix("px")
    return float(stated) if stated.isascii() and stated.isdigit() else 0.0
