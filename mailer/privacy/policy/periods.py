"""For how long what is kept, each read from where the code that throws it away reads it."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.audience.words import ListStatus
from mailer.privacy.keeping import periods as keeping
from mailer.privacy.keeping.classes import RULES, Class

FOR_EVER = "until you ask us to erase it"


@dataclass(frozen=True)
class Period:
    """One kind of data, and for how long it is kept."""

    what: str
    how_long: str


# Uploads and incidents are kept for our own sake, and are about nobody in particular.
TOLD = tuple(name for name in Class if name not in {Class.imports, Class.incidents})


def in_force(session: Session) -> tuple[Period, ...]:
    """Return the periods of the nightly run, and what has another end."""
    lengths = keeping.in_force(session)
    rules = [(RULES[name], lengths[name]) for name in TOLD]
    return (
        *(
            Period(rule.title, f"{rule.spelled(length)} from {rule.since}")
            for rule, length in rules
        ),
        *consents(session),
        Period(
            "What a legal dispute needs, used for nothing else meanwhile (Art. 17(3)(e) GDPR)",
            "until the dispute is over",
        ),
        Period("Address, name, fields and subscriptions of readers who are here", FOR_EVER),
        Period(
            "After erasure: a keyed fingerprint of your address, which cannot be read from it",
            "for good, so that nobody writes to you again by mistake",
        ),
    )


def consents(session: Session) -> list[Period]:
    """Return how long a yes counts, for the lists where it has an end."""
    chosen = sa.select(MailingList).where(
        MailingList.status == ListStatus.active, MailingList.consent_months.is_not(None)
    )
    return [
        Period(f"Your consent to “{one.name}”", f"{one.consent_months} months after your last yes")
        for one in session.scalars(chosen.order_by(MailingList.name, MailingList.id))
    ]
