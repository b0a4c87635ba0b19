"""Mails that tell a person what became of her second factor: owed until they have left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.accounts.models import User
from mailer.db import Base, Id, primary_key

RETRY = timedelta(minutes=1)
MOST_TRIES = 8  # each waits twice as long as the one before: about 4 hours in all


class About(StrEnum):
    """What happened, as the mail says it."""

    set_up = "A phone was set up as the second factor of your sign-in."
    removed = "The second factor of your sign-in was removed."
    reset = "An owner has removed the second factor of your sign-in."
    renewed = "New recovery codes were made for your sign-in. The old ones open nothing."
    recovered = "Somebody signed in as you with one of your recovery codes."


class FactorMail(Base):
    """One mail that is owed. The row goes when it has left, or cannot leave."""

    __tablename__ = "factor_mails"

    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    about: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True)
class News:
    """What is to be written, to whom."""

    number: int
    to: str
    what: str
    at: datetime


def owe(session: Session, now: datetime, user: User, about: About) -> int:
    """Owe a person a mail; return its number. The caller commits, and rings."""
    mail = FactorMail(user_id=user.id, about=about.name, at=now, due_at=now, tries=0)
    session.add(mail)
    session.flush()
    return mail.id


def due(session: Session, now: datetime) -> Sequence[int]:
    chosen = sa.select(FactorMail.id).where(FactorMail.due_at <= now)
    return session.scalars(chosen.order_by(FactorMail.due_at)).all()


def take(session: Session, number: int, now: datetime) -> News | None:
    """Take a mail that is owed, or None. It comes due again by itself unless it leaves.

    The caller commits before handing it over.
    """
    mail = session.get(FactorMail, number, with_for_update=True, populate_existing=True)
    if mail is None or mail.due_at > now:
        return None
    if mail.tries >= MOST_TRIES:
        session.delete(mail)
        return None
    mail.due_at = now + RETRY * 2**mail.tries
    mail.tries += 1
    session.flush()
    to = session.get_one(User, mail.user_id).email
    return News(mail.id, to, About[mail.about].value, mail.at)


def finish(session: Session, number: int) -> None:
    """Note that a mail has left, or never will."""
    session.execute(sa.delete(FactorMail).where(FactorMail.id == number))
