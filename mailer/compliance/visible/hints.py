"""What HTML tags and attributes say about looks, as the weakest of style sheets."""

from collections.abc import Iterator

from lxml import etree

from mailer.compliance.visible import colours
from mailer.compliance.visible.declared import Block, declarations

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
}
_FONT_SIZES = (10, 10, 13, 16, 18, 24, 32, 48)
_MIDDLE_SIZE = 3
_LARGEST_SIZE = 7
_LINK = "color:#0000ee"


def hints(element: etree._Element, link_css: str = _LINK) -> Block:
    """Give the declarations that an element's own tag and attributes stand for."""
    return declarations(";".join(_css(element, link_css)))


def link_css(root: etree._Element) -> str:
    """Give the colour of links: blue, or what <body link> says."""
    body = root.find("body")
    stated = None if body is None else body.get("link")
    return _colour("color", stated) or _LINK


def _css(element: etree._Element, link: str) -> Iterator[str]:
    tag = str(element.tag)
    if tag in _TAGS:
        yield _TAGS[tag]
    if tag == "a" and element.get("href") is not None:
        yield link
    if tag == "font":
        yield _colour("color", element.get("color"))
        yield _font_size(element.get("size"))
    if tag == "body":
        yield _colour("color", element.get("text"))
    yield _colour("background-color", element.get("bgcolor"))
    yield from _out_of_sight(tag, element)


def _out_of_sight(tag: str, element: etree._Element) -> Iterator[str]:
    hidden = element.get("hidden")
    if hidden is not None:
        is_findable = hidden.strip().lower() == "until-found"
        yield "content-visibility:hidden" if is_findable else "display:none"
    if tag == "dialog" and element.get("open") is None:
        yield "display:none"


def _colour(name: str, text: str | None) -> str:
    if text is None or colours.of_attribute(text) is None:
        return ""
    bare = text.strip()
    return f"{name}:{bare if colours.colour(bare) else '#' + bare}"


def _font_size(text: str | None) -> str:
    try:
        number = int(text or "")
    except ValueError:
        return ""
    if (text or "").strip().startswith(("+", "-")):
        number += _MIDDLE_SIZE
    return f"font-size:{_FONT_SIZES[min(max(number, 1), _LARGEST_SIZE)]}px"
