"""Erasures that a legal hold keeps waiting: nothing is used meanwhile, and then each is done."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import former
from mailer.audience.address_models import AddressChange
from mailer.audience.consent import Evidence
from mailer.audience.models import Subscriber
from mailer.audience.words import ConsentMethod
from mailer.links import Site
from mailer.privacy import erasure, objection, restriction
from mailer.privacy.clocks import Desk
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.models import Hold
from mailer.privacy.requests import endings, notices, steps
from mailer.privacy.requests.answering import Act
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.notices import CannotTell, Told
from mailer.privacy.requests.register import subject
from mailer.privacy.requests.steps import Ending
from mailer.privacy.requests.words import About, Kind, Outcome, State

ACTOR = "desk"
GONE = "Her data had gone before the legal hold ended."


def begin(
    act: Act, reader: Subscriber, hold: Hold, method: ConsentMethod = ConsentMethod.staff
) -> list[Request]:
    """Let a person's requests for erasure wait for the end of a legal hold (Art. 17(3)(e) GDPR).

    All mail stops and her data is restricted at once. A mail tells her so, why, and where she may
    complain, which is her answer in time (Art. 12(4)); one that cannot leave is left to staff.
    Returns the requests; where there is none, nothing changes. The caller commits.
    """
    session, now = act.session, act.now
    hers = former.own(session, reader, Request.address_key, Request.received_at)
    found = endings.open_of(session, sa.and_(hers, Request.kind == Kind.erasure))
    asked = [one for one in found if one.state is not State.held]
    if not asked:
        return []
    why, actor = holds.subject(hold.id), act.actor
    name = actor if isinstance(actor, str) else actor.email
    proof = Evidence(shown=f"Erasure: {subject(asked[0].id)}", actor=name)
    objection.stop_mail(session, now, reader.address_key, method, proof)
    restriction.restrict(session, now, reader.id, actor, reason=f"erasure waits for {why}")
    for one in asked:
        steps.hold(session, now, one, actor, why)
        tell(act, one)
    return asked


def tell(act: Act, request: Request) -> None:
    told = Told(About.hold, "", request.email)
    try:
        with act.session.begin_nested():
            notices.owe(act.session, act.site, act.desk, request, told, act.now)
    except CannotTell as error:
        notices.leave_to_staff(act.session, act.now, request, told, str(error))


def is_any(session: Session, reader: Subscriber) -> bool:
    """Tell whether a person's erasure waits already."""
    hers = former.own(session, reader, Request.address_key, Request.received_at)
    waits = sa.select(Request.id).where(hers, Request.state == State.held)
    return session.scalar(waits.limit(1)) is not None


def number(session: Session) -> int:
    """Return how many erasures wait."""
    waits = sa.select(sa.func.count()).where(Request.state == State.held)
    return session.scalar(waits) or 0


def due(session: Session, now: datetime) -> list[int]:
    """Return the requests that wait though nothing is on hold any more, oldest first."""
    waits = sa.select(Request).where(Request.state == State.held).order_by(Request.id)
    return [one.id for one in session.scalars(waits) if is_free(session, one, now)]


def is_free(session: Session, request: Request, now: datetime) -> bool:
    reader = reader_of(session, request)
    return reader is None or holds.of_reader(session, reader, now) is None


def reader_of(session: Session, request: Request) -> Subscriber | None:
    """Return who asked, though her address may have been corrected since."""
    key, at = request.address_key, request.received_at
    moved = sa.select(AddressChange.subscriber_id).where(
        AddressChange.old_key == key, AddressChange.done_at >= at
    )
    number = session.scalar(moved.order_by(AddressChange.done_at).limit(1))
    if number is not None:
        return session.get(Subscriber, number)
    return restriction.reader_of(session, key) if key is not None else None


def take(session: Session, site: Site, desk: Desk, number: int, now: datetime) -> str | None:
    """Erase whose hold has ended, and tell her; return the address, which is to be swept for.

    None where nothing is left to erase. Raises OnHold or AlreadyErased, and then the caller rolls
    back; it commits otherwise.
    """
    request = steps.locked(session, number)
    if request is None or request.state is not State.held:
        return None
    reader = reader_of(session, request)
    if reader is None:
        steps.end(session, now, request, ACTOR, Ending(Outcome.granted, GONE))
        return None
    email = reader.email
    endings.announce(session, site, desk, reader, now)
    why = f"the legal hold has ended, {subject(number)}"
    erasure.erase(session, reader, now, ACTOR, reason=why)
    return email
