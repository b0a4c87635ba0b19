"""A walk through an HTML document in reading order, which turns it into runs of text."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mailer.compliance.visible import layers, look, tags
from mailer.compliance.visible.cascade import Variables
from mailer.compliance.visible.declared import Block
from mailer.compliance.visible.flow import Flow, Inside
from mailer.compliance.visible.layers import Spot
from mailer.compliance.visible.look import Look
from mailer.compliance.visible.reading import LINE_PX, Run
from mailer.compliance.visible.shape import DressKey, Shape, shape
from mailer.compliance.visible.sheets import Setting, Sheet
from mailer.compliance.visible.tree import Element

_COUNTED = tags.CODE | tags.SKIPPED | {"a"}
_BLANK_LINE = 2
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
        blocks = (block for number, block in self.sheets if number in active)
        return tag, (*self.hints, *blocks, *self.own), len(self.hints), is_bold


class Said(NamedTuple):
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

    def __post_init__(self) -> None:
        bare = Look(variables=self._variables())
        top = shape(("", (), 0, False), look.ROOT, 0)
        if bare.variables:
            top = replace(top, look=bare)
        self._open = [Inside(top.look, top, Spot(top, None, 0, 0.0))]
        self._links: list[tuple[int, str]] = []
        self._flow = Flow(self.setting.width_px)
        self._shapes: dict[tuple[str, Worn, Look], Shape] = {}
        self._link_count = self._words = self._order = 0
        self._breaks, self._gap = 0, 0.0
        self._code_depth = self._skip_depth = 0

    def runs(self) -> list[Run]:
        """Give all runs, those under a box marked as hidden."""
        return (
            [self._seen(said) for said in self.said]
            if self._flow.covers
            else [s.run for s in self.said]
        )

    def enter(self, element: Element, worn: Worn) -> None:
        around = self._open[-1]
        tag = element.local_name
        self._order += 1
        # The label of a closed <details> is not inside it.
        parent = around.shape.look if tag == "summary" and is_label(element) else around.look
        made = self._shapes.get((tag, worn, parent)) or self._shape(tag, worn, parent)
        if tag == "br":
            self._break_line()
        inner = _closed(element, made.look)
        inside = Inside(inner, made, around.spot, self._words, self._gap)
        if tag in _COUNTED:
            self._count(element, 1)
        self._break(tag, made)
        self._flow.enter(inside, around, self._order)
        self._open.append(inside)
        if worn.boxes:
            boxes = self._boxes(worn, inner)
            self._flow.covers += [Spot(b, inside.spot, self._order, self._flow.top) for b in boxes]

    def leave(self, element: Element) -> None:
        inside = self._open.pop()
        tag, made = element.local_name, inside.shape
        if self._words == inside.said_before:
            height = made.height or _height(element)
            self._gap = max(self._gap, inside.gap_before + height)
        picture = made.height or _size(element) if tag in tags.PICTURES else 0
        self._flow.leave(inside, self._open[-1], picture)
        self._break(tag, made)
        if tag in _COUNTED:
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
        top = self._flow.top
        if hidden is None:
            top = self._flow.advance(text, inside.look.font_px)
        hidden = hidden or self._flow.cut(top + inside.down) or self._misread(text, inside.look)
        link, href = self._links[-1] if self._links and not inside.look.is_dead else (None, None)
        run = Run(
            text, before, gap, inside.look.px, contrast, hidden, link, href, bool(self._code_depth)
        )
        self.said.append(Said(run, inside.spot, top, self._order))

    # Looks.

    def _variables(self) -> Variables:
        return self.sheet.variables if self.setting.is_bold else {}

    def _shape(self, tag: str, worn: Worn, parent: Look) -> Shape:
        setting = self.setting
        key = worn.key(tag, setting.active, is_bold=setting.is_bold)
        made = shape(key, parent, setting.width_px)
        if self.sheet.frames and setting.is_bold:
            made = self._moving(made, key, parent)
        self._shapes[tag, worn, parent] = made
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
        self._flow.end_line(self._open[-1].look.px)

    def _break(self, tag: str, made: Shape) -> None:
        self._gap += made.margin
        if made.is_block:
            self._breaks = _BLANK_LINE
        elif tag in tags.CELLS:
            self._breaks = max(self._breaks, 1)

    def _seen(self, said: Said) -> Run:
        run = said.run
        bottom = said.top + run.px * _LINE
        if run.hidden or not layers.covered(
            said.spot, said.top, bottom, said.order, self._flow.covers
        ):
            return run
        return run._replace(hidden="a box that lies over it")


def is_label(element: Element) -> bool:
    """Whether a <summary> is the label of its <details>, the first one in there."""
    kin = element.parent.children if element.parent else ()
    return element is next((e for e in kin if e.local_name == "summary"), None)


def _closed(element: Element, seen: Look) -> Look:
    """Give the look inside an element, which may be closed to readers whatever its style."""
    tag = element.local_name
    if tag in tags.FALLBACK:
        return look.hushed(seen, f"inside <{tag}>")
    if tag == "details" and "open" not in element.attrib:
        return look.hushed(seen, "inside a closed <details>")
    if element.is_shadowed:
        return look.hushed(seen, "behind a shadow root")
    return seen


def _height(element: Element) -> float:
    """Give the height attribute in px; a picture is no blank space."""
    return 0.0 if element.local_name == "img" else _size(element)


def _size(element: Element) -> float:
    stated = element.attrib.get("height", "").strip().removesuffix("px")
    return float(stated) if stated.isascii() and stated.isdigit() else 0.0
