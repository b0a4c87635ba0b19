"""An HTML part, walked once for each situation in which it looks different."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lxml import etree

from mailer.compliance.message import Part
from mailer.compliance.visible import hints, nesting, sheets, tree
from mailer.compliance.visible.declared import declarations
from mailer.compliance.visible.reading import Reading, Run, Surface, View, plain_surface
from mailer.compliance.visible.sheets import Setting, Sheet
from mailer.compliance.visible.tree import ENTER, LEAVE, Document, Element
from mailer.compliance.visible.walk import Walk, Worn

_ADDRESS_ATTRIBUTES = ("href", "src", "action", "formaction", "background", "srcset", "poster")
_SPOKEN_ATTRIBUTES = ("alt", "title", "aria-label", "placeholder", "value")
# A comment that is never closed goes on to the end.
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_ELEMENT_STEPS = 10
_DOCUMENT_END = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
# Lengths that depend on the window; percentages hardly ever decide anything.
_OF_WINDOW = re.compile(r"v(?:w|i|min|max)\b"), re.compile(r"cq(?:w|i|min|max)\b")
# What not every mail program understands.
_DOUBTFUL = ("var(", "animation")


def surface(part: Part) -> Surface:
    """Give a body part as readers meet it. Raises TooComplex when its styles are beyond measure."""
    if part.kind == "text":
        return plain_surface(part.label, part.text)
    document = tree.parsed(part.text)
    views = _seen(document, part.text)
    if len(views) == 1:
        views = (replace(views[0], name=""),)
    whole = views[0].whole.places
    found = Surface(
        kind="html",
        label=part.label,
        views=views,
        prose=_text(views[0], (place.run for place in whole if not place.run.is_code)),
        code=Reading(place.run for place in whole if place.run.is_code).text,
        addresses=tuple(_attributes(document, _ADDRESS_ATTRIBUTES)),
        aside=Reading(Run(text, "\n\n") for text in _asides(document, part.text)),
    )
    document.let_go()
    return found


def seen(html: str) -> tuple[View, ...]:
    """Give a document in each way it looks. Raises TooComplex."""
    return _seen(tree.parsed(html), html)


def _seen(document: Document, html: str) -> tuple[View, ...]:
    small = html.lower()
    sheet = sheets.sheet(
        tuple(_sources(document)),
        is_width_free=not any(unit.search(small) for unit in _OF_WINDOW),
        has_doubts=any(word in small for word in _DOUBTFUL),
        is_loose=document.is_quirky,
    )
    return tuple(_views(document, sheet))


def parsed(html: str) -> etree._Element:
    """Parse a document. libxml2 drops what follows </body>, which readers do see."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True
    )
    source = _DOCUMENT_END.sub("", html).encode("utf-8", "replace")
    nesting.sound(source)
    root = etree.fromstring(source, parser) if source.strip() else None
    return etree.Element("html") if root is None else root


def _sources(document: Document) -> Iterator[tuple[str, str]]:
    """Give the style sheets in order; one that is linked is given as an @import."""
    texts: dict[Element, str] = {}
    for kind, element, text in document.events:
        if kind == tree.TEXT and element.local_name == "style":
            texts[element] = texts.get(element, "") + text
    for element in document.elements:
        media, form = element.attrib.get("media", ""), element.attrib.get("type", "").strip()
        if form.lower() not in ("", "text/css"):
            continue
        if element.local_name == "style":
            yield texts.get(element, ""), media
        elif element.local_name == "link" and _is_sheet(element):
            url = element.attrib.get("href", "").strip().replace('"', "%22").replace("\\", "%5c")
            yield f'@import "{url}";', media


def _is_sheet(element: Element) -> bool:
    relations = element.attrib.get("rel", "").lower().split()
    return "stylesheet" in relations and "alternate" not in relations


def _attributes(document: Document, names: tuple[str, ...]) -> Iterator[str]:
    wanted = frozenset(names)
    for element in document.elements:
        if not wanted.isdisjoint(element.attrib):
            yield from filter(None, map(element.attrib.get, names))


def _asides(document: Document, source: str) -> Iterator[str]:
    """Text that is in the mail but never shown as text: descriptions, comments."""
    yield from _attributes(document, _SPOKEN_ATTRIBUTES)
    yield from (_TAG.sub(" ", comment) for comment in _COMMENT.findall(source))


def _worn(document: Document, sheet: Sheet) -> dict[Element, Worn]:
    """Give what reaches each element, from weakest to strongest. Raises TooComplex."""
    link = hints.link_css(document)
    found: dict[Element, Worn] = {}
    known: dict[tuple[object, ...], Worn] = {}
    for element in document.elements:
        hint, matches = hints.hints(element, link), sheet.reaching(element)
        own = element.attrib.get("style")
        key = (hint, own, *matches)
        if key not in known:
            known[key] = Worn(
                (hint,) if hint else (),
                tuple((number, block) for _, number, block, box in matches if not box),
                (declarations(own),) if own else (),
                tuple((number, block) for _, number, block, box in matches if box),
            )
        found[element] = known[key]
    return found


def _views(document: Document, sheet: Sheet) -> Iterator[View]:
    """One view for each way in which the document looks different to the reader."""
    worn = _worn(document, sheet)
    steps = sum(_ELEMENT_STEPS + len(w.sheets) for w in worn.values())
    document.allowance.spend(len(sheet.settings) * steps)
    known: list[list[Run]] = []
    for setting in sheet.settings:
        runs = _runs(document, worn, sheet, setting)
        if runs not in known:
            known.append(runs)
            yield View(setting.name, *_readings(runs))


def _readings(runs: list[Run]) -> tuple[Reading, Reading]:
    whole = Reading(runs)
    is_all_seen = all(run.hidden is None for run in runs)
    return whole if is_all_seen else Reading(r for r in runs if r.hidden is None), whole


def _runs(
    document: Document, worn: dict[Element, Worn], sheet: Sheet, setting: Setting
) -> list[Run]:
    walk = Walk(sheet, setting)
    for kind, element, text in document.events:
        if kind == ENTER:
            walk.enter(element, worn[element])
        elif kind == LEAVE:
            walk.leave(element)
        else:
            walk.text(text)
    if sheet.elsewhere and setting.is_bold:
        return [run._replace(hidden=run.hidden or _ELSEWHERE) for run in walk.runs()]
    return walk.runs()


_ELSEWHERE = "a style sheet that is not in the message, so that nobody can judge it"


def _text(view: View, runs: Iterable[Run]) -> str:
    kept = list(runs)
    return view.whole.text if len(kept) == len(view.whole.places) else Reading(kept).text
