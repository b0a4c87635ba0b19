"""The tables of pacing: what people allow, what relays asked for, and who has how many lines."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.db import Base, Id, primary_key


class About(StrEnum):
    """What a limit or a pace is about, at one relay."""

    relay = "relay"
    recipients = "recipients"
    sender = "sender"


class Limit(Base):
    """What a person allows at a relay: in all, to one domain's readers, or from one sender domain.

    ``per_second`` messages, ``connections`` at a time of all workers together, ``per_day``
    messages in a day (UTC). From ``warm_from`` on that ceiling begins low and doubles daily until
    it is ``per_day``. None is no limit. ``domain`` is empty when it is about the relay.
    """

    __tablename__ = "limits"
    __table_args__ = (
        sa.UniqueConstraint("host", "about", "domain"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    host: Mapped[str] = mapped_column(sa.String(253))
    about: Mapped[About] = mapped_column(words(About))
    domain: Mapped[str] = mapped_column(sa.String(253), default="")
    per_second: Mapped[float | None] = mapped_column(sa.Float)
    connections: Mapped[int | None]
    per_day: Mapped[int | None]
    warm_from: Mapped[date | None] = mapped_column(sa.Date)


class Pace(Base):
    """How fast mail goes, shared by all workers: the next free moment, and what relays asked for.

    ``free_at``: the moment from which nothing is promised to any worker yet. ``used`` messages of
    ``day`` are promised. A relay that asked for less is sent ``slowed_to`` a second at
    ``slowed_at``, and more as time goes by. It is left alone until ``closed_until``; then
    ``prober`` alone tries, ``trips`` times so far in a row.
    """

    __tablename__ = "paces"

    host: Mapped[str] = mapped_column(sa.String(253), primary_key=True)
    about: Mapped[About] = mapped_column(words(About), primary_key=True)
    domain: Mapped[str] = mapped_column(sa.String(253), primary_key=True)
    free_at: Mapped[datetime | None]
    day: Mapped[date | None] = mapped_column(sa.Date)
    used: Mapped[int] = mapped_column(Id, default=0)
    slowed_to: Mapped[float | None] = mapped_column(sa.Float)
    slowed_at: Mapped[datetime | None]
    closed_until: Mapped[datetime | None]
    prober: Mapped[str] = mapped_column(sa.String(32), default="")
    trips: Mapped[int] = mapped_column(default=0)


class Crew(Base):
    """How many lines to a relay one worker may have open, and would like to, ``until`` then."""

    __tablename__ = "crews"

    host: Mapped[str] = mapped_column(sa.String(253), primary_key=True)
    worker: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    lines: Mapped[int]
    wanted: Mapped[int]
    until: Mapped[datetime]
