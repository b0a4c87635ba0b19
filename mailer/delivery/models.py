"""The tables of delivery: a row per campaign and person, keys, trials, and what sends prove."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, Id, primary_key
from mailer.ledger import Entry


class DeliveryStatus(StrEnum):
    """What became of one person's copy. The first four are still open.

    ``claimed`` is counted, never stored: whose turn is next is told by the portion she is in.
    """

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
    person's row as a bare number, since erasure must not make the sums wrong. ``crashes`` counts
    how often a sending process ended while it wrote her copy.

    ``campaign_id`` and ``list_id`` are bare numbers, too: both come from the statement that freezes
    an audience, out of rows that are never deleted. Foreign keys would ask for them once more,
    person by person, which took a third of the freezing.

    Two updates bring a row to its outcome. No index holds what they change and pages are half
    empty, so PostgreSQL writes the new version beside the old one and touches no index.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "subscriber_id"),
        sa.UniqueConstraint("address_key", "campaign_id"),
        {"sqlite_autoincrement": True, "postgresql_with": {"fillfactor": 40}},
    )

    id: Mapped[int] = primary_key()
    campaign_id: Mapped[int] = mapped_column(Id)
    subscriber_id: Mapped[int] = mapped_column(Id)
    list_id: Mapped[int] = mapped_column(Id)
    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    email: Mapped[str] = mapped_column(sa.String(254))
    status: Mapped[DeliveryStatus] = mapped_column(words(DeliveryStatus))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    sending_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    smtp_code: Mapped[int | None]
    smtp_text: Mapped[str] = mapped_column(sa.String(200), default="")


class Portion(Base):
    """A run of one campaign's deliveries that one sending process works on at a time.

    Its people are the campaign's deliveries from ``first_id`` to ``last_id``. ``next_at`` is when
    the first of them is due, None once nobody waits. Whoever knows ``lease`` holds it until
    ``lease_until``; nobody else sends to its people.

    ``people``, ``open_ones`` (those without an outcome), ``accepted`` and ``counts`` are what a
    report reads instead of its rows. They hold while ``counts`` is not None: it is None while
    somebody works on the portion. ``is_final``: its rows are gone, or going, and the figures stay.
    """

    __tablename__ = "portions"
    __table_args__ = (
        sa.Index("ix_portions_campaign_id_next_at", "campaign_id", "next_at"),
        sa.Index("ix_portions_lease_until", "lease_until"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"))
    first_id: Mapped[int] = mapped_column(Id)
    last_id: Mapped[int] = mapped_column(Id)
    next_at: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    lease_until: Mapped[datetime | None]
    people: Mapped[int] = mapped_column(default=0)
    open_ones: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    is_final: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class Override(Base):
    """A warning of the gate that a named person accepted for one campaign, and why.

    ``finding`` is the fingerprint of what the gate said: a text that makes it say something else
    makes the override void. Rows are never changed or deleted.
    """

    __tablename__ = "overrides"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "finding"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"))
    rule: Mapped[str] = mapped_column(sa.String(10))
    finding: Mapped[str] = mapped_column(sa.String(64))
    reason: Mapped[str] = mapped_column(sa.String(400))
    actor: Mapped[str] = mapped_column(sa.String(254))
    ruleset: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime]


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


class Occasion(StrEnum):
    """What a certificate was written on."""

    start = "start"
    resume = "resume"
    end = "end"


class Certificate(Entry, Base):
    """One sealed page of a send's record; mailer.ledger chains the pages of all campaigns.

    ``source`` is the digest of what was approved: words, facts and sender. ``content`` is JSON.
    ``signature`` (Ed25519, base64) is over what the page states, and is sealed with it.
    """

    __tablename__ = "certificates"
    __table_args__ = ({"sqlite_autoincrement": True},)

    at: Mapped[datetime]
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"), index=True)
    occasion: Mapped[Occasion] = mapped_column(words(Occasion))
    source: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[str] = mapped_column(sa.Text)
    public_key: Mapped[str] = mapped_column(sa.String(44))
    signature: Mapped[str] = mapped_column(sa.String(88))

    def stated(self) -> dict[str, object]:
        return {
            "at": self.at,
            "campaign": self.campaign_id,
            "occasion": self.occasion.value,
            "source": self.source,
            "content": self.content,
            "public_key": self.public_key,
        }

    def sealed(self) -> dict[str, object]:
        return self.stated() | {"signature": self.signature}


class JudgedKind(Base):
    """A kind of copy that was judged in full, by the digest of what its copies have in common."""

    __tablename__ = "judged_kinds"

    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


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
