"""Consent that runs out: marked by the clock, so that whoever asks who may be mailed needs none."""

import calendar
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Subscription
from mailer.audience.words import SubscriptionStatus

MONTHS = 12
LONGEST = 120


def expire(session: Session, now: datetime) -> None:
    """Mark whose consent has run out, and unmark whose has not; the caller commits.

    It ends with ``consent_ends_at`` where consent is only implied (CASL s.10(9), (10): 24 months
    after a purchase, 6 after an inquiry), and on lists that say so, so many months after the
    reader last said yes.
    """
    implied = Subscription.consent_ends_at <= now
    aged = [
        sa.and_(Subscription.list_id == list_id, said_yes() <= before(now, months))
        for list_id, months in session.execute(
            sa.select(MailingList.id, MailingList.consent_months)
        ).all()
        if months is not None
    ]
    over = sa.or_(sa.func.coalesce(implied, sa.false()), *aged)
    # Of all lists at once, so that nobody is read but those who are marked.
    mark(session, now, sa.not_(over), is_over=False)
    for one in (implied, *aged):
        mark(session, now, one, is_over=True)


def said_yes() -> sa.ColumnElement[datetime]:
    return sa.func.coalesce(Subscription.confirmed_at, Subscription.created_at)


def mark(session: Session, now: datetime, which: sa.ColumnElement[bool], *, is_over: bool) -> None:
    """Mark the subscriptions that are not marked yet, or unmark those that are.

    Who is just changing hers is passed over until the next time: neither waits for the other.
    """
    marked = Subscription.consent_expired_at
    chosen = sa.select(Subscription.id).where(
        which,
        Subscription.status == SubscriptionStatus.confirmed,
        marked.is_(None) if is_over else marked.is_not(None),
    )
    session.execute(
        sa.update(Subscription)
        .where(Subscription.id.in_(chosen.with_for_update(skip_locked=True)))
        .values(consent_expired_at=now if is_over else None)
        .execution_options(synchronize_session=False)
    )


def before(now: datetime, months: int) -> datetime:
    """Return the same day so many months ago, or the last one of that month."""
    return after(now, -months)


def after(at: datetime, months: int) -> datetime:
    """Return the same day so many months later, or the last one of that month."""
    year, month = divmod(at.year * MONTHS + at.month - 1 + months, MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))
