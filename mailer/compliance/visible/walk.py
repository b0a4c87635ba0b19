"""A walk through an HTML document in reading order, which turns it into runs of text."""

from dataclasses import dataclass, field, replace

from lxml import etree

from mailer.compliance.visible import look
from mailer.compliance.visible.declared import Block, declarations
from mailer.compliance.visible.hiding import Box
from mailer.compliance.visible.hints import hints
from mailer.compliance.visible.look import Look
from mailer.compliance.visible.matching import Matches
from mailer.compliance.visible.reading import LINE_PX, Run
from mailer.compliance.visible.sheets import Setting

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_CELLS = frozenset({"td", "th", "caption"})
_CODE = frozenset({"code", "pre", "kbd", "samp", "tt"})
_SKIPPED = frozenset({"head", "script", "style", "template"})
# Elements whose content is a fallback, or a control, or stripped by mail programs.
_FALLBACK = frozenset(
    [
        "applet",
        "audio",
        "canvas",
        "datalist",
        "embed",
        "frameset",
        "iframe",
        "meter",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "option",
        "progress",
        "rp",
        "select",
        "svg",
        "textarea",
        "title",
        "video",
    ]
)
_BLOCK_DISPLAYS = ("block", "table", "flex", "grid", "list-item", "flow-root")
_BLANK_LINE = 2


@dataclass(frozen=True, slots=True)
class _Shape:
    """What an element's style makes of it, whatever it contains."""

    look: Look = Look()  # noqa: RUF009  # frozen
    is_block: bool = False
    height: float = 0.0
    margin: float = 0.0


@dataclass(frozen=True)
class Document:
    """`matches` are the declarations of style sheets by element, each with its condition.

    `shapes` remembers what was worked out, since most elements resemble an earlier one.
    """

    root: etree._Element
    matches: Matches
    link_css: str
    shapes: dict[tuple[object, ...], _Shape] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Inside:
    """What is to be known when an element ends; `look` is that of what lies in it."""

    look: Look
    shape: _Shape
    said_before: int = 0
    gap_before: float = 0.0


class Walk:
    """Collects runs. Call `enter` and `leave` for each element, in document order."""

    def __init__(self, document: Document, setting: Setting) -> None:
        self.runs: list[Run] = []
        self._document = document
        self._setting = setting
        self._open = [_Inside(Look(), _Shape())]
        self._links: list[tuple[int, str]] = []
        self._link_count = 0
        self._said = 0
        self._breaks = 0
        self._gap = 0.0
        self._code_depth = 0
        self._skip_depth = 0

    def enter(self, element: etree._Element) -> None:
        shape = self._shape(element)
        if element.tag == "br":
            self._breaks += 1
            self._gap += LINE_PX
        inner = replace(shape.look, hidden=shape.look.hidden or _closed(element))
        self._open.append(_Inside(inner, shape, self._said, self._gap))
        self._count(element, 1)
        self._break(element, shape)
        self._text(element.text, inner)

    def leave(self, element: etree._Element) -> None:
        inside = self._open.pop()
        if self._said == inside.said_before:
            height = inside.shape.height or _height(element)
            self._gap = max(self._gap, inside.gap_before + height)
        self._break(element, inside.shape)
        self._count(element, -1)
        self._text(element.tail, self._open[-1].look)

    def _count(self, element: etree._Element, step: int) -> None:
        self._code_depth += step * (element.tag in _CODE)
        self._skip_depth += step * (element.tag in _SKIPPED)
        href = element.get("href")
        if element.tag != "a" or href is None:
            return
        if step < 0:
            self._links.pop()
        else:
            self._link_count += 1
            self._links.append((self._link_count, href.strip()))

    def _break(self, element: etree._Element, shape: _Shape) -> None:
        self._gap += shape.margin
        if shape.is_block:
            self._breaks = _BLANK_LINE
        elif element.tag in _CELLS:
            self._breaks = max(self._breaks, 1)

    def _text(self, text: str | None, seen: Look) -> None:
        if not text or self._skip_depth:
            return
        if text.strip():
            self._said += 1
        elif self._breaks or not self.runs:
            return
        link, href = self._links[-1] if self._links else (None, None)
        hidden, contrast = look.judged(seen)
        before, gap = "\n" * min(self._breaks, _BLANK_LINE), self._gap
        self._breaks, self._gap = 0, 0.0
        is_code = bool(self._code_depth)
        run = Run(text, before, gap, seen.px, contrast, hidden, link, href, is_code)
        self.runs.append(run)

    def _shape(self, element: etree._Element) -> _Shape:
        """Work out the shape, or recall it if nothing that decides it is new."""
        document, active = self._document, self._setting.active
        blocks = [
            hints(element, document.link_css),
            *(block for number, block in document.matches[element] if number in active),
            declarations(element.get("style") or ""),
        ]
        is_relative = any(block.is_relative for block in blocks)
        width = self._setting.width_px if is_relative else 0
        key = (element.tag, *blocks, self._parent_look(element), width)
        if key not in document.shapes:
            document.shapes[key] = self._shaped(element, blocks)
        return document.shapes[key]

    def _shaped(self, element: etree._Element, blocks: list[Block]) -> _Shape:
        tag, width = str(element.tag), self._setting.width_px
        style = look.cascaded([declared for block in blocks for declared in block.declared])
        seen = look.inside(tag, style, self._parent_look(element), width)
        box = Box(tag, style, seen.font_px, width)
        sides = ("margin-top", "margin-bottom", "padding-top", "padding-bottom")
        return _Shape(
            look=seen,
            is_block=tag in _BLOCKS or box.word("display").startswith(_BLOCK_DISPLAYS),
            height=box.px("height") or 0.0,
            margin=sum(max(box.px(side) or 0.0, 0.0) for side in sides) / 2,
        )

    def _parent_look(self, element: etree._Element) -> Look:
        """Give the look around an element; the label of a closed <details> is not inside it."""
        around = self._open[-1]
        is_label = element.tag == "summary" and element.getprevious() is None
        return around.shape.look if is_label else around.look


def _closed(element: etree._Element) -> str | None:
    """Why a reader sees nothing inside an element whatever its style, or None."""
    if element.tag in _FALLBACK:
        return f"inside <{element.tag}>"
    is_closed = element.tag == "details" and element.get("open") is None
    return "inside a closed <details>" if is_closed else None


def _height(element: etree._Element) -> float:
    """Give the height attribute in px; a picture is no blank space."""
    if element.tag == "img":
        return 0.0
    stated = (element.get("height") or "").strip().removesuffix("px")
    return float(stated) if stated.isascii() and stated.isdigit() else 0.0
