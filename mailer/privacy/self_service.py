"""What a person does about her data by herself: each act is a request, and answered at once."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import effects
from mailer.audience.addresses import Address
from mailer.audience.consent import Evidence
from mailer.audience.joining import limits
from mailer.audience.models import Subscriber
from mailer.audience.turning import incoming
from mailer.audience.words import ConsentMethod
from mailer.links import Site
from mailer.privacy import access, erasure, homes, objection, restriction, waiting
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.erasure import OnHold
from mailer.privacy.requests import challenges, mails, notices, recipients, register, steps
from mailer.privacy.requests.answering import Act
from mailer.privacy.requests.models import Challenge, Request
from mailer.privacy.requests.notices import Told
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.steps import Ending
from mailer.privacy.requests.words import (
    AT_ONCE,
    NO_MAIL,
    About,
    Channel,
    Kind,
    Outcome,
    State,
    Way,
)
from mailer.tokens import Keys

ACTOR = "your data page"
PROOF = "mailbox"
NOTHING_SOLD = "Nothing is sold or shared here, so there was nothing to stop."


@dataclass(frozen=True)
class Ground:
    """Where and when somebody acts, where she lives, and whose laws bind what is done."""

    session: Session
    now: datetime
    desk: Desk
    home: str = ""
    regime: Regime = Regime.gdpr
    also: Regime | None = None


def ground(
    session: Session, now: datetime, desk: Desk, home: str, reader: Subscriber | None = None
) -> Ground:
    """Return the ground of somebody who says where she lives."""
    return Ground(session, now, desk, home, *homes.laws(home, established(session, reader)))


def established(session: Session, reader: Subscriber | None = None) -> str:
    """Return the country (ISO 3166) of the sender that somebody knows, or of the first one here."""
    sender = mails.sender_of(session, reader)
    return sender.country if sender is not None else ""


def take_up(
    session: Session, now: datetime, keys: Keys, desk: Desk, challenge_id: int
) -> int | None:
    """Do what a visitor has asked for; return the challenge whose mail is now due, or None.

    An objection, a withdrawal and an opt-out hold at once, whoever sent the form (Art. 7(3),
    21(3) GDPR). Everything else needs the mailbox: a link goes to an address that we know, three
    times a week at most. The caller commits.
    """
    asked = challenges.address_of(session, challenge_id)
    key = incoming.key(session, now, keys, asked) if asked else b""
    found = challenges.taken(session, challenge_id)
    if found is None or found.given is None:
        return None
    address = Address(found.given["spelled"], found.given["normalised"])
    at = found.at
    if found.kind in AT_ONCE:
        session.delete(found)
        place = ground(session, at, desk, found.home, restriction.reader_of(session, key))
        if at_once(place, found.kind, key, address.spelled) and found.kind in NO_MAIL:
            took = (now - at).total_seconds()
            effects.note(session, now.date(), [(effects.Channel.your_data, took)])
        return None
    mailbox, reader = limits.mailbox_keys(keys, address), restriction.of_key(session, key)
    if reader is None or limits.has_had_enough(session, at, mailbox, limits.ABOUT_DATA):
        session.delete(found)
        return None
    limits.note(session, at, mailbox[0], limits.ABOUT_DATA)
    found.given, found.address_key = None, key
    found.subscriber_id, found.due_at = reader, at
    session.flush()
    return found.id


def at_once(ground: Ground, kind: Kind, key: bytes, email: str) -> bool:
    """Do what asks for no proof, and note it; False when she had asked for the same before."""
    if kind is Kind.no_sale:
        return refuse_sale(ground, key, email)
    return refuse(ground, kind, key, email)


def refuse(ground: Ground, kind: Kind, key: bytes, email: str) -> bool:
    """Stop all mail to a person and note that she asked; False when she had said so before."""
    proof = Evidence(shown=f"Your data: {kind}", page="/your-data")
    if not objection.stop_mail(ground.session, ground.now, key, ConsentMethod.form, proof):
        return False
    request = enter(ground, kind, key, email)
    finish(ground, request, "All mail was stopped at once.")
    return True


def refuse_sale(ground: Ground, key: bytes, email: str) -> bool:
    """Note that a person wants nothing sold (Cal. Civ. Code 1798.120): nothing ever is."""
    same = sa.select(Request.id).where(Request.address_key == key, Request.kind == Kind.no_sale)
    if ground.session.scalar(same.limit(1)) is not None:
        return False
    request = enter(ground, Kind.no_sale, key, email)
    finish(ground, request, NOTHING_SOLD)
    return True


def copy(ground: Ground, site: Site, reader: Subscriber, relays: tuple[str, ...]) -> bytes:
    """Return the person's archive (Art. 15 and 20 GDPR), and note that she was given it."""
    finish(ground, proven(ground, Kind.access, reader), "She took the archive from the page.")
    return access.archive(ground.session, site, reader, ground.now, relays)


