"""The tables behind a report: what sending took, and what stays unknown."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, Id, primary_key


class SendingWindow(Base):
    """What one worker did for one campaign within ``seconds`` from ``at``.

    ``spans`` holds a histogram for each mailer.delivery.windows.Span, ``waits`` the seconds that
    connections stood still, by reason and, where it is a pace, the relay and what the pace is
    about. ``connections`` is how many were open at most, ``allowed`` how many could have been.
    None of it is about a person.
    """

    __tablename__ = "sending_windows"

    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    worker: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    seconds: Mapped[int]
    accepted: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    deferred: Mapped[int] = mapped_column(default=0)
    unknown: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    connections: Mapped[int] = mapped_column(default=0)
    allowed: Mapped[int] = mapped_column(default=0)
    spans: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    waits: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class Cause(StrEnum):
    """Why nobody can say whether a copy arrived; each means that its final dot was written."""

    crash = "crash"
    close = "close"
    timeout = "timeout"
    garbage = "garbage"


class Resolution(StrEnum):
    """What ended the doubt: sent again, a late journal, a person's word, or news of the copy."""

    again = "again"
    journal = "journal"
    word = "word"
    bounce = "bounce"
    click = "click"
    webhook = "webhook"


class Unknown(Base):
    """One copy whose final dot was written and never answered, and what came of the doubt.

    Rows are never deleted: a second hand-over is told from the first by them. ``handed_over_at``
    is when its fence was passed; ``relay`` the host it was written to, empty if nobody knows;
    ``actor`` who decided, empty for news that came by itself.
    """

    __tablename__ = "unknowns"
    __table_args__ = (
        sa.Index("ix_unknowns_campaign_id_resolved_at", "campaign_id", "resolved_at"),
        sa.Index("ix_unknowns_delivery_id", "delivery_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"))
    delivery_id: Mapped[int] = mapped_column(Id)
    found_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    cause: Mapped[Cause] = mapped_column(words(Cause))
    relay: Mapped[str] = mapped_column(sa.String(253), default="")
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[Resolution | None] = mapped_column(words(Resolution))
    actor: Mapped[str] = mapped_column(sa.String(254), default="")
