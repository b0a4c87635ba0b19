"""The tables of changes of address: what was asked for, and each mailbox's letter."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.audience.models import Subscriber
from mailer.audience.words import words
from mailer.db import Base, primary_key


class Side(StrEnum):
    """Which of a change's two mailboxes."""

    old = "old"
    new = "new"


class AddressChange(Base):
    """A reader's wish to get her mail elsewhere. The row goes when nothing comes of it.

    ``due_at`` is when its letters should leave, None when none is owed. Of one that is done the
    keys and the times stay: they tie what she decided at one address to the other. ``email``, the
    new address, is then blank.
    """

    __tablename__ = "address_changes"

    id: Mapped[int] = primary_key()
    subscriber_id: Mapped[int] = mapped_column(
        sa.ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    old_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    new_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    email: Mapped[str] = mapped_column(sa.String(254))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]

    subscriber: Mapped[Subscriber] = relationship()
    letters: Mapped[list["AddressLetter"]] = relationship(
        back_populates="change",
        order_by="AddressLetter.id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class AddressLetter(Base):
    """The letter to one of the two mailboxes, and whether its button was pressed.

    ``message_id`` is empty until it has left. ``given`` holds the evidence of the press until the
    change is done; the consent ledger keeps it then.
    """

    __tablename__ = "address_letters"
    __table_args__ = (sa.UniqueConstraint("change_id", "side"), {"sqlite_autoincrement": True})

    id: Mapped[int] = primary_key()
    change_id: Mapped[int] = mapped_column(sa.ForeignKey("address_changes.id", ondelete="CASCADE"))
    side: Mapped[Side] = mapped_column(words(Side))
    message_id: Mapped[str] = mapped_column(sa.String(254), default="")
    pressed_at: Mapped[datetime | None]
    given: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))

    change: Mapped[AddressChange] = relationship(back_populates="letters")
