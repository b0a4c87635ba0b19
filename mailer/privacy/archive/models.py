"""The tables of archives that wait for their readers: sealed, with the key in the mail alone."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.db import Base, primary_key


class Archive(Base):
    """One archive that was promised to a reader by mail; it goes with her row, or in time.

    ``due_at`` is when the worker should make and mail it, None when nothing is owed. ``done`` of
    ``total`` messages are rendered again. ``token_hash`` knows the link again and opens nothing;
    empty until an archive was made. ``problem`` says why it could not leave.
    """

    __tablename__ = "archives"

    id: Mapped[int] = primary_key()
    subscriber_id: Mapped[int] = mapped_column(
        sa.ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(sa.String(300), default="")
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), default=b"")
    made_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    downloaded_at: Mapped[datetime | None]


class ArchivePiece(Base):
    """A piece of an archive's ciphertext, so that any machine can hand it out."""

    __tablename__ = "archive_pieces"

    archive_id: Mapped[int] = mapped_column(
        sa.ForeignKey("archives.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    __table_args__ = ()
