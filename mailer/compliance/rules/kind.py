"""Whether a message is of the kind that it is sent as."""

from collections.abc import Iterator

from mailer.compliance.candidate import Kind
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.inputs import Relation
from mailer.compliance.promotion import dealing_number, promotion
from mailer.compliance.purpose import Purpose, images, purposes
from mailer.compliance.rule import Reason, Rule

# House numbers: the law speaks of "substantial part" and "net impression", not of percents.
_SOME = 0.2
_MUCH = 0.4
_COMMERCIAL = "send it as commercial mail"
_FIRST_LINES = 12


def _primary_purpose(case: Case) -> Iterator[Reason]:
    kind = case.candidate.kind
    yield from _unreasoned(case)
    if kind is Kind.transactional:
        found = purposes(case)
        yield from _reference(case, found)
        yield from _subject(case)
        yield from _places(case, found)
    elif kind is Kind.editorial:
        yield from _editorial(case)
    elif kind is Kind.service:
        yield from _service(case)


def _unreasoned(case: Case) -> Iterator[Reason]:
    """Demand that somebody wrote down why a message is not taken for commercial."""
    kind, reason = case.candidate.kind, case.candidate.kind_reason
    if kind is not Kind.commercial and reason is not None and not reason.strip():
        yield Reason(
            evidence=f"Nobody has written down why this is {kind} rather than commercial.",
            fix=f"Say in a sentence why it is {kind}, or {_COMMERCIAL}.",
            part="kind",
        )


def _reference(case: Case, found: tuple[Purpose, ...]) -> Iterator[Reason]:
    """Demand that a dealing is bound; one that only the text names is worth a warning."""
    dealing = case.candidate.dealing
    if dealing is not None and dealing.reference.strip():
        if dealing.relation is not Relation.delivery:
            yield from _absent(found)
        return
    lines = [line.text for purpose in found for line in purpose.lines[:_FIRST_LINES]]
    number = next(filter(None, map(dealing_number, lines)), None)
    named = f"only the text names “{number}”" if number else "nor does the text name one"
    yield Reason(
        evidence=f"No order, account or other dealing is bound to this message; {named}.",
        fix=f"Bind it to the reader's order, account or subscription, or {_COMMERCIAL}.",
        severity=Severity.warn if number else None,
    )


def _absent(found: tuple[Purpose, ...]) -> Iterator[Reason]:
    for purpose in found:
        if not purpose.has_dealing:
            yield Reason(
                evidence=f"{purpose.part}: nothing in it is about the reader's dealing with you.",
                fix=f"Begin with what the reader ordered, owns or must know, or {_COMMERCIAL}.",
                part=purpose.part,
            )


def _subject(case: Case) -> Iterator[Reason]:
    for header in case.message.named("Subject"):
        words = promotion(header.value)
        if words:
            yield Reason(
                evidence=f"The subject advertises (“{words}”): {header.value}",
                fix=f"Let the subject name the order, account or event only, or {_COMMERCIAL}.",
                part="Subject",
            )


def _places(case: Case, found: tuple[Purpose, ...]) -> Iterator[Reason]:
    for purpose in found:
        early = purpose.early
        if early:
            yield Reason(
                evidence=f"{purpose.part}: promotion comes first: {early.text}",
                fix=f"Put the order or account first and promotion last, or {_COMMERCIAL}.",
                part=purpose.part,
            )
        yield from _share(purpose)
    for alt, is_above in images(case, found):
        yield Reason(
            evidence=f"An image advertises{' above the rest' if is_above else ''}: {alt}",
            fix=f"Take the banner out, or put it below, small; or {_COMMERCIAL}.",
            part="HTML part",
            severity=None if is_above else Severity.warn,
        )


def _share(purpose: Purpose) -> Iterator[Reason]:
    if purpose.share > _SOME:
        yield Reason(
            evidence=f"{purpose.part}: {purpose.share:.0%} of the text is promotion, such as: "
            f"{purpose.promotions[0].text}",
            fix=f"Keep promotion below {_SOME:.0%} of the text, or {_COMMERCIAL}.",
            part=purpose.part,
            severity=None if purpose.share > _MUCH else Severity.warn,
        )


def _editorial(case: Case) -> Iterator[Reason]:
    """Judge by subject or net impression: both commercial refuse, one of them warns."""
    subjects = [h.value for h in case.message.named("Subject") if promotion(h.value)]
    heavy = [purpose for purpose in purposes(case) if purpose.share > _MUCH]
    if not subjects and not heavy:
        return
    found = [f"the subject advertises: {subjects[0]}"] if subjects else []
    found += [f"{p.part}: {p.share:.0%} of the text is promotion" for p in heavy[:1]]
    yield Reason(
        evidence="; ".join(found),
        fix=f"{_COMMERCIAL.capitalize()}, which adds the advertising label.",
        severity=None if subjects and heavy else Severity.warn,
    )


def _service(case: Case) -> Iterator[Reason]:
    """Let a notice about a service advertise nothing at all: not one line and not one picture."""
    found = purposes(case)
    yield from _subject(case)
    shown = [(purpose.part, line.text) for purpose in found for line in purpose.promotions[:1]]
    shown += [("HTML part", alt) for alt, _ in images(case, found)]
    for part, text in shown:
        yield Reason(
            evidence=f"{part}: a service notice advertises: {text}",
            fix=f"Take out whatever advertises, or {_COMMERCIAL}.",
            part=part,
        )


PRIMARY_PURPOSE = Rule(
    id="R25",
    name="primary-purpose",
    title="The message is not of the kind that it is sent as",
    asks="The message is of the kind that it is sent as, by its subject and its weight.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7702(2), (17); 16 CFR 316.3",
    check=_primary_purpose,
)
