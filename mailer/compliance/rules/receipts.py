"""What a relay did to a copy on its way: compared, word by word, with what was handed over."""

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from lxml import etree

from mailer.compliance import dkim
from mailer.compliance.acts import Receipt
from mailer.compliance.case import Case
from mailer.compliance.domains import is_aligned
from mailer.compliance.finding import Severity
from mailer.compliance.hrefs import address
from mailer.compliance.message import Message
from mailer.compliance.rule import Reason, Rule

_SOURCE = "Ask the relay's operator to pass mail on as it is, or use another relay."
_FOOTER = "Switch the footer off at the relay: yours is in the message already."
_TRACKING = "Switch click and open tracking off at the relay: it counts readers without consent."
# Mail servers on the way write these at the top (RFC 5321 s4.4, RFC 8601, RFC 8617).
_TRACES = re.compile(
    rb"(?:received|received-spf|return-path|delivered-to|authentication-results|arc-[\w-]+|"
    rb"dkim-filter|errors-to|feedback-id|precedence|x-[\w-]+)[ \t]*:|>?From ",
    re.IGNORECASE,
)
_FIELD_END = re.compile(rb"\r?\n(?![ \t])")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_URL = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_UNTOUCHABLE = ("From", "Reply-To", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post")
_NOTEWORTHY = ("To", "List-Id", "Sender")
_UNSPOKEN = frozenset({"style", "script", "head", "title"})
_MOST_WORDS = 20_000
_SHOWN = 90


def untraced(raw: bytes) -> bytes:
    """Give a received message without the trace fields that mail servers add, which are no fault.

    Fields that begin with X-, and those that name a relay's own channels for errors and feedback,
    are counted among them.
    """
    end = _HEAD_END.search(raw)
    if end is None:
        return raw
    fields = _FIELD_END.split(raw[: end.start()])
    kept = [field for field in fields if not _TRACES.match(field)]
    return b"\r\n".join(kept) + raw[end.start() :]


def _unchanged(receipt: Receipt) -> Iterator[Reason]:
    sent = Case(receipt.sent)
    received = Case(replace(receipt.sent, raw=untraced(receipt.received)))
    yield from _headers(sent.message, received.message)
    yield from _seals(receipt, sent)
    for kind in ("html", "text"):
        yield from _words(sent, received, kind)
    yield from _links(sent, received)
    for source in sorted(_sources(received) - _sources(sent)):
        yield _warn(f"The relay added an image: {source}", _TRACKING, "HTML part")


def _warn(evidence: str, fix: str, part: str) -> Reason:
    return Reason(evidence, fix, part, Severity.warn)


def _headers(sent: Message, received: Message) -> Iterator[Reason]:
    for name in (*_UNTOUCHABLE, *_NOTEWORTHY):
        before, after = _values(sent, name), _values(received, name)
        if before == after:
            continue
        if not after:
            found = f"The relay took {name} away."
        elif not before:
            found = f"The relay added {name}: {after[0]}"
        else:
            found = f"The relay changed {name} to: {', '.join(after)}"
        severity = None if name in _UNTOUCHABLE else Severity.warn
        yield Reason(found, _SOURCE, name, severity)


def _values(message: Message, name: str) -> list[str]:
    return [" ".join(header.value.split()) for header in message.named(name)]


def _seals(receipt: Receipt, sent: Case) -> Iterator[Reason]:
    """Demand that our signature still verifies, unless the relay's for the same domain does."""
    if not dkim.signatures(sent.message):
        return
    ours = [seal for seal in receipt.seals if seal.holds is not None]
    domain = receipt.sent.sender.from_address.rpartition("@")[2]
    others = [
        seal
        for seal in receipt.seals
        if seal.holds is None and seal.body_holds and is_aligned(seal.domain, domain)
    ]
    if not others and not any(seal.holds and seal.body_holds for seal in ours):
        how = "arrived broken" if ours else "did not arrive"
        found = f"Our DKIM signature {how}: the message was changed on its way."
        yield Reason(found, _SOURCE, "DKIM-Signature")


def _words(sent: Case, received: Case, kind: str) -> Iterator[Reason]:
    before, after = _said(sent, kind), _said(received, kind)
    label = "HTML part" if kind == "html" else "text part"
    if before and not after:
        yield Reason(f"The {label} did not arrive.", _SOURCE, label)
        return
    if before == after:
        return
    if max(len(before), len(after)) > _MOST_WORDS:
        yield _warn(f"The {label} did not arrive as it was sent.", _SOURCE, label)
        return
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield _warn(*_change(before[i:j], after[k:m], label))


def _change(gone: list[str], new: list[str], label: str) -> tuple[str, str, str]:
    if not gone:
        return f"The relay added to the {label}: “{_shown(new)}”", _FOOTER, label
    if not new:
        return f"The relay took out of the {label}: “{_shown(gone)}”", _SOURCE, label
    return f"In the {label} “{_shown(gone)}” became “{_shown(new)}”", _SOURCE, label


def _shown(words: list[str]) -> str:
    text = " ".join(words)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _said(case: Case, kind: str) -> list[str]:
    """Give the words of the parts of a kind, hidden ones too, but no addresses of links."""
    if kind == "text":
        text = "\n".join(part.text for part in case.message.parts if part.kind == "text")
        return _URL.sub(" ", text).split()
    pieces = (
        str(piece)
        for part, root in case.trees
        if part.kind == "html"
        for element in root.iter("*")
        for piece in (_own(element), element.tail)
        if piece
    )
    return _URL.sub(" ", " ".join(pieces)).split()


def _own(element: etree._Element) -> str:
    return "" if element.tag in _UNSPOKEN else element.text or ""


def _links(sent: Case, received: Case) -> Iterator[Reason]:
    for label, targets in (("HTML part", _hrefs), ("text part", _urls)):
        yield from _led_elsewhere(targets(sent), targets(received), sent.unsubscribe_url, label)


def _led_elsewhere(
    before: set[str], after: set[str], own: str | None, label: str
) -> Iterator[Reason]:
    gone, new = sorted(before - after), sorted(after - before)
    if own in gone and after:
        found = f"This reader's unsubscribe link was rewritten: {', '.join(new) or 'it is gone'}"
        yield Reason(found, _TRACKING, label)
    elif gone and new:
        yield _warn(f"The relay rewrote {gone[0]} to {new[0]}", _TRACKING, label)
    elif new:
        yield _warn(f"The relay added a link: {new[0]}", _FOOTER, label)
    elif gone and after:
        yield _warn(f"The relay took a link out: {gone[0]}", _SOURCE, label)


def _hrefs(case: Case) -> set[str]:
    return {address(href) for href in _attributes(case, "href") if _URL.match(href.strip())}


def _urls(case: Case) -> set[str]:
    texts = (part.text for part in case.message.parts if part.kind == "text")
    return {url.rstrip(".,;:)]") for text in texts for url in _URL.findall(text)}


def _sources(case: Case) -> set[str]:
    return set(_attributes(case, "src"))


def _attributes(case: Case, name: str) -> Iterator[str]:
    for _, root in case.trees:
        for element in root.iter("*"):
            value = element.get(name)
            if value:
                yield value


UNCHANGED = Rule(
    id="R05",
    name="origin-and-provider",
    title="The relay changes the mail that it carries",
    asks="What arrives is what was sent: the relay takes nothing away and adds nothing.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(1), (a)(3); RFC 8058 s4; our promise to monitor third-party email "
    "services",
    check=_unchanged,
)
