"""What becomes of the requests of a person who is being erased: each ends, and names nobody."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience import former
from mailer.audience.former import Former
from mailer.audience.models import Subscriber
from mailer.links import Site
from mailer.privacy.clocks import Desk
from mailer.privacy.requests import notices, recipients, steps
from mailer.privacy.requests.models import Challenge, Notice, Request
from mailer.privacy.requests.notices import CannotTell, Told
from mailer.privacy.requests.recipients import Act
from mailer.privacy.requests.steps import Ending
from mailer.privacy.requests.words import NO_MAIL, About, Kind, Outcome, State

DONE = "Your data is erased. A keyed fingerprint stays, which keeps our mail away from you."
UNASKED = "The person was erased. The entry “erase person” in the audit log says why."
STOPPED = "All mail was stopped."
MOOT = "Ended without an answer: her data was erased, and her address with it."


def announce(session: Session, site: Site, desk: Desk, reader: Subscriber, now: datetime) -> str:
    """Owe who asked for erasure the mail that it is done; return what to tell staff about that.

    Her address is kept until the mail has left. Comes before the erasure, in the same transaction;
    a mail that cannot be keeps nobody from being erased.
    """
    wanted = open_of(session, former.own(session, reader, Request.address_key, Request.received_at))
    asked = [one for one in wanted if one.kind is Kind.erasure and one.email]
    try:
        with session.begin_nested():
            for one in asked:
                told = Told(About.answer, DONE, one.email)
                notices.owe(session, site, desk, one, told, now)
    except CannotTell as error:
        return f"Tell the person yourself that it is done. {error}"
    return "A mail tells the person that it is done." if asked else ""


def erased(
    session: Session,
    now: datetime,
    actor: User | str,
    address_key: bytes,
    before: Sequence[Former],
) -> None:
    """End what is open of a person who is being erased, and blank what names her.

    What was about erasure ends as done; all mail is stopped, which grants what was about that; and
    the rest ends with the reason. The rows stay, under her keyed fingerprint. Others who have her
    data must be told in any case, whoever wanted the erasure.
    """
    keys, at = Request.address_key, Request.received_at
    hers = sa.or_(keys == address_key, *((keys == one.key) & (at <= one.until) for one in before))
    waiting = open_of(session, hers)
    blank(session, hers)
    for one in waiting:
        steps.end(session, now, one, actor, ending(one))
        recipients.note_owed(session, one)
    if not any(one.kind is Kind.erasure for one in waiting):
        act = Act(Kind.erasure, address_key, UNASKED)
        recipients.note_act(session, now, actor, act)
    keys, at = Challenge.address_key, Challenge.at
    links = sa.or_(keys == address_key, *((keys == one.key) & (at <= one.until) for one in before))
    session.execute(sa.delete(Challenge).where(links))


def ending(request: Request) -> Ending:
    if request.kind is Kind.erasure:
        return Ending(Outcome.granted, DONE, "The entry “erase person” in the audit log.")
    if request.kind in NO_MAIL:
        return Ending(Outcome.granted, STOPPED)
    return Ending(Outcome.moot, MOOT)


def open_of(session: Session, hers: sa.ColumnElement[bool]) -> list[Request]:
    chosen = sa.select(Request).where(hers, Request.state != State.closed).order_by(Request.id)
    return list(session.scalars(chosen.with_for_update()))


def blank(session: Session, hers: sa.ColumnElement[bool]) -> None:
    """Blank what was written by her and to her, but for the mail that her data is erased."""
    numbers = sa.select(Request.id).where(hers).scalar_subquery()
    values = dict.fromkeys(("email", "agent", "home", "wish", "answer", "evidence"), "")
    session.execute(sa.update(Request).where(hers).values(values))
    others = sa.or_(Notice.due_at.is_(None), Notice.words != DONE)
    told = sa.update(Notice).where(Notice.request_id.in_(numbers), others)
    session.execute(told.values(words="", email="", fault="", due_at=None))
