"""The page behind an unsubscribe link, as a reader without cookies and scripts can use it.

What a style sheet or a script in a file of its own does to the page is not seen here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from lxml import etree

from mailer.compliance.controls import Control, Marked
from mailer.compliance.phrases import OPT_OUT
from mailer.compliance.readiness import Fetched
from mailer.compliance.vocabulary import leaving
from mailer.compliance.words import plain, says

CANARY = "canary@opt-out.invalid"  # what the trial types where a page asks for the address
_PICKED = frozenset({"radio", "checkbox", "option"})
_PUSHED = frozenset({"submit", "image"})
_TYPED = frozenset({"text", "search", "email"})
_ADDRESS = re.compile(r"e-?mail|courriel|correo|posta|メール|邮箱", re.IGNORECASE)


@dataclass(frozen=True)
class Form:
    """A form of a page: where its button sends what. `obstacle` says why that is no way off."""

    url: str
    controls: tuple[Control, ...]
    button: Control | None
    obstacle: str = ""

    @property
    def choices(self) -> tuple[Control, ...]:
        """What a reader may pick, as far as she sees it and may."""
        return tuple(one for one in self.controls if one.kind in _PICKED and one.is_usable)

    @property
    def asked(self) -> tuple[Control, ...]:
        """What must be done to it that gives neither the address nor a preference."""
        return tuple(one for one in self.controls if one.is_required and not self._is_allowed(one))

    @property
    def labels(self) -> tuple[str, ...]:
        """What she may choose, in words: the choices and the button."""
        button = (self.button.label,) if self.button else ()
        return tuple(filter(None, (*(one.label for one in self.choices), *button)))

    def _is_allowed(self, one: Control) -> bool:
        """Whether 16 CFR 316.5 lets a page ask for it: the email address, and the preferences."""
        if one.kind in ("radio", "option"):
            group = [other for other in self.choices if other.name == one.name]
            is_filled = any(other.is_picked and other.value for other in group)
            return is_filled or any(is_preference(other.label) for other in group)
        return one.kind in _TYPED and bool(_ADDRESS.search(f"{one.kind} {one.name} {one.label}"))


@dataclass(frozen=True)
class Press:
    """What a browser would post: to which address, which fields, and the choice that was taken."""

    url: str
    fields: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True)
class Page:
    """`text` is what is seen of it, `forms` one for each button that sends."""

    text: str
    forms: tuple[Form, ...]
    root: etree._Element

    @property
    def usable(self) -> tuple[Form, ...]:
        """The forms by which a reader can leave."""
        return tuple(one for one in self.forms if not one.obstacle)


def read(answer: Fetched, name: str = "") -> Page:
    """Read an answer as a page; `name` is the sender's, which says nothing by itself.

    Raises TooComplex when its styles are beyond measure.
    """
    marked = Marked(answer.body, name)
    base = next((e.get("href", "") for e in marked.root.iter("base") if e.get("href")), "")
    forms = tuple(_forms(marked, answer.url, urljoin(answer.url, base)))
    return Page(marked.text, forms, marked.root)


def is_everything(label: str) -> bool:
    """Whether a choice is to hear no more from this sender at all."""
    return says(label, leaving.EVERYTHING) and not is_staying(label)


def is_preference(label: str) -> bool:
    """Whether a choice says what mail a reader wants, rather than why."""
    return says(label, OPT_OUT) or is_everything(label) or is_staying(label)


def is_staying(label: str) -> bool:
    """Whether a choice is not to leave: a pause, fewer mails, or none of it."""
    is_kept = says(label, leaving.STAY) or says(label, leaving.PAUSE)
    return is_kept or plain(label) in leaving.GIVE_UP


def press(page: Page) -> Press | None:
    """Give what a reader posts who wants no more mail at all; None if no form lets her.

    Where the page does not offer that, she takes the first way off that it has.
    """
    usable = [form for form in page.usable if not any(map(is_staying, _on_button(form)))]
    best = next((form for form in usable if any(map(is_everything, form.labels))), None)
    form = best or next(iter(usable), None)
    return None if form is None else _pressed(form)


def _pressed(form: Form) -> Press:
    wanted = next((one for one in form.choices if is_everything(one.label)), None)
    fields = [pair for one in form.controls for pair in one.sent(wanted, CANARY)]
    button = form.button
    if button is not None and button.name:
        fields.append((button.name, button.value))
    label = wanted.label if wanted else " ".join(_on_button(form))
    return Press(form.url, tuple(fields), label)


def _on_button(form: Form) -> tuple[str, ...]:
    return (form.button.label,) if form.button else ()


def _forms(marked: Marked, url: str, base: str) -> Iterator[Form]:
    """One form for each of its buttons, since each may lead elsewhere (formaction)."""
    for element in marked.root.iter("form"):
        controls = marked.controls(element)
        buttons: list[Control | None] = [
            one for one in controls if one.kind in _PUSHED and one.is_usable
        ]
        others = tuple(one for one in controls if one.kind not in _PUSHED)
        for button in buttons or [None]:
            own = button.element if button else element
            action = (own.get("formaction") or element.get("action") or "").strip()
            method = (own.get("formmethod") or element.get("method") or "get").strip().lower()
            target = urljoin(base, action) if action else url
            yield Form(target, others, button, _obstacle(element, button, target, method, url))


def _obstacle(
    element: etree._Element, button: Control | None, target: str, method: str, url: str
) -> str:
    """Say why a form is no way off the list from this page, empty if it is one."""
    is_scripted = button is None or "return false" in (element.get("onsubmit") or "").lower()
    if is_scripted or target.lower().startswith("javascript:"):
        return "a form that cannot be sent without JavaScript"
    if method != "post":
        return f"a form that is sent by {method.upper()}, as any link is"
    is_here = urldefrag(target)[0].rstrip("/") == urldefrag(url)[0].rstrip("/")
    return "" if is_here else f"a form that leads elsewhere ({target[:80]})"
