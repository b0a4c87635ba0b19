"""The tables of the desk: the register of requests, and the challenges that prove a mailbox."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, Id, primary_key
from mailer.privacy.clocks import Regime
from mailer.privacy.requests.words import Channel, Kind, Outcome, State


class Request(Base):
    """One request of one person. What was done about it, step by step, stands in the audit log.

    ``email`` is kept while the request is open, ``address_key`` until two years after it was
    closed. ``paused_for`` is how long (s) the clock stood; ``citation`` is who says ``due_at``.
    ``assignee`` and ``identified_by`` are for reading: a colleague's address, the kind of proof.
    """

    __tablename__ = "privacy_requests"
    __table_args__ = (
        sa.Index("ix_privacy_requests_state_due_at", "state", "due_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    kind: Mapped[Kind] = mapped_column(words(Kind))
    regime: Mapped[Regime] = mapped_column(words(Regime))
    channel: Mapped[Channel] = mapped_column(words(Channel))
    state: Mapped[State] = mapped_column(words(State), default=State.received)
    address_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    wish: Mapped[str] = mapped_column(sa.Text, default="")
    received_at: Mapped[datetime]
    confirm_by: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    citation: Mapped[str] = mapped_column(sa.String(200))
    extended_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_for: Mapped[int] = mapped_column(default=0)
    identified_at: Mapped[datetime | None]
    identified_by: Mapped[str] = mapped_column(sa.String(20), default="")
    assignee: Mapped[str] = mapped_column(sa.String(254), default="")
    outcome: Mapped[Outcome | None] = mapped_column(words(Outcome))
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    evidence: Mapped[str] = mapped_column(sa.Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(index=True)

    @property
    def is_open(self) -> bool:
        return self.state is not State.closed

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the answer is late; the clock of a paused request stands."""
        return self.state in {State.received, State.identified} and now > self.due_at


class Challenge(Base):
    """What somebody asked for on the page, and the link that proves her mailbox.

    ``given`` is what was typed, until it is taken up; a row without a reader is then deleted.
    ``due_at`` is when the mail should leave (None: none is owed); ``used_at`` makes it single-use.
    """

    __tablename__ = "privacy_challenges"

    id: Mapped[int] = primary_key()
    at: Mapped[datetime]
    kind: Mapped[Kind] = mapped_column(words(Kind))
    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    given: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))
    subscriber_id: Mapped[int | None] = mapped_column(Id)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
