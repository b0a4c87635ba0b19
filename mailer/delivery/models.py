"""The tables of delivery: a row per campaign and person; senders' keys, DNS and mailboxes."""

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
    """A sender's DKIM key; the private key is sealed with a key outside the database.

    ``verified_at``: when DNS last showed its public half. It signs from ``activated_at`` until
    ``retired_at``.
    """

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
    verified_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class DomainCheck(Base):
    """What DNS said of a sender's domains at the last look, for these two addresses.

    ``facts`` is None until DNS has answered once; ``fault`` says why it did not the last time.
    ``next_at`` is when to look again.
    """

    __tablename__ = "domain_checks"

    id: Mapped[int] = primary_key()
    sender_id: Mapped[int] = mapped_column(sa.ForeignKey("senders.id"), unique=True)
    from_address: Mapped[str] = mapped_column(sa.String(254))
    reply_to: Mapped[str] = mapped_column(sa.String(254))
    checked_at: Mapped[datetime | None]
    next_at: Mapped[datetime]
    facts: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    fault: Mapped[str] = mapped_column(sa.String(200), default="")


class ReplyProbe(Base):
    """A letter to a sender's own reply mailbox, whose reader presses the link in it.

    ``due_at`` is when it should leave (None: it left, or was given up); ``fault`` is what the
    relay said against it.
    """

    __tablename__ = "reply_probes"
    __table_args__ = (
        sa.Index("ix_reply_probes_sender_id", "sender_id"),
        sa.Index("ix_reply_probes_due_at", "due_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    sender_id: Mapped[int] = mapped_column(sa.ForeignKey("senders.id"))
    address: Mapped[str] = mapped_column(sa.String(254))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(sa.String(200), default="")
