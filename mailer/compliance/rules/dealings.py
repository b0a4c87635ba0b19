"""Advertising that pretends to be about an order, a payment or an account of the reader."""

from collections.abc import Iterator

from mailer.compliance import pretences
from mailer.compliance.candidate import Kind
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule
from mailer.compliance.visible.reading import Reading
from mailer.compliance.words import plain

_PREHEADER = 120
_FIX = (
    "Say in the subject and the first line what you offer. A true receipt or notice about an "
    "order is sent as transactional mail, with its reference."
)


def _check(case: Case) -> Iterator[Reason]:
    if not _is_bound(case):
        yield from _subjects(case)
        yield from _preheaders(case)
    if case.candidate.kind is Kind.commercial:
        yield from _denials(case)


def _is_bound(case: Case) -> bool:
    """Whether a dealing with this very reader stands behind the words, and is named in the body."""
    dealing = case.candidate.dealing
    reference = plain(dealing.reference) if dealing else ""
    return bool(reference) and any(reference in plain(r.text) for r in _firsts(case))


def _firsts(case: Case) -> Iterator[Reading]:
    return (surface.views[0].whole for surface in case.surfaces)


def _subjects(case: Case) -> Iterator[Reason]:
    for header in case.message.named("Subject"):
        found = pretences.pretence(header.value)
        if found:
            severity, words = found
            evidence = f"Subject: “{words}” in {header.value}"
            yield Reason(evidence, _FIX, "Subject", _milder(case, severity))


def _preheaders(case: Case) -> Iterator[Reason]:
    """Judge what an inbox shows beside the subject: the first words, hidden or not."""
    for surface in case.surfaces:
        opening = surface.views[0].whole.text[:_PREHEADER]
        words = pretences.grave_pretence(opening)
        if words:
            evidence = f"{surface.label} begins with “{words}”: {opening}"
            yield Reason(evidence, _FIX, surface.label, _milder(case, Severity.refuse))


def _milder(case: Case, severity: Severity) -> Severity:
    """Give a warning for an editorial message: it may write of such things, on second thoughts."""
    return severity if case.candidate.kind is Kind.commercial else Severity.warn


def _denials(case: Case) -> Iterator[Reason]:
    for surface in case.surfaces:
        found = pretences.denial(surface.views[0].whole.words)
        if found:
            fix = "Take this sentence out: the message is advertising and must say so."
            yield Reason(f"{surface.label}: “{found}”", fix, surface.label)


FAKE_TRANSACTIONAL = Rule(
    id="R07",
    name="subject-fake-transactional",
    title="The message pretends to be about a dealing with the reader",
    asks="The subject speaks of an order, a debt or an account only if there is one.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(2); 16 CFR 316.3(a)(2)(i)",
    check=_check,
    kinds=NOT_TRANSACTIONAL,
)
