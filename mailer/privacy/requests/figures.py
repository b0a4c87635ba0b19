"""The desk in figures: what is open, what is due, what is late, and how long answers take."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.privacy.requests import recipients
from mailer.privacy.requests.models import Notice, Request
from mailer.privacy.requests.words import State

A_WEEK = timedelta(days=7)
A_YEAR = timedelta(days=365)
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Figures:
    """Counts, and the median of days from receipt to answer within a year, None without one.

    ``unconfirmed`` counts receipts that should have been confirmed by now; ``unsaid`` mails that
    did not leave, so that a person must be told in another way; ``untold`` those who must still
    hear of what was corrected, erased or restricted (Art. 19 GDPR).
    """

    open: int
    due_this_week: int
    overdue: int
    unconfirmed: int
    unsaid: int
    untold: int
    days_to_answer: float | None


def counted(session: Session, now: datetime) -> Figures:
    """Return the figures; the clock of a paused request stands, so it is neither due nor late."""
    runs = Request.state.in_([State.received, State.identified])
    stuck = sa.and_(Notice.due_at.is_(None), Notice.told_at.is_(None), Notice.email != "")
    silent = sa.and_(
        Request.state != State.closed, Request.confirmed_at.is_(None), Request.confirm_by < now
    )
    soon = sa.and_(runs, Request.due_at >= now, Request.due_at < now + A_WEEK)
    return Figures(
        open=number(session, Request.state != State.closed),
        due_this_week=number(session, soon),
        overdue=number(session, sa.and_(runs, Request.due_at < now)),
        unconfirmed=number(session, silent),
        unsaid=number(session, stuck),
        untold=recipients.untold(session),
        days_to_answer=days_to_answer(session, now),
    )


def number(session: Session, test: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).where(test)) or 0


def days_to_answer(session: Session, now: datetime) -> float | None:
    """Return the median of days; what was done at once on the page would hide how long it takes."""
    ended = sa.select(Request.received_at, Request.closed_at).where(
        Request.closed_at > now - A_YEAR, Request.closed_at > Request.received_at
    )
    taken = [(end - start) / A_DAY for start, end in session.execute(ended) if end is not None]
    return round(median(taken), 1) if taken else None
