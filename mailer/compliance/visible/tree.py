"""An HTML document as a browser builds it, flattened into the order in which it is read."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailer.compliance.visible.allowance import Allowance, TooComplex

ENTER, TEXT, LEAVE = 0, 1, 2

_TEXT_NODE = "-text"
_FARTHEST = 4000
_LOOK_STEPS = 5
_MOST_COPIES = 300_000
# Unclosed, these go on in every later block (HTML, "reconstruct the active formatting elements").
_FORMATTING = re.compile(
    r"<(/?)(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE
)
_DOCTYPE = re.compile(r"<!doctype\s++html(?=[\s>])[^>]*+>", re.IGNORECASE)
_OLD_DOCTYPE = re.compile(r"//dtd (?:html (?:[23]|4\.0 )|w3 html)|//ietf//", re.IGNORECASE)


class Loose(str):
    """A name that is the same in capitals, as ids are where no doctype asks for rigour."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()

    __hash__ = str.__hash__


class LooseSet(frozenset[str]):
    """Lower-case names that are found in capitals, too."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())


_NONE: frozenset[str] = frozenset()


class Element:
    """An element with what the tests that cssselect2 compiles ask of one.

    Whoever looks through its kin pays for them.
    """

    __slots__ = (
        *("allowance", "attrib", "children", "classes", "has_text", "id", "index"),
        *("is_shadowed", "local_name", "parent"),
    )
    namespace_url = "http://www.w3.org/1999/xhtml"
    in_html_document = True

    def __init__(
        self, tag: str, attrib: dict[str, str], parent: "Element | None", document: "Document"
    ) -> None:
        self.local_name, self.attrib, self.parent = tag, attrib, parent
        self.allowance = document.allowance
        self.children: list[Element] = []
        self.has_text = self.is_shadowed = False
        self.index = 0
        if parent is not None:
            parent.is_shadowed |= tag == "template" and "shadowrootmode" in attrib
            self.index = len(parent.children)
            parent.children.append(self)
        names, name = attrib.get("class", ""), attrib.get("id", "")
        self.id: str = Loose(name) if document.is_quirky else name
        self.classes: frozenset[str] = _NONE
        if names:
            is_loose = document.is_quirky
            self.classes = LooseSet(names.lower().split()) if is_loose else frozenset(names.split())

    def get(self, name: str, otherwise: str | None = None) -> str | None:
        return self.attrib.get(name, otherwise)

    # What follows is named by cssselect2.

    @property
    def tag(self) -> str:
        return self.local_name

    @property
    def etree_element(self) -> "Element":
        return self

    @property
    def text(self) -> bool:
        return self.has_text

    @property
    def etree_children(self) -> list["Element"]:
        return self.children

    @property
    def etree_siblings(self) -> list["Element"]:
        found = [self] if self.parent is None else self.parent.children
        self.allowance.spend(len(found))
        return found

    @property
    def previous(self) -> "Element | None":
        return self.parent.children[self.index - 1] if self.parent and self.index else None

    @property
    def ancestors(self) -> Iterator["Element"]:
        around = self.parent
        while around is not None:
            self.allowance.spend(_LOOK_STEPS)
            yield around
            around = around.parent

    @property
    def previous_siblings(self) -> list["Element"]:
        return self.etree_siblings[: self.index]

    def iter_siblings(self) -> Iterator["Element"]:
        return iter(self.etree_siblings)

    def iter_next_siblings(self) -> Iterator["Element"]:
        return iter(self.etree_siblings[self.index + 1 :])

    def iter_children(self) -> Iterator["Element"]:
        self.allowance.spend(len(self.children))
        return iter(self.children)

    def iter_subtree(self) -> Iterator["Element"]:
        waiting = [self]
        while waiting:
            self.allowance.spend(_LOOK_STEPS)
            element = waiting.pop()
            yield element
            waiting += reversed(element.children)

    @property
    def lang(self) -> str:
        stated = (e.attrib.get("lang") for e in (self, *self.ancestors))
        return next((text.lower() for text in stated if text is not None), "")

    @property
    def in_disabled_fieldset(self) -> bool:
        return any(e.local_name == "fieldset" and "disabled" in e.attrib for e in self.ancestors)


Event = tuple[int, Element, str]


@dataclass(eq=False)
class Document:
    """`events` enter and leave each element in order, with the texts between them."""

    is_quirky: bool
    allowance: Allowance = field(default_factory=Allowance)
    elements: list[Element] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def let_go(self) -> None:
        """Part the elements, which know each other in circles, so that they need no collector."""
        for element in self.elements:
            element.children.clear()


def parsed(html: str) -> Document:
    """Parse a document as HTML says. Raises TooComplex where that would multiply its elements."""
    source = html.encode("utf-8", "replace").decode()
    _pay(source)
    document = Document(not _is_strict(source))
    root = LexborHTMLParser(source).root
    assert root is not None  # noqa: S101 - HTML makes a document of anything
    _read(root, document)
    return document


def _read(root: LexborNode, document: Document) -> None:
    """Walk without recursion: mail may be nested ten thousand deep."""
    waiting: list[LexborNode | Element] = [root]
    around: Element | None = None
    while waiting:
        node = waiting.pop()
        if isinstance(node, Element):
            document.events.append((LEAVE, node, ""))
            around = node.parent
        elif node.tag == _TEXT_NODE and around is not None:
            around.has_text = True
            document.events.append((TEXT, around, node.text_content or ""))
        elif node.tag and node.tag[0] not in "-!":
            around = Element(node.tag, _attributes(node), around, document)
            document.elements.append(around)
            document.events.append((ENTER, around, ""))
            waiting.append(around)
            waiting += reversed(_children(node))


def _children(node: LexborNode) -> list[LexborNode]:
    found = []
    child = node.first_child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}


def _is_strict(source: str) -> bool:
    """Whether a doctype comes first, but for comments, that asks for rigour."""
    start = source[:_FARTHEST].lstrip()
    while start.startswith("<!--"):
        start = start.partition("-->")[2].lstrip()
    found = _DOCTYPE.match(start)
    return found is not None and not _OLD_DOCTYPE.search(found.group())


def _pay(source: str) -> None:
    """Refuse mail that opens many formatting elements, each to be copied into every block."""
    is_open: Counter[str] = Counter()
    most = 0
    for slash, name in _FORMATTING.findall(source):
        tag = name.lower()
        is_open[tag] = max(is_open[tag] + (-1 if slash else 1), 0)
        most = max(most, is_open.total() if not slash else 0)
    if most * source.count("<") > _MOST_COPIES:
        raise TooComplex
