"""The tables about relays: who carries the mail, and what became of the copies sent to seeds."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.audience.words import words
from mailer.campaigns.models import Campaign
from mailer.compliance.readiness import Transfer
from mailer.db import Base, primary_key


class RegisteredRelay(Base):
    """A relay that mail is handed to, and the legal entity behind it (GDPR art. 28, 30(2)).

    ``host`` is the host name in the relay's URL; secrets stay in the settings. ``contract`` says
    what binds a processor and where it is kept; it is empty for a server of our own.
    ``contract_on`` is its day, ``review_days`` how long a review of the terms counts.
    """

    __tablename__ = "relays"

    id: Mapped[int] = primary_key()
    host: Mapped[str] = mapped_column(sa.String(253), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    legal_entity: Mapped[str] = mapped_column(sa.String(200))
    country: Mapped[str] = mapped_column(sa.String(2))
    is_own: Mapped[bool] = mapped_column(default=False)
    transfer: Mapped[Transfer] = mapped_column(words(Transfer), default=Transfer.none)
    transfer_checked_on: Mapped[date | None] = mapped_column(sa.Date)
    contract: Mapped[str] = mapped_column(sa.String(500), default="")
    contract_on: Mapped[date | None] = mapped_column(sa.Date)
    review_days: Mapped[int] = mapped_column(default=90, server_default="90")
    reviewed_on: Mapped[date | None] = mapped_column(sa.Date)
    reviewed_by: Mapped[str] = mapped_column(sa.String(254), default="")
    created_at: Mapped[datetime]


class SeedState(StrEnum):
    """What became of a seed copy; the first two are still open."""

    due = "due"
    sent = "sent"
    passed = "passed"
    failed = "failed"
    lost = "lost"
    unsent = "unsent"


class SeedResult(Base):
    """One copy of a campaign to the seed mailbox, and what the gate said of it when it came back.

    ``next_at`` is when it is to be sent or looked for; None when there is nothing more to do.
    ``ahead_of`` is the start that it went ahead of, None if somebody asked for it. ``raw`` is what
    was handed over, kept only until it is compared; the hashes (SHA-256) stay. ``covered`` is h= of
    the signature of the From domain as received, ``relay_signs`` whether the relay added it.
    """

    __tablename__ = "seed_results"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "ahead_of"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"), index=True)
    host: Mapped[str] = mapped_column(sa.String(253), index=True)
    state: Mapped[SeedState] = mapped_column(words(SeedState), default=SeedState.due)
    ahead_of: Mapped[datetime | None]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    raw: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    sent_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    received_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    list_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lists.id"))
    list_header: Mapped[str] = mapped_column(sa.String(300), default="")
    covered: Mapped[str] = mapped_column(sa.String(1000), default="")
    relay_signs: Mapped[bool] = mapped_column(default=False)
    findings: Mapped[list[dict[str, str | None]]] = mapped_column(sa.JSON, default=list)

    campaign: Mapped[Campaign] = relationship()
