"""The desk in figures: what is open, what is due, what is late, and how long answers take."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.privacy.requests import recipients
from mailer.privacy.requests.models import Notice, Request
from mailer.privacy.requests.words import OPEN, Kind, State

A_WEEK = timedelta(days=7)
A_YEAR = timedelta(days=365)
TENTH = 8_640  # s; of a day
MOST = 10_000


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
    waiting = sa.select(
        sa.func.count(),
        number_of(sa.and_(runs, Request.due_at >= now, Request.due_at < now + A_WEEK)),
        number_of(sa.and_(runs, Request.due_at < now)),
        number_of(sa.and_(Request.confirmed_at.is_(None), Request.confirm_by < now)),
    ).where(Request.state.in_(OPEN))
    open_ones, soon, overdue, unconfirmed = session.execute(waiting).one()
    return Figures(
        open=open_ones,
        due_this_week=soon,
        overdue=overdue,
        unconfirmed=unconfirmed,
        unsaid=unsaid(session),
        untold=recipients.untold(session),
        days_to_answer=days_to_answer(session, now),
    )


class Entered(NamedTuple):
    """How many requests of a kind there are, and when the last of them was answered."""

    number: int
    last: datetime | None


def by_kind(session: Session) -> dict[Kind, Entered]:
    counts = sa.select(Request.kind, sa.func.count(), sa.func.max(Request.closed_at))
    found = session.execute(counts.group_by(Request.kind))
    return {kind: Entered(number, last) for kind, number, last in found}


def number_of(test: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((test, 1), else_=0)), 0)


def unsaid(session: Session) -> int:
    stuck = sa.and_(Notice.due_at.is_(None), Notice.told_at.is_(None), Notice.email != "")
    return session.scalar(sa.select(sa.func.count()).where(stuck)) or 0


def days_to_answer(session: Session, now: datetime) -> float | None:
    """Return the median of days; what was done at once on the page would hide how long it takes.

    Of the newest MOST answers at most; the database counts tenths of days, and few rows come back.
    """
    start, end = (
        sa.cast(sa.extract("epoch", one), sa.BigInteger)
        for one in (Request.received_at, Request.closed_at)
    )
    tenths = ((end - start + TENTH // 2) // TENTH).label("tenths")
    newest = (
        sa.select(tenths)
        .where(Request.closed_at > now - A_YEAR, Request.closed_at > Request.received_at)
        .order_by(Request.closed_at.desc())
        .limit(MOST)
        .subquery()
    )
    ended = sa.select(newest.c.tenths, sa.func.count()).group_by(newest.c.tenths)
    found = session.execute(ended.order_by(newest.c.tenths)).all()
    if not found:
        return None
    until = list(accumulate(number for _, number in found))
    middle = ((until[-1] - 1) // 2, until[-1] // 2)
    return round(float(sum(found[bisect_right(until, place)][0] for place in middle)) / 20, 1)
