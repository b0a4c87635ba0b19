"""The tables of the policy: what staff wrote between the facts, and each version as it stood."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, primary_key


class Page(StrEnum):
    """The two pages that are kept in versions."""

    privacy = "privacy"
    cookies = "cookies"


class PolicyText(Base):
    """What staff wrote (Markdown) behind the facts of one section; ``place`` is its key."""

    __tablename__ = "policy_texts"
    __table_args__ = (sa.UniqueConstraint("page", "place"), {"sqlite_autoincrement": True})

    id: Mapped[int] = primary_key()
    page: Mapped[Page] = mapped_column(words(Page))
    place: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text)


class PolicyVersion(Base):
    """A page as it stood from ``at`` on, in lines of plain text; never changed afterwards.

    ``digest`` is the SHA-256 of ``content``. ``actor`` is who of the staff wrote it, empty where
    a setting changed and the program noted it.
    """

    __tablename__ = "policy_versions"
    __table_args__ = (sa.UniqueConstraint("page", "number"), {"sqlite_autoincrement": True})

    id: Mapped[int] = primary_key()
    page: Mapped[Page] = mapped_column(words(Page))
    number: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(254), default="")
    digest: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[str] = mapped_column(sa.Text)
