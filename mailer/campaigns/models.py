"""The tables of campaigns: what is said, by whom, to which lists, and in which state."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.audience.models import MailingList, Sender, words
from mailer.compliance.candidate import Kind
from mailer.db import Base, primary_key


class CampaignStatus(StrEnum):
    draft = "draft"
    scheduled = "scheduled"
    running = "running"
    paused = "paused"
    cancelled = "cancelled"
    finished = "finished"


class ContentType(StrEnum):
    markdown = "markdown"
    html = "html"


campaign_lists = sa.Table(
    "campaign_lists",
    Base.metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("list_id", sa.ForeignKey("lists.id"), primary_key=True),
)


class Campaign(Base):
    """One mailing.

    ``text`` is the author's own text part; empty means that it is generated from the body.
    ``hold_reason`` says why a paused or unscheduled campaign waits for a person (the gate's
    refusal, a relay that will not answer); empty when a person paused it herself.
    ``revision`` grows with each edit, so that a stale form overwrites nothing.
    """

    __tablename__ = "campaigns"

    id: Mapped[int] = primary_key()
    sender_id: Mapped[int] = mapped_column(sa.ForeignKey("senders.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    subject: Mapped[str] = mapped_column(sa.String(255))
    kind: Mapped[Kind] = mapped_column(words(Kind), default=Kind.commercial)
    content_type: Mapped[ContentType] = mapped_column(
        words(ContentType), default=ContentType.markdown
    )
    body: Mapped[str] = mapped_column(sa.Text, default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")
    status: Mapped[CampaignStatus] = mapped_column(
        words(CampaignStatus), default=CampaignStatus.draft, index=True
    )
    hold_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    revision: Mapped[int] = mapped_column(default=1)
    send_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    sender: Mapped[Sender] = relationship()
    lists: Mapped[list[MailingList]] = relationship(
        secondary=campaign_lists, order_by=MailingList.id
    )
