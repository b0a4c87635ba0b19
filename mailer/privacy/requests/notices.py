"""What a person is told about her request: by a mail that is owed until it left, or otherwise."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.joining import limits
from mailer.compliance import gate
from mailer.delivery.reply_probes import Letter, Outcome
from mailer.links import Site
from mailer.privacy import authorities
from mailer.privacy.clocks import Desk
from mailer.privacy.requests import mails
from mailer.privacy.requests.mails import Draft
from mailer.privacy.requests.models import Notice, Request
from mailer.privacy.requests.steps import WrongState
from mailer.privacy.requests.words import About, Way
from mailer.privacy.requests.words import Outcome as Ending

TEMPLATES = Path(__file__).parents[3] / "templates/email"
RETRY = timedelta(minutes=1)
MOST_TRIES = 8  # each waits twice as long as the one before: about 4 hours in all
SERIAL = 3  # tells its Message-ID from that of another mail with the same number
GIVEN_UP = "The relay did not take it within four hours."
NOT_ALL = frozenset({Ending.partly, Ending.refused, Ending.moot})


class CannotTell(WrongState):
    """The mail cannot be sent; the message says why. Nothing was kept."""


@dataclass(frozen=True)
class Told:
    """What a person is told, in the words of staff, and to which address."""

    about: About
    words: str
    email: str


def owe(
    session: Session, site: Site, desk: Desk, request: Request, told: Told, now: datetime
) -> Notice:
    """Owe the person a mail; the caller commits, and rings.

    The gate judges it now, so that nobody waits for a mail that can never leave. Raises CannotTell
    where it refuses, where there is no sender yet, and where the address is not kept any more.
    """
    if not told.email:
        raise CannotTell("Her address is not kept any more: tell her in another way.")
    notice = enter(session, now, request, told, Way.mail, email=told.email, due_at=now)
    written = letter(session, site, desk, (notice, request), now)
    if written is None:
        raise CannotTell("There is no sender yet in whose name a mail could leave.")
    if written.approved is None:
        raise CannotTell(f"The gate refuses the mail to her. {grounds(written.refusal)}")
    return notice


def grounds(refusal: str) -> str:
    """Return the rules that a refusal names, with their titles."""
    named = [f"{rule.id}: {rule.title}." for rule in gate.RULES if rule.id in refusal]
    return " ".join(named) or refusal


def keep(session: Session, now: datetime, request: Request, told: Told, way: Way) -> Notice:
    """Keep that the person was told otherwise than by a mail of the program."""
    return enter(session, now, request, told, way, told_at=now)


def leave_to_staff(
    session: Session, now: datetime, request: Request, told: Told, fault: str
) -> Notice:
    """Keep that no mail can tell the person: staff must tell her in another way."""
    return enter(session, now, request, told, Way.mail, email=told.email, fault=fault[:300])


def enter(
    session: Session, now: datetime, request: Request, told: Told, way: Way, **rest: object
) -> Notice:
    notice = Notice(
        request_id=request.id,
        about=told.about,
        way=way,
        words=told.words,
        at=now,
        tries=0,
        **rest,
    )
    session.add(notice)
    session.flush()
    return notice


def settle(session: Session, now: datetime, request: Request, number: int, way: Way) -> Notice:
    """Note that the person was told otherwise what a mail could not tell; raises WrongState."""
    found = session.get(Notice, number, with_for_update=True, populate_existing=True)
    if found is None or found.request_id != request.id or not found.is_stuck:
        raise WrongState("There is no such mail that has not left.")
    if way is Way.mail:
        raise WrongState("Say in which other way she was told.")
    found.way, found.told_at, found.email = way, now, ""
    heard(request, found, now)
    return found


def of(session: Session, request: Request) -> list[Notice]:
    """Return what the person was told, latest first."""
    chosen = sa.select(Notice).where(Notice.request_id == request.id).order_by(Notice.id.desc())
    return list(session.scalars(chosen))


def due(session: Session, site: Site, now: datetime) -> list[int]:
    """Return the mails that may leave now, oldest first, within the hour's budget."""
    most = limits.room(session, now, site.confirmations_per_hour)
    chosen = sa.select(Notice.id).where(Notice.due_at <= now).order_by(Notice.due_at)
    return list(session.scalars(chosen.limit(most)))


def take(session: Session, site: Site, desk: Desk, number: int, now: datetime) -> Letter | None:
    """Take a mail that is owed, or None. It comes due again by itself unless it leaves.

    The caller commits before handing it over.
    """
    owed = session.get(Notice, number, with_for_update=True, populate_existing=True)
    if owed is None or owed.due_at is None or owed.due_at > now:
        return None
    request = session.get_one(Request, owed.request_id)
    written = letter(session, site, desk, (owed, request), now)
    if written is None or owed.tries >= MOST_TRIES:
        owed.due_at, owed.fault = None, owed.fault or GIVEN_UP
        return None
    if not limits.leaves(session, now, site.confirmations_per_hour):
        return None
    owed.due_at = now + RETRY * 2**owed.tries
    owed.tries += 1
    session.flush()
    return written


def note(session: Session, letter: Letter, outcome: Outcome, now: datetime) -> None:
    """Keep that a mail has left, or why not; its address goes with it.

    One that the gate has refused comes due again: what it lacks can be mended.
    """
    owed = session.get(Notice, letter.probe_id, with_for_update=True, populate_existing=True)
    if owed is None or owed.due_at is None:
        return
    hers = re.compile(re.escape(letter.to), re.IGNORECASE)
    owed.fault = hers.sub("her address", outcome.fault)[:300]
    if outcome.is_sent:
        owed.told_at, owed.due_at, owed.email, owed.fault = now, None, "", ""
        heard(session.get_one(Request, owed.request_id), owed, now)
    elif outcome.is_final and letter.approved is not None:
        owed.due_at = None


def heard(request: Request, notice: Notice, now: datetime) -> None:
    if notice.about in {About.receipt, About.hold}:
        request.confirmed_at = request.confirmed_at or now


def letter(
    session: Session, site: Site, desk: Desk, told: tuple[Notice, Request], now: datetime
) -> Letter | None:
    """Write the mail in the name of the sender that she knows; None where there is none at all."""
    notice, request = told
    key = request.address_key
    sender = mails.sender_of(session, mails.reader_of(session, key) if key else None)
    if sender is None:
        return None
    what = f"request number {request.id}"
    variables: dict[str, object] = {
        "what": what,
        "asked_on": day(desk, request.received_at),
        "due_on": day(desk, request.due_at),
        "kind": request.kind.value,
        "lines": [one for one in notice.words.split("\n") if one.strip()],
        "is_complaint_due": request.outcome in NOT_ALL,
        "authority": authorities.line(request.home),
        "authorities_url": f"{site.public_url}/authorities",
        "data_url": f"{site.public_url}/your-data",
    }
    folder = TEMPLATES / f"request_{notice.about}"
    draft = Draft(folder, (notice.id, SERIAL), notice.email, what, variables)
    return mails.letter(session, site, sender, draft, now)


def day(desk: Desk, at: datetime) -> str:
    return f"{at.astimezone(desk.zone):%d %B %Y}"
