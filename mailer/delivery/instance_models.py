"""The table of one row that says which installation a database belongs to, and how far it is."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.db import Base

ONLY = 1


class Instance(Base):
    """The mark of the installation, of which each machine keeps its own copy beside the database.

    ``place`` is where PostgreSQL says that it keeps this database; empty on SQLite. ``at`` is when
    it was last seen at work, and only ever grows. While ``held_at`` is set nothing is sent;
    ``why`` says what was noticed. ``key_marks`` are the marks of the suppression keys that rows
    here may need, with a space between; empty until the first look.
    """

    __tablename__ = "instance"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False, default=ONLY)
    name: Mapped[str] = mapped_column(sa.String(32))
    place: Mapped[str] = mapped_column(sa.String(60), default="")
    at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(sa.String(300), default="")
    key_marks: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
