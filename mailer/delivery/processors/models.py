"""The table of services, besides the relays, that readers' data is handed to."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.compliance.readiness import Transfer
from mailer.db import Base, primary_key


class Role(StrEnum):
    """Who decides what the data is used for (GDPR art. 4(7), 4(8), 26)."""

    processor = "processor"
    joint = "joint"
    controller = "controller"


class Service(Base):
    """A service that readers' data is handed to, and the legal entity behind it (GDPR art. 30).

    ``contract`` says what binds it and where that is kept, ``contract_on`` is its day.
    ``review_days`` is how long a review of its terms counts. From ``ended_on`` on nothing is handed
    to it any more; its record stays as evidence.
    """

    __tablename__ = "processors"

    id: Mapped[int] = primary_key()
    name: Mapped[str] = mapped_column(sa.String(100), unique=True)
    role: Mapped[Role] = mapped_column(words(Role), default=Role.processor)
    services: Mapped[str] = mapped_column(sa.String(300))
    legal_entity: Mapped[str] = mapped_column(sa.String(200))
    country: Mapped[str] = mapped_column(sa.String(2))
    transfer: Mapped[Transfer] = mapped_column(words(Transfer), default=Transfer.none)
    transfer_checked_on: Mapped[date | None] = mapped_column(sa.Date)
    contract: Mapped[str] = mapped_column(sa.String(500), default="")
    contract_on: Mapped[date | None] = mapped_column(sa.Date)
    review_days: Mapped[int] = mapped_column(default=90)
    reviewed_on: Mapped[date | None] = mapped_column(sa.Date)
    reviewed_by: Mapped[str] = mapped_column(sa.String(254), default="")
    ended_on: Mapped[date | None] = mapped_column(sa.Date)
    created_at: Mapped[datetime]
