"""The controls of a page's forms: what each is called, whether it is seen, what it would send.

Each control and label is marked with characters of the private use area before the page is laid
out; what is seen between two marks is what a reader sees of it.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from mailer.compliance.visible import page
from mailer.compliance.visible.reading import Reading

_LEAST_CONTRAST = 2.0
_LEAST_PX = 7.0
_OPEN, _CLOSE, _END = "\ue000", "\ue001", "\ue002"
_INPUT = re.compile(r"(?<![\w-])input(?![\w-])", re.IGNORECASE)
_MARKS = re.compile("[\ue000-\ue002]")
_MARKED = re.compile("\ue000[0-9]{1,6}\ue001|\ue002")
_CONTROLS = frozenset({"input", "button", "select", "textarea"})
# What stands in quotation marks is a name, of a list for instance, and says nothing by itself.
_QUOTED = re.compile('“[^“”]{0,300}”|„[^„“”]{0,300}[“”]|«[^«»]{0,300}»|"[^"]{0,300}"')
_TICKED = frozenset({"radio", "checkbox"})
_BESIDE = 500_000  # the mark of what stands right behind an element has its number plus this


@dataclass(frozen=True, eq=False)
class Control:
    """One control: `kind` is its type, or option, select, textarea. `label` is what is seen of it.

    `is_usable`: it is seen and not disabled. `is_picked`: ticked or selected beforehand.
    """

    element: etree._Element
    kind: str
    name: str
    value: str
    label: str
    is_usable: bool
    is_picked: bool = False
    is_required: bool = False

    def sent(self, wanted: "Control | None", address: str) -> Iterator[tuple[str, str]]:
        """Give what a browser would send of it, if a reader picks `wanted` of its kind."""
        if not self.name or _is_disabled(self.element) or self.kind in ("button", "reset", "file"):
            return
        is_rival = wanted is not None and self.kind != "checkbox" and self.name == wanted.name
        if self.kind in (*_TICKED, "option"):
            if self is wanted or (self.is_picked and not is_rival):
                yield self.name, self.value
        elif self.kind == "email" and not self.value:
            yield self.name, address
        else:
            yield self.name, self.value


class Marked:
    """A page whose controls are marked: its document, its visible text and its controls.

    `name` is the sender's, which may sound like anything; it and all quoted names read "…".
    """

    def __init__(self, html: str, name: str = "") -> None:
        source = _MARKS.sub("", html)
        self._name = " ".join(name.split())
        self.root = page.parsed(source)
        copied = deepcopy(self.root)
        self._seen = _seen_by_number(copied)
        self._numbers = {e: n for n, e in enumerate(self.root.iter("*"))}
        self._fields = [e for e in self.root.iter("*") if e.tag in _CONTROLS]

    @cached_property
    def text(self) -> str:
        """What a reader sees of the page."""
        return self._without_names(_MARKED.sub("", self._seen.text))

    def controls(self, form: etree._Element) -> tuple[Control, ...]:
        """Give the controls that belong to a form, in their order, select by its options."""
        return tuple(
            control
            for element in self._fields
            if _owner(element, self.root) is form
            for control in self._of(element)
        )

    def _of(self, element: etree._Element) -> Iterator[Control]:
        kind = _kind(element)
        is_free, is_seen = not _is_disabled(element), self._is_seen(element)
        if kind == "select":
            yield from self._options(element, is_usable=is_free and is_seen)
            return
        label = self._label(element, kind)
        yield Control(
            element=element,
            kind=kind,
            name=element.get("name") or "",
            value=_value(element, kind),
            label=self._without_names(label),
            # A radio button is often drawn anew: then it is its label that is seen.
            is_usable=is_free and (bool(label) if kind in _TICKED else is_seen),
            is_picked=element.get("checked") is not None,
            is_required=_is_required(element, kind),
        )

    def _options(self, select: etree._Element, *, is_usable: bool) -> Iterator[Control]:
        options = list(select.iter("option"))
        picked = [o for o in options if o.get("selected") is not None] or options[:1]
        for option in options:
            text = " ".join("".join(map(str, option.itertext())).split())
            value = option.get("value")
            yield Control(
                element=option,
                kind="option",
                name=select.get("name") or "",
                value=text if value is None else value,
                label=self._without_names(text) if is_usable else "",
                is_usable=is_usable and option.get("disabled") is None,
                is_picked=option in picked,
                is_required=is_usable and _is_asked(select),
            )

    def _label(self, element: etree._Element, kind: str) -> str:
        """Give the words that are seen of a control, on it or beside it."""
        spoken = _spoken(element) if self._is_seen(element) else ""
        if element.tag == "button":
            return self._between(element) or spoken
        if kind in ("submit", "image", "button", "reset"):
            words = element.get("value") or element.get("alt") or _spoken(element) or kind
            return words if self._is_seen(element) else ""
        own = element.get("id")
        labels = [e for e in self.root.iter("label") if own and e.get("for") == own]
        labels += list(element.iterancestors("label"))
        seen = " ".join(filter(None, map(self._between, labels)))
        return seen or self._seen.spans.get(self._numbers[element] + _BESIDE, "") or spoken

    def _without_names(self, text: str) -> str:
        return _QUOTED.sub("…", text.replace(self._name, "…") if self._name else text)

    def _is_seen(self, element: etree._Element) -> bool:
        return self._numbers[element] in self._seen.spans

    def _between(self, element: etree._Element) -> str:
        return self._seen.spans.get(self._numbers[element], "")


@dataclass(frozen=True)
class _Seen:
    """The visible text with its marks, and what is seen between the marks of each element."""

    text: str
    spans: dict[int, str]


def _seen_by_number(root: etree._Element) -> _Seen:
    for number, element in enumerate(list(root.iter("*"))):
        if element.tag in ("label", *_CONTROLS):
            _mark(element, number)
    readings = [_legible(view.seen) for view in page.seen(_written(root))]
    spans = [dict(_spans(reading.text)) for reading in readings]
    common = set(spans[0]).intersection(*spans[1:])
    shortest = {n: min((one[n] for one in spans), key=len) for n in common}
    return _Seen(min((reading.text for reading in readings), key=len), shortest)


def _written(root: etree._Element) -> str:
    """Write a marked page out. An <input> holds no text, so another element stands in for it."""
    for element in root.iter("input", "style"):
        if element.tag == "input":
            element.tag = "x-input"
        else:
            element.text = _INPUT.sub("x-input", element.text or "")
    return etree.tostring(root, encoding="unicode", method="html")


def _mark(element: etree._Element, number: int) -> None:
    """Write marks into an element and around what follows it, where both are seen or not."""
    if element.tag in ("select", "textarea"):  # their content is no text of the page
        for child in list(element):
            element.remove(child)
        element.tag, element.text = "span", ""
    element.text = f"{_OPEN}{number}{_CLOSE}{element.text or ''}"
    if len(element):
        element[-1].tail = (element[-1].tail or "") + _END
    else:
        element.text += _END
    if element.tag == "input":
        element.tail = f"{_OPEN}{number + _BESIDE}{_CLOSE}{element.tail or ''}{_END}"


def _legible(reading: Reading) -> Reading:
    return Reading(
        place.run
        for place in reading.places
        if place.run.contrast >= _LEAST_CONTRAST and place.run.px >= _LEAST_PX
    )


def _spans(text: str) -> Iterator[tuple[int, str]]:
    """Read the marks: for each element its number and the text up to the end that is its own."""
    waiting: list[tuple[int, int]] = []
    for mark in _MARKED.finditer(text):
        if mark.group() != _END:
            waiting.append((int(mark.group()[1:-1]), mark.end()))
        else:
            number, start = waiting.pop()
            yield number, " ".join(_MARKED.sub("", text[start : mark.start()]).split())


def _owner(element: etree._Element, root: etree._Element) -> etree._Element | None:
    """Give the form that a control belongs to: the one it names, else the one around it."""
    named = element.get("form")
    if named is not None:
        return next((e for e in root.iter("form") if e.get("id") == named), None)
    return next(element.iterancestors("form"), None)


def _kind(element: etree._Element) -> str:
    stated = (element.get("type") or "").strip().lower()
    if element.tag == "button":
        return stated if stated in ("button", "reset") else "submit"
    return (stated or "text") if element.tag == "input" else str(element.tag)


def _value(element: etree._Element, kind: str) -> str:
    if kind == "textarea":
        return "".join(map(str, element.itertext()))
    value = element.get("value")
    return ("on" if kind in _TICKED else "") if value is None else value


def _spoken(element: etree._Element) -> str:
    return element.get("aria-label") or element.get("title") or element.get("placeholder") or ""


def _is_required(element: etree._Element, kind: str) -> bool:
    """Whether a reader must do something to this control before the form can be sent."""
    if kind == "checkbox":
        return _is_asked(element) and element.get("checked") is None
    is_empty = kind == "radio" or not _value(element, kind).strip()
    return _is_asked(element) and is_empty and kind != "hidden"


def _is_asked(element: etree._Element) -> bool:
    return element.get("required") is not None or element.get("aria-required") == "true"


def _is_disabled(element: etree._Element) -> bool:
    around = (element, *element.iterancestors())
    return element.get("disabled") is not None or any(
        one.get("inert") is not None or (one.tag == "fieldset" and one.get("disabled") is not None)
        for one in around
    )
