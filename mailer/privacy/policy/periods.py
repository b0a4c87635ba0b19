"""For how long what is kept, each read from where the code that throws it away reads it."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.audience.words import ListStatus
from mailer.privacy.letters import post
from mailer.privacy.policy.settings import Settings
from mailer.privacy.requests import register

FOR_EVER = "until you ask us to erase it"


@dataclass(frozen=True)
class Period:
    """One kind of data, and for how long it is kept."""

    what: str
    how_long: str


def in_force(session: Session, settings: Settings) -> tuple[Period, ...]:
    """Return the periods, the shortest-lived data first."""
    return (
        Period("A sign-up that you did not confirm", days(settings.unconfirmed_days)),
        Period("Letters that you wrote to us", days(post.KEPT_FOR.days)),
        Period(
            "Who you are, in a request about your data",
            f"{register.KEPT_MONTHS} months after the answer",
        ),
        *consents(session),
        Period("Address, name, fields and subscriptions", FOR_EVER),
        Period("The mails that were sent to you, and what became of each", FOR_EVER),
        Period(
            "What you agreed to: the text, the time, your network address and browser", FOR_EVER
        ),
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


def days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"
