"""The tables of keeping: periods that staff have set, what is on hold, and the runs."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, Id, primary_key
from mailer.privacy.keeping.classes import Class

Counts = dict[str, dict[str, int]]


class Period(Base):
    """A period that staff have set; a class without a row has its usual one."""

    __tablename__ = "retention_periods"
    __table_args__ = ()

    name: Mapped[Class] = mapped_column(words(Class), primary_key=True)
    length: Mapped[int]


class Held(StrEnum):
    """What can be on hold."""

    person = "person"
    list = "list"
    campaign = "campaign"


class Hold(Base):
    """A legal hold: nothing of it is thrown away until ``until``, or until somebody ends it.

    A person is held by ``address_key``, whatever becomes of her row; a list or a campaign by
    ``number``.
    """

    __tablename__ = "legal_holds"

    id: Mapped[int] = primary_key()
    held: Mapped[Held] = mapped_column(words(Held))
    address_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    number: Mapped[int | None] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(sa.String(500))
    actor: Mapped[str] = mapped_column(sa.String(254))
    created_at: Mapped[datetime]
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(254), default="")


class Run(Base):
    """One run: what it threw away of each class and table, or (``is_dry``) what it would.

    ``night`` is the day on whose early morning the clock began it, None for one that staff began.
    ``edges`` holds for each class the moment before which all is over, fixed at the start.
    ``place`` and ``after`` tell how far it is: which sweep, and how far that is. ``expected`` is
    what it found at its start, ``done`` what it has worked through of it.
    """

    __tablename__ = "retention_runs"
    __table_args__ = (
        sa.Index(
            "uq_retention_runs_under_way",
            "is_dry",
            unique=True,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    night: Mapped[date | None] = mapped_column(sa.Date, unique=True)
    is_dry: Mapped[bool] = mapped_column(default=False)
    actor: Mapped[str] = mapped_column(sa.String(254))
    edges: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    place: Mapped[int] = mapped_column(default=0)
    after: Mapped[int] = mapped_column(Id, default=0)
    expected: Mapped[int] = mapped_column(Id, default=0)
    done: Mapped[int] = mapped_column(Id, default=0)
    counts: Mapped[Counts] = mapped_column(sa.JSON, default=dict)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
