"""What readers give back: opens and clicks counted by person, and complaints."""

import re
from collections.abc import Iterator
from html import unescape
from math import sqrt
from urllib.parse import urlsplit

from mailer.compliance import markup
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.inputs import Complaints, Tracking
from mailer.compliance.message import Part
from mailer.compliance.packs import Pack
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule

# A name of a person, or of her copy, inside an address.
_PERSONAL = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{10,}|\d{6,}")
_DELIMITER = re.compile(r"[\s\"'<>)]")
_SHOWN_CHARACTERS = 160
_WARN_PER_MILLE = 1
_REFUSE_PER_MILLE = 3
_LEAST_DELIVERED = 500
_LEAST_RECEIVED = 3
_CONFIDENCE = 1.96  # 95 %


def _tracking(case: Case) -> Iterator[Reason]:
    tracking = case.candidate.tracking
    if tracking is None or tracking.is_consented:
        return
    who = "refused" if tracking.is_consented is False else "was not asked for"
    for part in case.message.parts:
        found = (*_listed(part, tracking), *_dots(case, part, tracking))
        for address in dict.fromkeys(found):
            yield Reason(
                evidence=f"{part.label}: {address} counts this reader, whose consent {who}.",
                fix="Leave out the counting image and personal links for readers without consent.",
                part=part.label,
                severity=Severity.refuse if tracking.demands_consent else None,
            )


def _listed(part: Part, tracking: Tracking) -> Iterator[str]:
    """Addresses that are known to tell who opened or clicked."""
    text = unescape(part.text)
    for prefix in filter(None, tracking.addresses):
        start = text.find(prefix)
        if start >= 0:
            yield _DELIMITER.split(text[start : start + _SHOWN_CHARACTERS], 1)[0]


def _dots(case: Case, part: Part, tracking: Tracking) -> Iterator[str]:
    """Addresses of pictures that nobody can see and that differ from reader to reader."""
    for own, root in case.trees:
        for picture in markup.dots(root) if own == part else ():
            source = (picture.get("src") or "").strip()
            if _is_personal(source) and not source.startswith(tracking.aggregate):
                yield source


def _is_personal(source: str) -> bool:
    """Whether an image address can tell one reader from another; a mere spacer cannot."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return True
    if parts.scheme not in ("http", "https", ""):
        return False
    return bool(parts.query) or bool(_PERSONAL.search(parts.path))


def _complaint_rate(case: Case) -> Iterator[Reason]:
    complaints = case.candidate.complaints
    severity = severity_of(complaints) if complaints else None
    if complaints is not None and severity is not None:
        rate = complaints.received / max(complaints.delivered, complaints.received)
        yield Reason(
            evidence=f"{complaints.received} complaints about {complaints.delivered} messages "
            f"in 7 days: {rate:.2%}. 0.1 % is a warning, 0.3 % the limit.",
            fix="Write only to readers who opened or asked lately, until a week stays below 0.3 %.",
            severity=severity,
        )


def severity_of(complaints: Complaints) -> Severity | None:
    """Judge the rate of complaints over 7 days: refuse from 0.3 %, warn from 0.1 %.

    Below 500 delivered messages the rate says little: then it is a warning at most, and only if
    the rate is 0.3 % or more at the lower end of Wilson's interval (95 %), from 3 complaints on.
    Source: Gmail's sender guidelines.
    """
    received, delivered = complaints.received, max(complaints.delivered, complaints.received)
    if delivered < _LEAST_DELIVERED:
        is_high = received >= _LEAST_RECEIVED and (
            lowest_rate(received, delivered) * 1000 >= _REFUSE_PER_MILLE
        )
        return Severity.warn if is_high else None
    if received * 1000 >= _REFUSE_PER_MILLE * delivered:
        return Severity.refuse
    return Severity.warn if received * 1000 >= _WARN_PER_MILLE * delivered else None


def lowest_rate(hits: int, number: int) -> float:
    """Give the lower end of Wilson's score interval (95 %) for `hits` of `number`, 0 to 1."""
    rate, square = hits / number, _CONFIDENCE**2
    spread = _CONFIDENCE * sqrt(rate * (1 - rate) / number + square / (4 * number**2))
    return (rate + square / (2 * number) - spread) / (1 + square / number)


TRACKING_CONSENT = Rule(
    id="R39",
    name="tracking-consent",
    title="The reader is counted without consent",
    asks="Nobody is counted by person without having agreed.",
    severity=Severity.warn,
    citation="Dir. 2002/58/EC art. 5(3); EDPB Guidelines 2/2023",
    check=_tracking,
    packs=frozenset({Pack.eu}),
)
COMPLAINT_RATE_GATE = Rule(
    id="R44",
    name="complaint-rate-gate",
    title="Too many readers report this sender's mail as spam",
    asks="Few enough readers report the sender's mail as spam.",
    severity=Severity.refuse,
    citation="Gmail sender guidelines: below 0.10 %, never 0.30 %",
    check=_complaint_rate,
    kinds=NOT_TRANSACTIONAL,
    packs=frozenset({Pack.bulk}),
)
