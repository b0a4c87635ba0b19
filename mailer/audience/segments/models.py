"""The tables of fields and segments."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, primary_key


class FieldKind(StrEnum):
    """What a field holds, as the pages call it."""

    text = "text"
    number = "number"
    date = "date"
    yes_no = "yes-no"
    choice = "choice"
    country = "country"


class Field(Base):
    """One thing that is kept about readers, under ``key`` in their attributes.

    ``choices`` holds one value a line. ``is_hers`` says that readers may change their own.
    ``exception`` is an owner's reason to keep it although it looks sensitive.
    """

    __tablename__ = "fields"

    id: Mapped[int] = primary_key()
    key: Mapped[str] = mapped_column(sa.String(50), unique=True)
    label: Mapped[str] = mapped_column(sa.String(100))
    kind: Mapped[FieldKind] = mapped_column(words(FieldKind))
    choices: Mapped[str] = mapped_column(sa.String(2000), default="")
    is_hers: Mapped[bool] = mapped_column(default=False)
    exception: Mapped[str] = mapped_column(sa.String(500), default="")
    created_at: Mapped[datetime]

    @property
    def offered(self) -> list[str]:
        return self.choices.splitlines()


class Segment(Base):
    """A named rule; ``rules`` is the tree as mailer.audience.segments.rules reads and checks it."""

    __tablename__ = "segments"

    id: Mapped[int] = primary_key()
    name: Mapped[str] = mapped_column(sa.String(100), unique=True)
    rules: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
