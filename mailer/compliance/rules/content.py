"""What must not be in mail: things that act, that ask for secrets, or that lead elsewhere."""

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from mailer.compliance import hrefs, scripts
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.links import host_of
from mailer.compliance.message import Part
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.visible.reading import Surface
from mailer.compliance.words import folded, plain

_LINKS = frozenset(
    {"href", "action", "formaction", "xlink:href", "{http://www.w3.org/1999/xlink}href"}
)
_SOURCES = frozenset(
    {"src", "background", "poster", "data", "srcset", "lowsrc", "dynsrc", "codebase"}
)
_ADDRESSES = _LINKS | _SOURCES
_HANDLER = re.compile(r"on[a-z]{3,30}")
_ACTIVE_CSS = re.compile(
    r"expression\s{0,9}\(|-moz-binding|behaviou?r\s{0,9}:|(?:javascript|vbscript)\s{0,9}:",
    re.IGNORECASE,
)
_FRAMES = frozenset({"iframe", "frame", "object", "embed", "applet"})
_DATA_SCRIPTS = frozenset({"application/ld+json", "application/json"})
_AMP_HOST = "https://cdn.ampproject.org/"
_NAMING = ("name", "id", "placeholder", "aria-label", "autocomplete", "title")
_SECRET = re.compile(
    r"pass.?w(?:or)?d|passwort|kennwort|mot.?de.?passe|contrase[nñ]a|senha|wachtwoord|l[öo]senord|"
    r"adgangskode|has[lł]o|парол|密码|パスワード|(?<![a-z])(?:pin|tan|cvv2?|cvc2?|ssn|iban|otp)(?![a-z])|"
    r"(?:current|new)-password|one-time-code|cc-(?:number|csc|exp)|card.?(?:number|no)\b|kreditkarte|"
    r"num[eé]ro.?de.?carte|n[uú]mero.?de.?tarjeta|social.?security|security.?code|kartennummer"
)
_PLAIN = "Take it out: mail programs strip or block it. Link to a page that does it instead."
_LEAD = "Let the link lead where its words say, or give it words that name no address."


def _check(case: Case) -> Iterator[Reason]:
    for part, root in case.trees:
        for element in root.iter("*"):
            for found, severity in _element(element, part):
                yield Reason(f"{part.label}: {found}", _PLAIN, part.label, severity)
    for surface in case.surfaces:
        yield from _misleading(surface, case)
        yield from _wrapped(surface, case)


def _element(element: etree._Element, part: Part) -> Iterator[tuple[str, Severity | None]]:
    tag = str(element.tag).lower()
    if tag == "script" and not _is_harmless(element, part):
        yield "a script", None
    elif tag in _FRAMES:
        yield f"<{tag}>, which no mail program shows", Severity.warn
    elif tag == "meta" and (element.get("http-equiv") or "").strip().lower() == "refresh":
        yield "a page that leads on by itself (meta refresh)", None
    elif tag in ("input", "textarea", "select") and _asks_for_secret(element):
        yield f"a field that asks for a secret, {_described(element)}", None
    elif tag == "style" and _is_active("".join(map(str, element.itertext()))):
        yield "a style that runs a script", None
    elif tag == "form" and hrefs.address(element.get("action") or "").startswith("http:"):
        yield f"a form that sends in the clear to {element.get('action')}", Severity.warn
    yield from _attributes(element)


def _attributes(element: etree._Element) -> Iterator[tuple[str, Severity | None]]:
    for name, value in element.items():
        key, text = str(name).lower(), str(value)
        scheme = hrefs.active_scheme(text) if key in _ADDRESSES else None
        if scheme and not (key in _SOURCES and hrefs.is_picture_data(text)):
            yield f"{key}=“{text}”, a {scheme}: address", None
        elif key.startswith("on") and _HANDLER.fullmatch(key):
            yield f"a script, {key}=“{text}”", None
        elif key in ("style", "srcdoc") and _is_active(text):
            yield f"a style that runs a script, “{text}”", None


@lru_cache(maxsize=512)
def _is_active(style: str) -> bool:
    """Whether a style runs a script; a newsletter repeats its styles in every row."""
    return bool(_ACTIVE_CSS.search(style))


def _is_harmless(script: etree._Element, part: Part) -> bool:
    """Whether it is data, or what every AMP part must load."""
    is_data = (script.get("type") or "").strip().lower() in _DATA_SCRIPTS
    return is_data or (part.kind == "amp" and (script.get("src") or "").startswith(_AMP_HOST))


