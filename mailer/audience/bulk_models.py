"""The tables of bulk acts: one thing done to a fixed set of readers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, Id, primary_key


class Deed(StrEnum):
    """What can be done to many at once. Nothing here puts anybody on a list or lifts a refusal."""

    unsubscribe = "unsubscribe"
    suppress = "suppress"
    disable = "disable"
    enable = "enable"
    set_field = "set-field"


class BulkAct(Base):
    """One act. Its people are those of BulkMember up to ``people`` of them, set down at once.

    ``details`` names the list, or the field and its value; ``done`` counts those who were gone
    through, up to ``last_id`` in the order of readers, ``changed`` those to whom it made a
    difference.
    """

    __tablename__ = "bulk_acts"

    id: Mapped[int] = primary_key()
    deed: Mapped[Deed] = mapped_column(words(Deed))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    note: Mapped[str] = mapped_column(sa.String(300))
    actor: Mapped[str] = mapped_column(sa.String(254))
    people: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    last_id: Mapped[int] = mapped_column(Id, default=0)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)


class BulkMember(Base):
    """One reader of a bulk act, as a bare number that outlives her row."""

    __tablename__ = "bulk_members"
    __table_args__ = ()

    act_id: Mapped[int] = mapped_column(sa.ForeignKey("bulk_acts.id"), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(Id, primary_key=True, index=True)
