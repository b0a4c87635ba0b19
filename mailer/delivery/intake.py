"""The ways by which letters come in: when each was last well, and what fails since when."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.audience import rows
from mailer.compliance.readiness import Intake
from mailer.db import Base
from mailer.links import Site

# What nobody has tried for so long is no way in any more: it was taken down, not broken.
GONE = timedelta(days=1)
HOUR = timedelta(hours=1)
LONGEST_FAULT = 200


class Way(StrEnum):
    """By LMTP from a mail server, or out of a mailbox."""

    lmtp = "lmtp"
    mailbox = "mailbox"


class WayIn(Base):
    """When letters last could come in this way; ``fault`` is why not since ``failing_since``."""

    __tablename__ = "ways_in"
    __table_args__ = ()

    name: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    tried_at: Mapped[datetime]
    well_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(sa.String(LONGEST_FAULT), default="")


def well(session: Session, way: Way, now: datetime) -> None:
    """Note that letters can come in this way; the caller commits."""
    note(session, way, {"tried_at": now, "well_at": now, "failing_since": None, "fault": ""})


def failed(session: Session, way: Way, fault: str, now: datetime) -> None:
    """Note why letters cannot come in this way; the caller commits."""
    before = sa.select(WayIn.failing_since).where(WayIn.name == way.value)
    since = session.scalar(before) or now
    fault = fault[:LONGEST_FAULT]
    note(session, way, {"tried_at": now, "failing_since": since, "fault": fault})


def take_turn(session: Session, way: Way, now: datetime, pause: timedelta) -> bool:
    """Tell whether it is time to look, and let nobody else look meanwhile; the caller commits."""
    statement = rows.insertion(session, WayIn).values(name=way.value, tried_at=now, fault="")
    taken = statement.on_conflict_do_update(
        index_elements=["name"], set_={"tried_at": now}, where=WayIn.tried_at <= now - pause
    )
    return session.scalar(taken.returning(WayIn.name)) is not None


def note(session: Session, way: Way, values: dict[str, Any]) -> None:
    statement = rows.insertion(session, WayIn).values(name=way.value, **{"fault": "", **values})
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def known(session: Session, site: Site, now: datetime) -> Intake | None:
    """Return what is known of letters' ways in, for R03; None where none is set up."""
    ways = session.scalars(sa.select(WayIn).order_by(WayIn.name)).all()
    tried = [one for one in ways if one.tried_at > now - GONE]
    if not (tried or site.letters):
        return None
    failing = [one for one in tried if one.failing_since is not None]
    since = [one.failing_since for one in failing if one.failing_since is not None]
    moments = [one.well_at for one in ways if one.well_at is not None]
    if not (moments or since):
        return Intake(None)
    longest = max(now - moment for moment in ([max(moments)] if moments else []) + since)
    return Intake(longest / HOUR, "; ".join(one.fault for one in failing))
