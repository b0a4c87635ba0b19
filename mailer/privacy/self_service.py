"""What a person does about her data by herself: each act is a request, and answered at once."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import subscriptions, suppressions
from mailer.audience.addresses import Address
from mailer.audience.consent import Evidence
from mailer.audience.joining import limits
from mailer.audience.models import Subscriber, Subscription
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressions import Refusal
from mailer.audience.words import ConsentMethod, Scope
from mailer.links import Site
from mailer.privacy import access, erasure, restriction
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.requests import challenges, register, steps
from mailer.privacy.requests.models import Challenge, Request
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.steps import Ending
from mailer.privacy.requests.words import AT_ONCE, Channel, Kind, Outcome
from mailer.tokens import Keys

ACTOR = "your data page"
PROOF = "mailbox"


@dataclass(frozen=True)
class Ground:
    """Where and when somebody acts."""

    session: Session
    now: datetime
    desk: Desk


def take_up(session: Session, keys: Keys, desk: Desk, challenge_id: int) -> int | None:
    """Do what a visitor has asked for; return the challenge whose mail is now due, or None.

    An objection, a withdrawal and an opt-out hold at once, whoever sent the form (Art. 7(3),
    21(3) GDPR). Everything else needs the mailbox: a link goes to an address that we know, three
    times a week at most. The caller commits.
    """
    found = challenges.taken(session, challenge_id)
    if found is None or found.given is None:
        return None
    address = Address(found.given["spelled"], found.given["normalised"])
    at, key = found.at, found.address_key
    if found.kind in AT_ONCE:
        session.delete(found)
        refuse(Ground(session, at, desk), found.kind, key, address.spelled)
        return None
    mailbox, reader = limits.mailbox_keys(keys, address), restriction.of_key(session, key)
    if reader is None or limits.has_had_enough(session, at, mailbox, limits.ABOUT_DATA):
        session.delete(found)
        return None
    limits.note(session, at, mailbox[0], limits.ABOUT_DATA)
    found.given, found.subscriber_id, found.due_at = None, reader, at
    session.flush()
    return found.id


def refuse(ground: Ground, kind: Kind, key: bytes, email: str) -> bool:
    """Stop all mail to a person and note that she asked; False when she had said so before."""
    proof = Evidence(shown=f"Your data: {kind}", page="/your-data")
    if not stop_mail(ground, key, ConsentMethod.form, proof):
        return False
    request = enter(ground, kind, key, email)
    finish(ground, request, "All mail was stopped at once.")
    return True


def stop_mail(ground: Ground, key: bytes, method: ConsentMethod, proof: Evidence) -> bool:
    """Keep all mail from a person from now on; False when she had said so before.

    ``method`` and ``proof`` tell the consent ledger by which way her word came.
    """
    session, now = ground.session, ground.now
    made = suppressions.suppress(
        session, now, key, Refusal(Scope.everything, reason=suppressions.OBJECTED)
    )
    reader = restriction.of_key(session, key)
    place = sa.select(Subscription.list_id).where(Subscription.subscriber_id == reader)
    list_id = session.scalar(place.order_by(Subscription.id).limit(1))
    if reader is not None and list_id is not None:
        opt_out = OptOut(list_id, reader, scope=Scope.everything)
        subscriptions.unsubscribe(session, now, opt_out, method, proof)
    return made is not None


def copy(ground: Ground, site: Site, reader: Subscriber, relays: tuple[str, ...]) -> bytes:
    """Return the person's archive (Art. 15 and 20 GDPR), and note that she was given it."""
    finish(ground, proven(ground, Kind.access, reader), "She took the archive from the page.")
    return access.archive(ground.session, site, reader, ground.now, relays)


def erase(ground: Ground, reader: Subscriber) -> None:
    """Erase the person; raises AlreadyErased. The caller commits, and sweeps afterwards."""
    request = proven(ground, Kind.erasure, reader)
    finish(ground, request, "Erased at once.")
    why = f"her own word, {register.subject(request.id)}"
    erasure.erase(ground.session, reader, ground.now, ACTOR, reason=why)


def restrict(ground: Ground, reader: Subscriber) -> None:
    request = proven(ground, Kind.restriction, reader)
    why = f"her own word, {register.subject(request.id)}"
    restriction.restrict(ground.session, ground.now, reader.id, ACTOR, reason=why)
    finish(ground, request, "Restricted at once.")


def write(ground: Ground, kind: Kind, reader: Subscriber, wish: str) -> Request:
    """Enter what a colleague has to answer: a complaint, or what she cannot correct herself."""
    return proven(ground, kind, reader, wish)


def proven(ground: Ground, kind: Kind, reader: Subscriber, wish: str = "") -> Request:
    request = enter(ground, kind, reader.address_key, reader.email, wish)
    steps.identify(ground.session, ground.now, request, ACTOR, PROOF)
    return request


def enter(ground: Ground, kind: Kind, key: bytes, email: str, wish: str = "") -> Request:
    asked = Asked(kind, Regime.gdpr, Channel.page, ground.now, key, email, wish)
    return register.receive(ground.session, ground.now, ground.desk, asked, ACTOR)


def finish(ground: Ground, request: Request, answer: str) -> None:
    ending = Ending(Outcome.granted, answer)
    steps.close(ground.session, ground.now, request, ACTOR, ending)


def reader_of(session: Session, challenge_id: int) -> Subscriber | None:
    """Return whose data a used link opened, or None when she is gone."""
    owned = sa.select(Challenge.subscriber_id).where(
        Challenge.id == challenge_id, Challenge.used_at.is_not(None)
    )
    number = session.scalar(owned)
    return session.get(Subscriber, number) if number is not None else None
