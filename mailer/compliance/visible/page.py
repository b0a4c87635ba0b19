"""An HTML part, walked once for each situation in which it looks different."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lxml import etree

from mailer.compliance.message import Part
from mailer.compliance.visible import hints, nesting, sheets
from mailer.compliance.visible.allowance import Allowance
from mailer.compliance.visible.matching import Matches, matches
from mailer.compliance.visible.reading import Reading, Run, Surface, View, plain_surface
from mailer.compliance.visible.walk import Document, Walk

_ADDRESS_ATTRIBUTES = ("href", "src", "action", "formaction", "background", "srcset", "poster")
_SPOKEN_ATTRIBUTES = ("alt", "title", "aria-label", "placeholder", "value")
# A comment that is never closed goes on to the end.
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_ELEMENT_STEPS = 10
_DOCUMENT_END = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)


def surface(part: Part) -> Surface:
    """Give a body part as readers meet it. Raises TooComplex when its styles are beyond measure."""
    if part.kind == "text":
        return plain_surface(part.label, part.text)
    root = parsed(part.text)
    views = seen(root, part.text)
    if len(views) == 1:
        views = (replace(views[0], name=""),)
    whole = views[0].whole.places
    return Surface(
        kind="html",
        label=part.label,
        views=views,
        prose=Reading(place.run for place in whole if not place.run.is_code).text,
        code=Reading(place.run for place in whole if place.run.is_code).text,
        addresses=tuple(_attributes(root, _ADDRESS_ATTRIBUTES)),
        aside=Reading(Run(text, "\n\n") for text in _asides(root, part.text)),
    )


def seen(root: etree._Element, source: str) -> tuple[View, ...]:
    """Give a parsed document in each way it looks. `source` is its text. Raises TooComplex."""
    sheet = sheets.sheet(_styles(root), is_width_free="vw" not in source.lower())
    allowance = Allowance()
    found = matches(root, sheet.matcher, allowance)
    allowance.spend(len(sheet.settings) * _walk_steps(found))
    document = Document(root, found, hints.link_css(root))
    return tuple(_views(document, sheet.settings))


def parsed(html: str) -> etree._Element:
    """Parse a document. Raises Unjudgeable if it is beyond measure.

    libxml2 drops what follows </body>, which readers do see.
    """
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True
    )
    source = _DOCUMENT_END.sub("", html).encode("utf-8", "replace")
    nesting.sound(source)
    root = etree.fromstring(source, parser) if source.strip() else None
    return etree.Element("html") if root is None else root


def _styles(root: etree._Element) -> tuple[tuple[str, str], ...]:
    return tuple(("".join(map(str, e.itertext())), e.get("media", "")) for e in root.iter("style"))


def _walk_steps(found: Matches) -> int:
    return sum(_ELEMENT_STEPS + len(blocks) for blocks in found.values())


def _attributes(root: etree._Element, names: tuple[str, ...]) -> Iterator[str]:
    for element in root.iter("*"):
        yield from filter(None, (element.get(name) for name in names))


def _asides(root: etree._Element, source: str) -> Iterator[str]:
    """Text that is in the mail but never shown as text: descriptions, comments."""
    yield from _attributes(root, _SPOKEN_ATTRIBUTES)
    yield from (_TAG.sub(" ", comment) for comment in _COMMENT.findall(source))


def _views(document: Document, settings: Iterable[sheets.Setting]) -> Iterator[View]:
    """One view for each way in which the document looks different to the reader."""
    known: list[list[Run]] = []
    for setting in settings:
        runs = _runs(document, setting)
        if runs not in known:
            known.append(runs)
            whole = Reading(runs)
            is_all_seen = all(run.hidden is None for run in runs)
            seen = whole if is_all_seen else Reading(r for r in runs if r.hidden is None)
            yield View(setting.name, seen, whole)


def _runs(document: Document, setting: sheets.Setting) -> list[Run]:
    walk = Walk(document, setting)
    for event, element in etree.iterwalk(document.root, events=("start", "end")):
        (walk.enter if event == "start" else walk.leave)(element)
    return walk.runs
