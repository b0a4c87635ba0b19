"""Who may be asked for consent, and how: nobody who objected, nobody too late, by her own link."""

from collections.abc import Iterator

from mailer.compliance import optout
from mailer.compliance.candidate import Kind
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.sighting import Grade

_OPEN = frozenset({Kind.commercial, Kind.editorial})
_VARIABLE = "{{ renewal_url }}"
_LATE = (
    "Leave them out: a question for consent is advertising too, and only consent that still holds "
    "allows it."
)


def _asked(case: Case) -> Iterator[Reason]:
    yield from _objectors(case)
    yield from _audience(case)
    yield from _way_to_answer(case)


def _objectors(case: Case) -> Iterator[Reason]:
    candidate = case.candidate
    if not candidate.recipient.was_objector:
        return
    if candidate.kind is Kind.transactional and candidate.dealing is not None:
        return
    yield Reason(
        "This reader is written to because she opted out.",
        "Do not ask those who left to come back, nor to update their preferences.",
        "recipient",
    )


def _audience(case: Case) -> Iterator[Reason]:
    """Hold the whole audience of a question against what is on record about it."""
    asking = case.candidate.asking
    if asking is None:
        return
    if case.candidate.kind not in _OPEN:
        found = "A message that asks for consent is a commercial one in law, whatever it concerns."
        yield Reason(found, "Choose commercial, or editorial, as its kind.")
    if asking.objectors:
        found = f"Readers of its audience who opted out: {asking.objectors:,}."
        yield Reason(found, "Leave them out: whoever left is not asked to come back.", "audience")
    if asking.lapsed:
        found = f"Readers of its audience without consent that holds: {asking.lapsed:,}."
        yield Reason(found, _LATE, "audience")


def _way_to_answer(case: Case) -> Iterator[Reason]:
    """Look for the reader's own link in each part: a question needs a way to say yes."""
    asking = case.candidate.asking
    if asking is None:
        return
    for seen in optout.sightings(case, asking.url, wording=()):
        if seen.grade is not Grade.clear:
            yield Reason(
                f"{seen.part}: {seen.detail}: the link by which a reader says yes",
                f"Show {_VARIABLE} in each part, in letters that can be read.",
                seen.part,
                Severity.warn if seen.grade is Grade.pale else None,
            )


RECONSENT_TO_OBJECTORS = Rule(
    id="R37",
    name="reconsent-to-objectors",
    title="Readers are asked for their consent in a way that the law forbids",
    asks="Only readers whose consent still holds are asked for it anew, each by a link of her own.",
    severity=Severity.refuse,
    citation="GDPR art. 21(3); Dir. 2002/58/EC art. 13(1); CASL s.1(3), 6(1)",
    check=_asked,
)
