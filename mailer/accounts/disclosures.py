"""Legal disclosures: a second person says yes herself before the first one sees anything."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit, cases
from mailer.accounts.cases import Case
from mailer.accounts.models import User

APPROVED, REFUSED = "cases.approve", "cases.refuse"
WAITS = sa.and_(Case.approver != "", Case.approved_at.is_(None))


def waiting_for(session: Session, now: datetime, approver: User) -> Sequence[Case]:
    """Return what a colleague is asked to approve, oldest first."""
    return session.scalars(sa.select(Case).where(of(approver, now)).order_by(Case.id)).all()


def of(approver: User, now: datetime) -> sa.ColumnElement[bool]:
    is_hers = sa.and_(Case.approver == approver.email, Case.actor_id != approver.id)
    return sa.and_(WAITS, is_hers, Case.ends_at > now)


def asked(session: Session, now: datetime, actor_id: int, subject: str) -> Case | None:
    """Return the case about a record for which somebody still waits for a yes."""
    mine = Case.actor_id == actor_id, Case.subject == subject, Case.ends_at > now
    return session.scalar(sa.select(Case).where(WAITS, *mine).order_by(Case.id.desc()).limit(1))


def decide(session: Session, now: datetime, approver: User, case_id: int, *, is_yes: bool) -> bool:
    """Approve a disclosure, from when its day counts, or refuse it; False when there is none.

    The caller commits. Only who was named decides, and never about what she asked for herself.
    """
    mine = sa.select(Case).where(Case.id == case_id, of(approver, now))
    case = session.scalars(mine.with_for_update()).one_or_none()
    if case is None:
        return False
    case.approved_at = now if is_yes else None
    case.ends_at = now + cases.LASTS if is_yes else now
    act = APPROVED if is_yes else REFUSED
    audit.record(session, now, approver, act, case.subject, reason=f"case {case.id}")
    session.flush()
    return True
