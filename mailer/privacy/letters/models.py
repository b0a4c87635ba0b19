"""The table of letters that came in by mail."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, primary_key


class Kind(StrEnum):
    """What a letter is. Only an opt-out and a complaint take anybody off a list."""

    opt_out = "opt-out"
    complaint = "complaint"
    bounce = "bounce"
    automatic = "automatic"
    other = "other"


class Answer(StrEnum):
    """What a person has said that a letter was."""

    opt_out = "opt-out"
    something_else = "else"


class Letter(Base):
    """One letter, as it came; ``raw`` is cut where ``size`` (bytes) says that it was longer.

    ``read_at`` is None until the worker has read it. ``from_key`` and ``about_key`` are the keyed
    fingerprints of who wrote and of whose copy she answered; both find it for her archive and her
    erasure. ``mark`` tells a letter that was handed over twice. ``acted_at`` is since when the
    opt-out is in force. ``doubt`` is why a person must look, empty if nobody need.
    """

    __tablename__ = "letters"
    __table_args__ = (
        sa.Index(
            "ix_letters_unread",
            "id",
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        ),
        sa.Index(
            "ix_letters_in_doubt",
            "id",
            sqlite_where=sa.text("doubt <> '' AND answered_at IS NULL"),
            postgresql_where=sa.text("doubt <> '' AND answered_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    received_at: Mapped[datetime] = mapped_column(index=True)
    mail_from: Mapped[str] = mapped_column(sa.String(320))
    recipient: Mapped[str] = mapped_column(sa.String(320))
    raw: Mapped[bytes] = mapped_column(sa.LargeBinary)
    size: Mapped[int]
    read_at: Mapped[datetime | None]
    kind: Mapped[Kind] = mapped_column(words(Kind), default=Kind.other)
    mark: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    from_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    about_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    acted_at: Mapped[datetime | None]
    doubt: Mapped[str] = mapped_column(sa.String(200), default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(sa.String(254), default="")
    answer: Mapped[Answer | None] = mapped_column(words(Answer))
