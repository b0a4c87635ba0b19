"""The tables of delivery: a row per campaign and person, signing keys, trials of the opt-out."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.models import words
from mailer.db import Base, Id, primary_key


class DeliveryStatus(StrEnum):
    """What became of one person's copy. The first four are still open."""

    pending = "pending"
    claimed = "claimed"
    sending = "sending"
    deferred = "deferred"
    accepted = "accepted"
    refused = "refused"
    unknown = "unknown"
    suppressed = "suppressed"
    excluded = "excluded"
    expired = "expired"


class Delivery(Base):
    """One person's copy of one campaign: nobody without a row, nobody with two.

    ``email`` is the address as it stood when the audience was frozen; ``reason`` says in plain
    words why somebody was excluded, suppressed or refused. ``subscriber_id`` outlives the
    person's row as a bare number, since erasure must not make the sums wrong.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "subscriber_id"),
        sa.UniqueConstraint("campaign_id", "address_key"),
        sa.Index("ix_deliveries_campaign_id_status_next_at", "campaign_id", "status", "next_at"),
        sa.Index("ix_deliveries_address_key", "address_key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"))
    subscriber_id: Mapped[int] = mapped_column(Id)
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("lists.id"))
    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    email: Mapped[str] = mapped_column(sa.String(254))
    status: Mapped[DeliveryStatus] = mapped_column(words(DeliveryStatus))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    sending_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    smtp_code: Mapped[int | None]
    smtp_text: Mapped[str] = mapped_column(sa.String(200), default="")


class SigningKey(Base):
    """A sender's DKIM key; the private key is sealed with a key outside the database."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        sa.UniqueConstraint("sender_id", "selector"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    sender_id: Mapped[int] = mapped_column(sa.ForeignKey("senders.id"))
    selector: Mapped[str] = mapped_column(sa.String(63))
    algorithm: Mapped[str] = mapped_column(sa.String(10))
    sealed_private_key: Mapped[str] = mapped_column(sa.Text)
    public_key: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class OptOutTrialRow(Base):
    """One trial of a sender's opt-out; mailer.delivery.canaries says who presses.

    ``lists_left`` is how many lists the canary was taken off by the last press, None before it.
    ``key_name`` tells the key that signed her link from others. ``facts`` hold what was found,
    without the token; None while the trial is under way. None of it is about a person.
    """

    __tablename__ = "opt_out_trials"
    __table_args__ = (
        sa.Index("ix_opt_out_trials_sender_id_tried_at", "sender_id", "tried_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    sender_id: Mapped[int] = mapped_column(sa.ForeignKey("senders.id"))
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("lists.id"))
    public_url: Mapped[str] = mapped_column(sa.String(300))
    key_name: Mapped[str] = mapped_column(sa.String(16))
    tried_at: Mapped[datetime]
    lists_left: Mapped[int | None]
    facts: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