def erase(ground: Ground, site: Site, reader: Subscriber) -> bool:
    """Erase the person, which ends her request; False where a legal hold makes it wait.

    Raises AlreadyErased. The caller commits, and sweeps after an erasure.
    """
    if waiting.is_any(ground.session, reader):
        return False
    request = proven(ground, Kind.erasure, reader)
    why = f"her own word, {register.subject(request.id)}"
    try:
        erasure.erase(ground.session, reader, ground.now, ACTOR, reason=why)
    except OnHold as on_hold:
        act = Act(ground.session, ground.now, site, ground.desk, ACTOR, Way.mail)
        waiting.begin(act, reader, on_hold.hold, ConsentMethod.form)
        return False
    return True


def restrict(ground: Ground, reader: Subscriber) -> None:
    request = proven(ground, Kind.restriction, reader)
    why = f"her own word, {register.subject(request.id)}"
    restriction.restrict(ground.session, ground.now, reader.id, ACTOR, reason=why)
    finish(ground, request, "Restricted at once.")


def write(ground: Ground, kind: Kind, reader: Subscriber, wish: str) -> Request:
    """Enter what a colleague has to answer: a complaint, or what she cannot correct herself.

    The page tells her that it has arrived, and by when she has the answer.
    """
    request = proven(ground, kind, reader, wish)
    if request.confirm_by is not None:
        told = Told(About.receipt, "", "")
        notices.keep(ground.session, ground.now, request, told, Way.page)
        steps.confirm(ground.session, ground.now, request, ACTOR, Way.page)
    return request


def proven(ground: Ground, kind: Kind, reader: Subscriber, wish: str = "") -> Request:
    request = enter(ground, kind, reader.address_key, reader.email, wish)
    steps.identify(ground.session, ground.now, request, ACTOR, PROOF)
    return request


def enter(ground: Ground, kind: Kind, key: bytes, email: str, wish: str = "") -> Request:
    told, now = (key, email, wish, ground.home), ground.now
    asked = Asked(kind, ground.regime, Channel.page, now, *told, also=ground.also)
    return register.receive(ground.session, ground.now, ground.desk, asked, ACTOR)


def finish(ground: Ground, request: Request, answer: str) -> None:
    ending = Ending(Outcome.granted, answer)
    steps.close(ground.session, ground.now, request, ACTOR, ending)
    recipients.note_owed(ground.session, request)


def prove(session: Session, now: datetime, desk: Desk, link: Challenge) -> None:
    """Note that a request entered by staff is the person's own, if a link proves that.

    The doubt about who asks, for which its clock may have been stopped, ends with it.
    """
    request = steps.locked(session, link.request_id) if link.request_id is not None else None
    if request is None or not request.is_open or request.identified_at is not None:
        return
    if request.state is State.paused:
        steps.resume(session, now, desk, request, ACTOR)
    steps.identify(session, now, request, ACTOR, PROOF)


def opened(session: Session, challenge_id: int) -> Challenge | None:
    """Return the used link that opened a person's page, or None when she is gone."""
    found = session.get(Challenge, challenge_id)
    return found if found is not None and found.used_at is not None else None
