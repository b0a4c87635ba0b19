"""What HTML tags and attributes say about looks, as the weakest of style sheets."""

from collections.abc import Iterator

from mailer.compliance.visible import colours
from mailer.compliance.visible.declared import Block, declarations
from mailer.compliance.visible.tree import Document, Element

_TAGS = {
    "small": "font-size:smaller",
    "big": "font-size:larger",
    "sub": "font-size:smaller",
    "sup": "font-size:smaller",
    "h1": "font-size:2em",
    "h2": "font-size:1.5em",
    "h3": "font-size:1.17em",
    "h5": "font-size:.83em",
    "h6": "font-size:.67em",
    "rt": "font-size:.5em",
    "mark": "background-color:#ff0;color:#000",
}
_FONT_SIZES = (10, 10, 13, 16, 18, 24, 32, 48)
_MIDDLE_SIZE = 3
_LARGEST_SIZE = 7
_LINK = "color:#0000ee"
# Where a browser heeds bgcolor.
_PAINTED = frozenset({"body", "marquee", "table", "tbody", "td", "tfoot", "th", "thead", "tr"})
_SPEAKING = _TAGS.keys() | _PAINTED | {"a", "font", "dialog", "bdo"}
_ANYWHERE = frozenset({"hidden", "popover", "inert", "dir"})


def hints(element: Element, link_css: str) -> Block | None:
    """Give the declarations that an element's own tag and attributes stand for, if any."""
    tag, attrib = element.local_name, element.attrib
    if tag not in _SPEAKING and not _ANYWHERE.intersection(attrib):
        return None
    css = ";".join(filter(None, _css(tag, attrib, link_css)))
    return declarations(css) if css else None


def link_css(document: Document) -> str:
    """Give the colour of links: blue, or what <body link> says."""
    body = next((e for e in document.elements if e.local_name == "body"), None)
    stated = None if body is None else body.attrib.get("link")
    return _colour("color", stated) or _LINK


def _css(tag: str, attrib: dict[str, str], link: str) -> Iterator[str]:
    yield _TAGS.get(tag, "")
    if tag == "a" and "href" in attrib:
        yield link
    if tag == "font":
        yield _colour("color", attrib.get("color"))
        yield _font_size(attrib.get("size"))
        yield f"font-family:{attrib['face']}" if attrib.get("face", "").strip() else ""
    if tag == "body":
        yield _colour("color", attrib.get("text"))
    if tag in _PAINTED:
        yield _colour("background-color", attrib.get("bgcolor"))
    yield from _out_of_sight(tag, attrib)
    yield from _direction(tag, attrib)


def _out_of_sight(tag: str, attrib: dict[str, str]) -> Iterator[str]:
    hidden = attrib.get("hidden")
    if hidden is not None:
        is_findable = hidden.strip().lower() == "until-found"
        yield "content-visibility:hidden" if is_findable else "display:none"
    if tag == "dialog" and "open" not in attrib:
        yield "display:none"
    if "popover" in attrib:
        yield "display:none"
    if "inert" in attrib:
        yield "pointer-events:none"


def _direction(tag: str, attrib: dict[str, str]) -> Iterator[str]:
    stated = attrib.get("dir", "").strip().lower()
    if stated in ("ltr", "rtl"):
        yield f"direction:{stated}"
    if tag == "bdo":
        yield "unicode-bidi:isolate-override"


def _colour(name: str, text: str | None) -> str:
    found = colours.of_attribute(text) if text else None
    return f"{name}:{found.css}" if found else ""


def _font_size(text: str | None) -> str:
    try:
        number = int(text or "")
    except ValueError:
        return ""
    if (text or "").strip().startswith(("+", "-")):
        number += _MIDDLE_SIZE
    return f"font-size:{_FONT_SIZES[min(max(number, 1), _LARGEST_SIZE)]}px"
