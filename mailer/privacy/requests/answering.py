"""Steps of which the person is told: each is taken together with the mail, or not at all."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.links import Site
from mailer.privacy.clocks import Desk
from mailer.privacy.requests import challenges, mails, notices, recipients, steps
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.notices import Told
from mailer.privacy.requests.steps import Ending, WrongState
from mailer.privacy.requests.words import About, State, Way


@dataclass(frozen=True)
class Act:
    """Who acts, where and when, and by which way the person is told of it."""

    session: Session
    now: datetime
    site: Site
    desk: Desk
    actor: User | str
    way: Way


def confirm(act: Act, request: Request) -> None:
    """Tell the person that her request arrived; raises WrongState."""
    told = notices.of(act.session, request)
    if any(one.about is About.receipt and one.due_at is not None for one in told):
        raise WrongState("The mail about its receipt is on its way.")
    steps.confirm(act.session, act.now, request, act.actor, act.way)
    tell(act, request, Told(About.receipt, "", request.email))


def extend(act: Act, request: Request, why: str) -> None:
    """Take the second term, and tell the person why; raises WrongState, TooLate and BadReason."""
    steps.extend(act.session, act.now, act.desk, request, act.actor, why)
    tell(act, request, Told(About.extension, " ".join(why.split()), request.email))


def close(act: Act, request: Request, ending: Ending) -> None:
    """Close a request, tell the person, and note who else must know.

    Raises WrongState and BadReason.
    """
    email = request.email
    steps.close(act.session, act.now, request, act.actor, ending)
    tell(act, request, Told(About.answer, ending.answer, email))
    recipients.note_owed(act.session, request)


def tell(act: Act, request: Request, told: Told) -> None:
    if act.way is Way.mail:
        notices.owe(act.session, act.site, act.desk, request, told, act.now)
    else:
        notices.keep(act.session, act.now, request, told, act.way)


def settle(act: Act, request: Request, number: int) -> None:
    """Note that she was told otherwise what a mail could not tell; raises WrongState."""
    found = notices.settle(act.session, act.now, request, number, act.way)
    steps.note(act.session, act.now, request, act.actor, "tell", f"{found.about} by {found.way}")


def prove(session: Session, now: datetime, request: Request, actor: User | str) -> None:
    """Owe her mailbox the link that proves a request to be hers; raises WrongState."""
    steps.demand(
        request, {State.received}, "Only a request whose person is unknown can be identified."
    )
    key = request.address_key
    reader = mails.reader_of(session, key) if key is not None else None
    if reader is None:
        raise WrongState("No reader has this address, so there is nothing that a link could open.")
    challenges.owe(session, now, request, reader.id)
    steps.note(session, now, request, actor, "ask for proof", "by mail")
