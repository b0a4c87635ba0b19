"""The tables of readers' wishes: topics, who chose which, what was wished when, why people left."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, Id, primary_key

subscription_topics = sa.Table(
    "subscription_topics",
    Base.metadata,
    sa.Column(
        "subscription_id", sa.ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("topic_id", sa.ForeignKey("topics.id"), primary_key=True),
)


class LeavingReason(StrEnum):
    """What a reader may press after she has left."""

    too_often = "too often"
    not_for_me = "not for me"
    never_asked = "never asked"
    other = "other"


class Topic(Base):
    """What a list writes about, among other things. Closed, never deleted: campaigns name it."""

    __tablename__ = "topics"
    __table_args__ = (sa.UniqueConstraint("list_id", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = primary_key()
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("lists.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    is_open: Mapped[bool] = mapped_column(default=True)


class Wish(Base):
    """One change that a reader made on her own page, in words, for her timeline."""

    __tablename__ = "wishes"

    id: Mapped[int] = primary_key()
    at: Mapped[datetime]
    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    list_id: Mapped[int | None] = mapped_column(Id)
    words: Mapped[str] = mapped_column(sa.String(300))


class Leaving(Base):
    """Why a reader left, if she said so; the refusal that it belongs to names the message."""

    __tablename__ = "leaving_reasons"
    __table_args__ = ()

    suppression_id: Mapped[int] = mapped_column(sa.ForeignKey("suppressions.id"), primary_key=True)
    reason: Mapped[LeavingReason] = mapped_column(words(LeavingReason))
