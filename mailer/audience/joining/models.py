"""The tables of sign-up: what was typed and waits, which mails were asked for, which have left."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.db import Base, Id, primary_key


class SignUp(Base):
    """What a visitor has sent, until it is taken up; then the row is deleted.

    ``list_id`` is the list she asks for, None when she asks for the link to her own page.
    ``given`` holds what was typed, and the evidence of the request.
    """

    __tablename__ = "sign_ups"

    id: Mapped[int] = primary_key()
    at: Mapped[datetime]
    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    list_id: Mapped[int | None] = mapped_column(Id)
    given: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class AskedMail(Base):
    """One mail that somebody had sent to a mailbox; names nobody, and is forgotten in a week.

    ``list_id`` is None for the link to her own page, 0 for a letter about a change of address.
    A link to a reader's own page is owed to ``subscriber_id`` while ``due_at`` is set; what a
    confirmation is owed stands at its subscription.
    """

    __tablename__ = "asked_mails"
    __table_args__ = (
        sa.Index("ix_asked_mails_mailbox_key_at", "mailbox_key", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    at: Mapped[datetime] = mapped_column(index=True)
    mailbox_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    list_id: Mapped[int | None] = mapped_column(Id)
    subscriber_id: Mapped[int | None] = mapped_column(Id)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)


class LeftMail(Base):
    """When one such mail went to a relay: the hour's budget is counted here."""

    __tablename__ = "left_mails"

    id: Mapped[int] = primary_key()
    at: Mapped[datetime] = mapped_column(index=True)