def _asks_for_secret(field: etree._Element) -> bool:
    if (field.get("type") or "").strip().lower() == "password":
        return True
    return bool(_SECRET.search(plain(" ".join(field.get(name) or "" for name in _NAMING))))


def _described(field: etree._Element) -> str:
    names = (field.get(name) for name in ("name", "placeholder", "id", "type"))
    return f"“{next(filter(None, names), field.tag)}”"


def _misleading(surface: Surface, case: Case) -> Iterator[Reason]:
    """Links that name one host and lead to another; what mail programs warn of as phishing."""
    origin = _origin(surface, case)
    for href, text in _links(surface):
        where = hrefs.address(href, origin)
        found = _fault(where, text, case)
        if found:
            severity, what = found
            yield Reason(f"{surface.label}: {what}", _LEAD, surface.label, severity)


def _origin(surface: Surface, case: Case) -> str:
    """Give the address that <base> puts before relative ones."""
    bases = (
        b for part, root in case.trees if part.label == surface.label for b in root.iter("base")
    )
    return next((base.get("href") or "" for base in bases), "")


def _links(surface: Surface) -> Iterator[tuple[str, str]]:
    """Give address and visible words of each link that is not a code sample."""
    reading = surface.views[0].seen
    said: dict[int, tuple[str, list[str]]] = {}
    for place in reading.places:
        run = place.run
        if run.link is not None and run.href and not run.is_code:
            said.setdefault(run.link, (run.href, []))[1].append(
                reading.text[place.start : place.end]
            )
    return ((href, "".join(pieces)) for href, pieces in said.values())


def _fault(where: str, text: str, case: Case) -> tuple[Severity, str] | None:
    if where.lower().startswith("mailto:"):
        return _mailbox_fault(where, text)
    return _disguise(where, text, case) or _detour(where, text, case)


def _disguise(where: str, text: str, case: Case) -> tuple[Severity, str] | None:
    host = hrefs.readable(host_of(where))
    if hrefs.has_user(where):
        return Severity.refuse, f"“{text}” leads to {host or where} behind a user name, {where}"
    if next(scripts.mixed_words(host.replace(".", " ")), None):
        return Severity.refuse, f"“{text}” leads to {host}, in letters of two alphabets"
    own = hrefs.readable(case.candidate.sender.from_address.rpartition("@")[2])
    if _looks_like(host, own) and not hrefs.is_same_place(host, own):
        return Severity.refuse, f"“{text}” leads to {host}, which only looks like {own}"
    return None


def _looks_like(host: str, own: str) -> bool:
    """Whether a host of other letters passes for our own.

    "müller.example" is told from "muller.example" at sight, what is Cyrillic throughout is not.
    """
    if folded(host).isascii():
        return False
    return f".{scripts.skeleton(host)}".endswith(f".{scripts.skeleton(own)}")


def _detour(where: str, text: str, case: Case) -> tuple[Severity, str] | None:
    said, host = hrefs.said_host(text), host_of(where)
    if said is None or not host:
        return None
    leads = {host, host_of(dict(case.candidate.destinations).get(where, where))}
    if any(hrefs.is_same_place(said[0], one) for one in leads):
        return None
    is_ours = len(leads) == 1 and hrefs.is_same_place(host, host_of(case.unsubscribe_url or ""))
    severity = Severity.refuse if said[1] and not is_ours else Severity.warn
    return severity, f"“{text}” leads to {host}"


def _mailbox_fault(where: str, text: str) -> tuple[Severity, str] | None:
    said = hrefs.said_mailbox(text)
    domain = hrefs.said_mailbox(where[len("mailto:") :].partition("?")[0])
    if said is None or domain is None or hrefs.is_same_place(said, domain):
        return None
    return Severity.refuse, f"“{text}” writes to {where}"


def _wrapped(surface: Surface, case: Case) -> Iterator[Reason]:
    """Find a way out that passes through anybody else's hands."""
    url = case.unsubscribe_url or ""
    for address in dict.fromkeys(surface.addresses):
        if hrefs.holds(address, url):
            fix = "Leave the unsubscribe link out of link tracking; it must lead to us directly."
            found = f"{surface.label}: the unsubscribe link goes through {address}"
            yield Reason(found, fix, surface.label)


UNSAFE_CONTENT = Rule(
    id="R24",
    name="unsafe-content",
    title="The message holds something that acts or misleads",
    asks="No script, no form that asks for secrets, no link that pretends to lead elsewhere.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(1), (a)(2)",
    check=_check,
)
