"""What a reader must see in the body: the advertising label, the address, the way out."""

import re
from collections.abc import Iterable, Iterator

from mailer.compliance import address, optout
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import NOT_TRANSACTIONAL, ONLY_COMMERCIAL, Reason, Rule
from mailer.compliance.sighting import Find, Grade, Sighting, sightings
from mailer.compliance.visible.reading import Reading
from mailer.compliance.words import Words, phrase

_EDGE_SHARE = 0.25
_EDGE_CHARACTERS = 600
_ADMITS_SPAM = re.compile(r"this is an (?:e-?mail )?advertisement", re.IGNORECASE)
_PRESS = "or press “Add the legal footer”."


def _ad_label(case: Case) -> Iterator[Reason]:
    labels = case.candidate.sender.labels()
    for seen in sightings(case, _label_find(labels)):
        yield from _shortfalls(seen, "The advertising label", "{{ ad_label }}", f"“{labels[0]}”")
    for label in labels:
        if _ADMITS_SPAM.search(label) and any(label in s.prose for s in case.surfaces):
            yield Reason(
                evidence=f"The label is “{label}”.",
                fix="Spam filters count this wording against you; “Advertisement from …” is safe.",
                severity=Severity.warn,
            )


def _label_find(labels: tuple[str, ...]) -> Find:
    wanted = [phrase(label) for label in labels]

    def find(reading: Reading) -> Iterator[tuple[int, int]]:
        for words in wanted:
            for first, last in reading.words.occurrences(words):
                start, end = reading.words.span(first, last)
                if _stands_alone(reading, start, end) and _is_at_edge(reading, start, end):
                    yield start, end

    return find


def _stands_alone(reading: Reading, start: int, end: int) -> bool:
    """Tell whether the label begins its line and its sentence ends with it."""
    before = reading.text[reading.line_start(start) : start]
    after = reading.text[end : reading.line_end(end)].strip()
    return not Words(before).texts and (not after or not after[0].isalnum())


def _is_at_edge(reading: Reading, start: int, end: int) -> bool:
    """Within the first or last quarter of the visible text, or near its beginning or end."""
    size = len(reading.text)
    reach = max(size * _EDGE_SHARE, _EDGE_CHARACTERS)
    return start <= reach or size - end <= reach


def _physical_address(case: Case) -> Iterator[Reason]:
    record = case.candidate.sender

    def find(reading: Reading) -> Iterable[tuple[int, int]]:
        return address.occurrences(reading, record)

    for seen in sightings(case, find):
        printed = ", ".join(record.block()) if seen.grade is Grade.absent else ""
        yield from _shortfalls(seen, "The postal address", "{{ postal_address }}", printed)


def _shortfalls(seen: Sighting, item: str, variable: str, wanted: str) -> Iterator[Reason]:
    """Give what keeps an item from being seen well enough, if anything does."""
    if seen.grade is Grade.clear:
        return
    severity = Severity.warn if seen.grade is Grade.pale else None
    detail = f"{item} {wanted}" if seen.grade is Grade.absent else item
    yield Reason(
        evidence=f"{seen.part}: {seen.detail}: {detail}",
        fix=_fix(seen.grade, variable),
        part=seen.part,
        severity=severity,
    )


def _fix(grade: Grade, variable: str) -> str:
    if grade is Grade.absent:
        return f"Add {variable} to the footer, {_PRESS}"
    if grade is Grade.hidden:
        return f"Show {variable} as ordinary text where every reader sees it, {_PRESS}"
    return f"Set {variable} at 9 px or larger, in a colour that stands out, {_PRESS}"


def _unsubscribe_present(case: Case) -> Iterator[Reason]:
    url = case.unsubscribe_url
    if not url:
        yield Reason(
            evidence="The message names no unsubscribe link, neither in a header nor otherwise.",
            fix=f"Add {{{{ unsubscribe_url }}}} to the footer, {_PRESS}",
        )
        return
    for seen in optout.sightings(case, url, case.candidate.opt_out_phrases):
        yield from _shortfalls(seen, "the unsubscribe link", "{{ unsubscribe_url }}", "")


def _unsubscribe_at_bottom(case: Case) -> Iterator[Reason]:
    for part, fault in optout.misplacements(case, case.unsubscribe_url or ""):
        yield Reason(
            evidence=f"{part}: {fault.evidence}",
            fix=f"Move {{{{ unsubscribe_url }}}} to the end of the message, {_PRESS}",
            part=part,
            severity=Severity.warn if fault.is_mild else None,
        )


AD_LABEL = Rule(
    id="R13",
    name="ad-label",
    title="The message is not marked as advertising",
    asks="Advertising says that it is advertising, where every reader sees it.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(5)(A)(i)",
    check=_ad_label,
    kinds=ONLY_COMMERCIAL,
)
PHYSICAL_ADDRESS = Rule(
    id="R14",
    name="physical-address",
    title="The sender's postal address is not there to be seen",
    asks="The sender's postal address stands in each message, where every reader sees it.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(5)(A)(iii); 16 CFR 316.2(p)",
    check=_physical_address,
)
UNSUBSCRIBE_PRESENT = Rule(
    id="R16",
    name="unsubscribe-present",
    title="There is no clear and conspicuous unsubscribe link",
    asks="Each message has a visible way to unsubscribe, the reader's own.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(3)(A), (a)(5)(A)(ii); GDPR art. 7(3), 21(4)",
    check=_unsubscribe_present,
    kinds=NOT_TRANSACTIONAL,
)
UNSUBSCRIBE_AT_BOTTOM = Rule(
    id="R17",
    name="unsubscribe-at-bottom",
    title="The unsubscribe link is not at the bottom of the message",
    asks="The way to unsubscribe stands at the bottom, as our privacy policy promises.",
    severity=Severity.refuse,
    citation="Privacy policy: an unsubscribe link at the bottom of each email",
    check=_unsubscribe_at_bottom,
    kinds=NOT_TRANSACTIONAL,
)
