"""Who else has a person's data and must be told what was done about it (Art. 19 GDPR)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.delivery.processors import register as processors
from mailer.privacy import homes
from mailer.privacy.requests import mails, register, steps
from mailer.privacy.requests.models import Recipient, Request
from mailer.privacy.requests.words import PASSED_ON, Channel, Kind, Outcome, State

DUTY = "Art. 19 GDPR"


class Act(NamedTuple):
    """What was done about somebody's data; ``address_key`` is None for people without a name."""

    kind: Kind
    address_key: bytes | None
    words: str


def note_owed(session: Session, request: Request) -> None:
    """Write down whom to tell: everybody in the register, once something was granted."""
    if request.kind in PASSED_ON and request.outcome in {Outcome.granted, Outcome.partly}:
        add(session, request, processors.recipients(session))


def note_act(session: Session, now: datetime, actor: User | str, act: Act) -> None:
    """Write down whom to tell of what was done, whether or not anybody has asked for it.

    They stand beside the person's open request of that kind. Where there is none, the act itself
    is entered, which is closed from the beginning; one of which nobody was told yet stands for all
    that is done until then. Where nobody else has data, there is nothing to enter.
    """
    names = processors.recipients(session)
    if names:
        found = asked_for(session, act) or untold_act(session, act)
        add(session, found or entered(session, now, actor, act), names)


def asked_for(session: Session, act: Act) -> Request | None:
    mine = Request.address_key == act.address_key, Request.kind == act.kind
    found = sa.select(Request).where(*mine, Request.state != State.closed).order_by(Request.id)
    return session.scalars(found.limit(1)).first()


def untold_act(session: Session, act: Act) -> Request | None:
    """Return the entry of an earlier act of which nobody was told, with this one added to it."""
    told = sa.select(Recipient.id).where(
        Recipient.request_id == Request.id, Recipient.told_at.is_not(None)
    )
    mine = Request.kind == act.kind, Request.channel == Channel.own
    same = Request.address_key.is_not_distinct_from(act.address_key)
    chosen = sa.select(Request).where(*mine, same, register.is_untold(), sa.not_(told.exists()))
    found = session.scalars(chosen.order_by(Request.id.desc()).limit(1)).first()
    if found is not None and act.words not in found.answer:
        found.answer = f"{found.answer}\n{act.words}"[: steps.LONGEST_ANSWER]
    return found


def entered(session: Session, now: datetime, actor: User | str, act: Act) -> Request:
    """Enter what was done without a request; it takes no part in any clock."""
    key = act.address_key
    sender = mails.sender_of(session, mails.reader_of(session, key) if key else None)
    regime, also = homes.laws(homes.ELSEWHERE, sender.country if sender else "")
    made = Request(
        kind=act.kind,
        regime=regime,
        also=also,
        channel=Channel.own,
        state=State.closed,
        address_key=key,
        received_at=now,
        due_at=now,
        closed_at=now,
        citation=DUTY,
        paused_for=0,
        outcome=Outcome.granted,
        answer=act.words,
    )
    session.add(made)
    steps.note(session, now, made, actor, "enter own act", str(act.kind))
    return made


def add(session: Session, request: Request, names: Sequence[str]) -> None:
    known = {one.name for one in of(session, request)}
    session.add_all(Recipient(request_id=request.id, name=one) for one in names if one not in known)
    session.flush()


def of(session: Session, request: Request) -> list[Recipient]:
    """Return who must be told about a request, and who was."""
    chosen = sa.select(Recipient).where(Recipient.request_id == request.id)
    return list(session.scalars(chosen.order_by(Recipient.name)))


def tick(session: Session, now: datetime, request: Request, number: int, actor: User | str) -> None:
    """Note that somebody was told; raises WrongState."""
    found = session.get(Recipient, number, with_for_update=True, populate_existing=True)
    if found is None or found.request_id != request.id or found.told_at is not None:
        raise steps.WrongState("There is nobody of that number left to tell.")
    found.told_at, found.told_by = now, actor if isinstance(actor, str) else actor.email
    steps.note(session, now, request, actor, "pass on", found.name)


def untold(session: Session) -> int:
    """Return how many are still to be told."""
    waiting = sa.select(sa.func.count()).where(Recipient.told_at.is_(None))
    return session.scalar(waiting) or 0
