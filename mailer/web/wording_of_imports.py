"""What imports are called on their pages: states, outcomes, and what people are asked."""

from collections.abc import Iterable

from mailer.audience.imports.models import Basis, Outcome, State
from mailer.compliance.acts import Provenance

DOING = {
    State.checking: "Looking at every row",
    State.running: "Taking people in",
    State.undoing: "Taking out what was added",
}
OUTCOMES = {
    Outcome.added: ("Added", "Put on a list now."),
    Outcome.updated: (
        "Updated",
        "On the list already; name, details or a later day come from the file now.",
    ),
    Outcome.already_there: ("Already there", "On the list already, and left as they are."),
    Outcome.kept_unsubscribed: (
        "Stay unsubscribed",
        "Have left here. Only they themselves can come back.",
    ),
    Outcome.suppressed: ("Stay suppressed", "Must not be mailed, by a bounce or a complaint."),
    Outcome.opted_out: (
        "Opted out at the source",
        "Taken as suppressions, so that no mail goes to them.",
    ),
    Outcome.duplicate: ("Twice in the file", "The first row of each address counts."),
    Outcome.invalid: ("Not readable", "No address that can be mailed, or a damaged row."),
    Outcome.refused: (
        "Refused",
        "Children, consent that is over or has no day, or data that must not be kept.",
    ),
}
PROVENANCES = (
    (Provenance.own_form, "Our own sign-up form", ""),
    (Provenance.migration, "Our former newsletter system", ""),
    (Provenance.customers, "Our customers", "They bought, and could say no to mail when they did."),
    (Provenance.event_sheet, "A sheet at an event", "Each person signed for this mail."),
    (Provenance.purchased, "A list that was bought or rented", ""),
    (Provenance.scraped, "Addresses gathered from websites", ""),
    (Provenance.appended, "Addresses found for names that we had", ""),
    (Provenance.unknown, "I do not know", ""),
)
ASKED_FIRST = "On lists with double opt-in they get no mail until they confirm by themselves."
BASES = (
    (
        Basis.double_opt_in,
        "They confirmed by a link in a mail",
        "They can be mailed at once, on every list.",
    ),
    (
        Basis.opt_in,
        "They asked for it, without a confirmation",
        ASKED_FIRST,
    ),
    (
        Basis.customer,
        "They are customers who did not object",
        "Until 24 months after the last purchase. " + ASKED_FIRST,
    ),
    (
        Basis.inquiry,
        "They asked us something",
        "Until 6 months after it. " + ASKED_FIRST,
    ),
)
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def label(choices: Iterable[tuple[str, str, str]], chosen: str) -> str:
    """Return what the choice was called when it was made."""
    return next(called for value, called, _ in choices if value == chosen)
