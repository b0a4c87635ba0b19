"""What the subject promises, held against the facts of the offer."""

from collections.abc import Iterator

from mailer.compliance import amounts, claims, deadlines
from mailer.compliance.case import Case
from mailer.compliance.claims import Deadline
from mailer.compliance.finding import Severity
from mailer.compliance.offer import Offer
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule

_STATE_END = "Enter when the offer ends, or leave the hurry out of the subject."
_MEND_END = "Correct the subject or the dates of the offer, so that they say the same."
_STATE_TERMS = "Enter the terms of the offer, or leave the promise out of the subject."


def _check(case: Case) -> Iterator[Reason]:
    offer = case.candidate.offer or Offer()
    yield from _extension(case, offer)
    for header in case.message.named("Subject"):
        subject = header.value
        found = list(claims.deadlines(subject))
        for claim in found:
            yield from _deadline(case, offer, claim, subject)
        yield from _reductions(offer, subject)
        yield from _gift(offer, subject)
        yield from _prices(offer, subject)
        if not found:
            yield from _past(case, offer, subject)


def _extension(case: Case, offer: Offer) -> Iterator[Reason]:
    """Find an offer that goes on after its last chance, which makes the earlier subject false."""
    announced = offer.announced_end
    if announced is None:
        return
    moments = [moment for moment in (offer.ends, announced) if moment is not None]
    ends = [deadlines.clocks(case.candidate, moment)[0].end for moment in moments]
    if ends[0] > ends[-1] or deadlines.is_over(case.candidate, announced):
        yield Reason(
            f"An earlier message said that this offer ends on {announced:%Y-%m-%d %H:%M}.",
            "Readers were told that it would be over: make a new offer with terms of its own.",
            "Subject",
            Severity.refuse,
        )


def _deadline(case: Case, offer: Offer, claim: Deadline, subject: str) -> Iterator[Reason]:
    shown = f"“{claim.words}” in {subject}"
    if offer.ends is None:
        found = f"Subject: {shown}; no end of the offer is stated."
        yield Reason(found, _STATE_END, "Subject", Severity.warn)
        return
    clocks = deadlines.clocks(case.candidate, offer.ends)
    truths = [deadlines.is_true(claim, offer, clock) for clock in clocks]
    if all(truths):
        return
    is_false = all(truth is False for truth in truths)
    doubt = "" if is_false else " That does not hold for every reader and hour."
    found = f"The offer ends on {offer.ends:%Y-%m-%d %H:%M}.{doubt} Subject: {shown}"
    yield Reason(found, _MEND_END, "Subject", Severity.refuse if is_false else Severity.warn)


def _past(case: Case, offer: Offer, subject: str) -> Iterator[Reason]:
    """Find an offer that is over when the message leaves, if the subject speaks of its price."""
    is_offered = claims.gift(subject) or any(claims.reductions(subject))
    if is_offered and offer.ends is not None and deadlines.is_over(case.candidate, offer.ends):
        found = f"The offer ended on {offer.ends:%Y-%m-%d %H:%M}. Subject: {subject}"
        yield Reason(
            found, "Do not send this any more, or mend the dates.", "Subject", Severity.refuse
        )


def _reductions(offer: Offer, subject: str) -> Iterator[Reason]:
    stated = {number for text in offer.percentages for number in amounts.numbers(str(text))}
    for claimed, is_ceiling in claims.reductions(subject):
        shown = f"Subject: “{claimed:f} %” in {subject}"
        if not stated:
            found = f"{shown}; no percentage is stated for the offer."
            yield Reason(found, _STATE_TERMS, "Subject", Severity.warn)
        elif claimed != max(stated) if is_ceiling else claimed not in stated:
            named = ", ".join(f"{number:f} %" for number in sorted(stated))
            fix = "Name the percentage that applies, as stated for the offer."
            yield Reason(f"The offer is {named}. {shown}", fix, "Subject", Severity.refuse)
        elif not offer.terms.strip():
            found = f"{shown}; no terms are stated."
            yield Reason(found, _STATE_TERMS, "Subject", Severity.warn)


def _gift(offer: Offer, subject: str) -> Iterator[Reason]:
    word = claims.gift(subject)
    if word and not offer.terms.strip():
        found = f"Subject: “{word}” in {subject}; no terms are stated."
        yield Reason(found, _STATE_TERMS, "Subject", Severity.warn)


def _prices(offer: Offer, subject: str) -> Iterator[Reason]:
    stated = {price for text in offer.prices for price in amounts.money(str(text))}
    for price in amounts.money(subject) if stated else ():
        if price not in stated:
            found = f"The offer names {', '.join(map(str, offer.prices))}. Subject: {subject}"
            fix = "Name a price that is stated for the offer."
            yield Reason(found, fix, "Subject", Severity.refuse)


FALSE_URGENCY = Rule(
    id="R08",
    name="subject-false-urgency",
    title="The subject makes a claim that the facts do not bear out",
    asks="What the subject says of time, price and gifts agrees with the facts of the offer.",
    severity=Severity.warn,
    citation="15 U.S.C. 7704(a)(2); Wash. RCW 19.190.020(1)(b); Brown v. Old Navy (Wash. 2025)",
    check=_check,
    kinds=NOT_TRANSACTIONAL,
)
