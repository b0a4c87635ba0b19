"""Who else has a person's data and must be told what was done about it (Art. 19 GDPR)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.delivery.relay_models import RegisteredRelay
from mailer.privacy.requests import steps
from mailer.privacy.requests.models import Recipient, Request
from mailer.privacy.requests.words import PASSED_ON, Outcome


def note_owed(session: Session, request: Request) -> None:
    """Write down whom to tell: every processor in the register, once something was granted."""
    if request.kind not in PASSED_ON or request.outcome not in {Outcome.granted, Outcome.partly}:
        return
    known = {one.name for one in of(session, request)}
    others = sa.select(RegisteredRelay.legal_entity).where(RegisteredRelay.is_own.is_(False))
    for name in sorted(set(session.scalars(others)) - known):
        session.add(Recipient(request_id=request.id, name=name))
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
