"""The tables of campaigns: what is said, by whom, to which lists, and in which state."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mailer.audience.models import MailingList, Sender
from mailer.audience.segments.models import Segment
from mailer.audience.words import words
from mailer.compliance.candidate import Kind
from mailer.compliance.inputs import Relation
from mailer.db import Base, Id, primary_key


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
campaign_segments = sa.Table(
    "campaign_segments",
    Base.metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("segment_id", sa.ForeignKey("segments.id"), primary_key=True),
)
campaign_exclusions = sa.Table(
    "campaign_exclusions",
    Base.metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("segment_id", sa.ForeignKey("segments.id"), primary_key=True),
)


class Campaign(Base):
    """One mailing.

    ``text`` is the author's own text part; empty means that it is generated from the body.
    ``hold_reason`` says why a paused or unscheduled campaign waits for a person (the gate's
    refusal, a relay that will not answer); empty when a person paused it herself.
    ``revision`` grows with each edit, so that a stale form overwrites nothing.
    ``kind_reason`` says why it is not taken for commercial mail. ``dealing_field`` names what is
    kept about each reader that refers to her dealing of ``dealing_relation`` (an order number).
    ``offer_claims`` holds one percentage or price a line, ``offer_ends_at`` is read on the clocks
    of ``offer_zone``. ``advertisers`` are others whose products it promotes, one a line.
    ``synonyms`` pairs words of the subject with words of the body, one pair a line.
    ``topic_id`` is the topic it is about: then it reaches those who chose it, or chose none.
    ``ruleset`` is the version of the rules that it was started under; a later one is not its own.
    ``is_asking``: it asks its readers for their consent anew, and reaches those alone who may be
    asked (``delivery/asking.py``).
    ``incident_id``: it tells those whom that incident affected, whatever mail they want otherwise.
    Its audience are the readers of its lists, of these those in any of ``segments`` if there are
    any, and of these those in none of ``exclusions``.
    """

    __tablename__ = "campaigns"

    id: Mapped[int] = primary_key()
    sender_id: Mapped[int] = mapped_column(sa.ForeignKey("senders.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    subject: Mapped[str] = mapped_column(sa.String(255))
    kind: Mapped[Kind] = mapped_column(words(Kind), default=Kind.commercial)
    kind_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    dealing_relation: Mapped[Relation | None] = mapped_column(words(Relation))
    dealing_field: Mapped[str] = mapped_column(sa.String(50), default="")
    is_asking: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    is_adult: Mapped[bool] = mapped_column(default=False)
    advertisers: Mapped[str] = mapped_column(sa.String(1000), default="")
    is_own_promoted: Mapped[bool] = mapped_column(default=True)
    are_opt_outs_shared: Mapped[bool] = mapped_column(default=False)
    offer_starts_at: Mapped[datetime | None]
    offer_ends_at: Mapped[datetime | None]
    offer_zone: Mapped[str] = mapped_column(sa.String(64), default="UTC")
    offer_terms: Mapped[str] = mapped_column(sa.String(2000), default="")
    offer_claims: Mapped[str] = mapped_column(sa.String(1000), default="")
    synonyms: Mapped[str] = mapped_column(sa.String(1000), default="")
    topic_id: Mapped[int | None] = mapped_column(Id)
    incident_id: Mapped[int | None] = mapped_column(Id)
    ruleset: Mapped[str] = mapped_column(sa.String(20), default="")
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
    segments: Mapped[list[Segment]] = relationship(secondary=campaign_segments, order_by=Segment.id)
    exclusions: Mapped[list[Segment]] = relationship(
        secondary=campaign_exclusions, order_by=Segment.id
    )

    @property
    def is_notice(self) -> bool:
        """Tell whether it is a service notice to those whom an incident affected."""
        return self.incident_id is not None and self.kind is Kind.service
