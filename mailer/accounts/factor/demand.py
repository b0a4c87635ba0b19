"""Whether everybody must have a second factor: what owners have decided, in its one home."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.accounts.users import Refused
from mailer.db import Base

ONLY = 1


class SignInRule(Base):
    """The one row of what holds for every sign-in; without it nothing is demanded."""

    __tablename__ = "sign_in_rules"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False, default=ONLY)
    needs_factor: Mapped[bool] = mapped_column(default=False)


def is_on(session: Session) -> bool:
    asked = sa.select(SignInRule.needs_factor).where(SignInRule.id == ONLY)
    return bool(session.scalar(asked))


def turn(session: Session, now: datetime, actor: User, *, on: bool) -> bool:
    """Demand it of everybody from now on, or no longer; False when it was so before.

    Raises Refused for whoever has none herself: she would stand before her own door.
    """
    if on and actor.factor_at is None:
        raise Refused("Set up your own second factor first.")
    if is_on(session) == on:
        return False
    session.merge(SignInRule(id=ONLY, needs_factor=on))
    action = "factor.demand" if on else "factor.demand_no_more"
    audit.record(session, now, actor, action, "installation")
    session.flush()
    return True


def is_lacked(session: Session, user: User) -> bool:
    """Tell whether somebody may reach nothing until she has a second factor."""
    return user.factor_at is None and is_on(session)


def without(session: Session) -> Sequence[User]:
    """Return who may sign in by a password alone."""
    bare = sa.select(User).where(User.active, User.factor_at.is_(None))
    return session.scalars(bare.order_by(User.email)).all()
