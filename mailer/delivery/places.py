"""Where the values of an HTML part stand, as those parsers tell that the gate reads it with."""

import re
import secrets
from enum import IntEnum

from mailer.campaigns.shapes import Shape
from mailer.compliance.bounds import Unjudgeable
from mailer.compliance.visible import page, tree
from mailer.compliance.visible.tree import Element


class Place(IntEnum):
    """What a value can be there: anything, words, a link, what follows its host, a mailbox."""

    anything = 0
    words = 1
    link = 2
    tail = 3
    mailbox = 4


Found = dict[str, Place]

# What stands in these is no text to every program.
CLOSED = frozenset(
    [
        *("style", "script", "title", "textarea", "template", "noscript", "noembed", "noframes"),
        *("iframe", "xmp", "plaintext", "svg", "math", "object", "select", "head"),
    ]
)
# An entity that goes on in the value would make another sign of it.
OPEN_ENTITY = re.compile(r"&[#\w]*\Z")
HOST = re.compile(r"https?://[^/?#\\@\s]+[/?#]", re.IGNORECASE)
MAILBOX = re.compile(r"mailto:", re.IGNORECASE)


def places(shape: Shape) -> tuple[Place, ...]:
    """Return where each value of an HTML part stands.

    A mark stands in for each, which no author can know. Where two parsers differ it is anything.
    """
    token = f"q{secrets.token_hex(8)}z"
    mark = re.compile(rf"{token}\d+z")
    marks = [f"{token}{number}z" for number in range(len(shape.holes()))]
    unused = iter(marks)
    source = "".join(next(unused) if piece is None else piece for piece in shape.pieces)
    try:
        views = in_browser(source, mark), in_library(source, mark)
    except (Unjudgeable, ValueError, RecursionError):
        return (Place.anything,) * len(marks)
    found = [{view.get(one, Place.anything) for view in views} for one in marks]
    seen = [places.pop() if len(places) == 1 else Place.anything for places in found]
    before = [shape.pieces[hole - 1] if hole else "" for hole in shape.holes()]
    return tuple(
        Place.anything if OPEN_ENTITY.search(text or "") else place
        for place, text in zip(seen, before, strict=True)
    )


def in_browser(source: str, mark: re.Pattern[str]) -> Found:
    """Return what a parser finds that reads as browsers do. Raises TooComplex."""
    document, found = tree.parsed(source), Found()
    for kind, element, text in document.events:
        if kind == tree.TEXT and not is_closed(element):
            found |= dict.fromkeys(mark.findall(text), Place.words)
    for element in document.elements:
        if element.local_name == "a":
            found |= in_link(element.attrib.get("href", ""), mark)
    return found


def is_closed(element: Element | None) -> bool:
    while element is not None:
        if element.local_name in CLOSED:
            return True
        element = element.parent
    return False


def in_library(source: str, mark: re.Pattern[str]) -> Found:
    """Return what libxml2 finds. Raises Unjudgeable."""
    found = Found()
    for element in page.parsed(source).iter("*"):
        above = (str(one.tag) for one in element.iterancestors())
        outside = not CLOSED.intersection(above)
        if outside and element.tag not in CLOSED:
            found |= dict.fromkeys(mark.findall(element.text or ""), Place.words)
        if outside:
            found |= dict.fromkeys(mark.findall(element.tail or ""), Place.words)
        if element.tag == "a":
            found |= in_link(element.get("href") or "", mark)
    return found


def in_link(href: str, mark: re.Pattern[str]) -> Found:
    """Tell the values in a link: all of it, or what follows a host that is not theirs."""
    values = list(mark.finditer(href))
    if not values:
        return {}
    before = href[: values[0].start()]
    if values[0].group() == href:
        place = Place.link
    elif HOST.match(before):
        place = Place.tail
    elif MAILBOX.fullmatch(before) and values[0].group() == href[len(before) :]:
        place = Place.mailbox
    else:
        place = Place.anything
    return {value.group(): place for value in values}
