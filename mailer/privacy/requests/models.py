"""The tables of the desk: requests, what people are told, and the proofs of their mailboxes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, Id, primary_key
from mailer.privacy.clocks import Regime
from mailer.privacy.requests.words import About, Channel, Kind, Outcome, State, Way


def untold(table: str) -> sa.Index:
    """Return the index of who is still to be told: the desk's page counts them each time."""
    still = sa.text("told_at IS NULL")
    return sa.Index(f"ix_{table}_untold", "request_id", sqlite_where=still, postgresql_where=still)


class Request(Base):
    """One request of one person. What was done about it, step by step, stands in the audit log.

    ``email`` is kept while the request is open, ``address_key`` until two years after it was
    closed. ``paused_for`` is how long (s) the clock stood; ``citation`` is who says ``due_at``.
    ``assignee`` and ``identified_by`` are for reading: a colleague's address, the kind of proof.
    ``home`` is where she says that she lives (``homes``); ``agent`` who asks in her name, and goes
    with the address. ``also`` is the law of the sender's country, where hers is another one.
    """

    __tablename__ = "privacy_requests"
    __table_args__ = (
        sa.Index("ix_privacy_requests_state_due_at", "state", "due_at"),
        # Both times, so that how long answers took is counted without the rows themselves.
        sa.Index("ix_privacy_requests_closed_at", "closed_at", "received_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    kind: Mapped[Kind] = mapped_column(words(Kind))
    regime: Mapped[Regime] = mapped_column(words(Regime))
    also: Mapped[Regime | None] = mapped_column(words(Regime, "also"))
    channel: Mapped[Channel] = mapped_column(words(Channel))
    state: Mapped[State] = mapped_column(words(State), default=State.received)
    address_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    agent: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    home: Mapped[str] = mapped_column(sa.String(5), default="", server_default="")
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
    closed_at: Mapped[datetime | None]

    @property
    def laws(self) -> tuple[Regime, ...]:
        return (self.regime, self.also) if self.also else (self.regime,)

    @property
    def is_open(self) -> bool:
        return self.state is not State.closed

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the answer is late; the clock of a paused request stands."""
        return self.state in {State.received, State.identified} and now > self.due_at

    @property
    def confirm_until(self) -> datetime | None:
        """By when its receipt must still be confirmed, None where nothing is to be confirmed."""
        is_owed = self.is_open and self.confirmed_at is None
        return self.confirm_by if is_owed else None


class Challenge(Base):
    """What somebody asked for on the page, and the link that proves her mailbox.

    ``given`` is what was typed, until it is taken up; a row without a reader is then deleted.
    ``due_at`` is when the mail should leave (None: none is owed); ``used_at`` makes it single-use.
    ``request_id`` is the request, entered by staff, whose person this proves.
    """

    __tablename__ = "privacy_challenges"

    id: Mapped[int] = primary_key()
    at: Mapped[datetime]
    kind: Mapped[Kind] = mapped_column(words(Kind))
    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    given: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))
    subscriber_id: Mapped[int | None] = mapped_column(Id)
    home: Mapped[str] = mapped_column(sa.String(5), default="", server_default="")
    request_id: Mapped[int | None] = mapped_column(Id)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Notice(Base):
    """What a person was told about her request, or is to be told by a mail that is owed.

    ``email`` is kept until the mail has left or she was told in another way. ``due_at`` is when
    it should leave (None: none is owed), ``told_at`` when she was told; ``fault`` why it has not.
    """

    __tablename__ = "privacy_notices"
    __table_args__ = (untold("privacy_notices"), {"sqlite_autoincrement": True})

    id: Mapped[int] = primary_key()
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("privacy_requests.id"), index=True)
    about: Mapped[About] = mapped_column(words(About))
    way: Mapped[Way] = mapped_column(words(Way))
    words: Mapped[str] = mapped_column(sa.Text, default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(sa.String(300), default="")

    @property
    def is_stuck(self) -> bool:
        """Tell whether a person must see to it that she is told."""
        return self.told_at is None and self.due_at is None and self.email != ""


class Recipient(Base):
    """Somebody who has the data and must be told what was done about it (Art. 19 GDPR)."""

    __tablename__ = "privacy_recipients"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "name"),
        untold("privacy_recipients"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("privacy_requests.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    told_at: Mapped[datetime | None]
    told_by: Mapped[str] = mapped_column(sa.String(254), default="")
