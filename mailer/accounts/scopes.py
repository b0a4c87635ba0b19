"""Whose work is narrowed to some lists: a viewer or marketer who sees these and nothing else."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.accounts.models import User
from mailer.accounts.users import Refused
from mailer.db import Base

# Who keeps the installation answers for all of it.
NARROWABLE = frozenset({"viewer", "marketer"})


class ListMember(Base):
    """One list that a narrowed person may work on, in the role that she has."""

    __tablename__ = "list_members"
    __table_args__ = ()  # SQLite counts up no key of two columns

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    list_id: Mapped[int] = mapped_column(
        sa.ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True
    )
    since: Mapped[datetime]


def lists_of(session: Session, user: User) -> frozenset[int] | None:
    """Return the lists that somebody may work on; None is all of them."""
    if not user.is_narrow or user.role not in NARROWABLE:
        return None
    return frozenset(members(session, user))


def members(session: Session, user: User) -> list[int]:
    mine = sa.select(ListMember.list_id).where(ListMember.user_id == user.id)
    return list(session.scalars(mine.order_by(ListMember.list_id)))


def narrow(session: Session, now: datetime, user: User, list_ids: Iterable[int]) -> None:
    """Let somebody work on these lists alone, none at all included; raises Refused."""
    if user.role not in NARROWABLE:
        raise Refused("Owners and admins answer for all lists. Choose another role first.")
    session.execute(sa.delete(ListMember).where(ListMember.user_id == user.id))
    for number in sorted(set(list_ids)):
        session.add(ListMember(user_id=user.id, list_id=number, since=now))
    user.is_narrow = True


def widen(session: Session, user: User) -> None:
    """Let somebody work on all lists again."""
    session.execute(sa.delete(ListMember).where(ListMember.user_id == user.id))
    user.is_narrow = False
