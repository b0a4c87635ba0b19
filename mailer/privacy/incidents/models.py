"""The table of incidents; whom they affected stands in ``audience.affected``."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.db import Base, primary_key


class Incident(Base):
    """One breach of personal data, as Art. 33(5) GDPR wants it written down.

    ``happened`` is in words, since it is often known by halves; ``noticed_at`` is the first sign,
    ``aware_at`` when it was certain enough that the clocks run from then. ``people`` and
    ``records`` are about how many, None while nobody knows. ``reported_at`` and ``reference`` are
    of the report to the authority, ``unreported`` why there is none, or why it was late.
    ``banner`` stands on every page from ``banner_from`` until ``banner_until``.
    """

    __tablename__ = "incidents"

    id: Mapped[int] = primary_key()
    title: Mapped[str] = mapped_column(sa.String(200))
    happened: Mapped[str] = mapped_column(sa.Text, default="")
    noticed_at: Mapped[datetime]
    aware_at: Mapped[datetime]
    data: Mapped[str] = mapped_column(sa.Text, default="")
    people: Mapped[int | None]
    records: Mapped[int | None]
    consequences: Mapped[str] = mapped_column(sa.Text, default="")
    measures: Mapped[str] = mapped_column(sa.Text, default="")
    contact: Mapped[str] = mapped_column(sa.String(300), default="")
    reported_at: Mapped[datetime | None]
    reference: Mapped[str] = mapped_column(sa.String(200), default="")
    unreported: Mapped[str] = mapped_column(sa.Text, default="")
    banner: Mapped[str] = mapped_column(sa.String(500), default="")
    banner_from: Mapped[datetime | None]
    banner_until: Mapped[datetime | None] = mapped_column(index=True)
    created_by: Mapped[str] = mapped_column(sa.String(254))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
