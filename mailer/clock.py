"""The time of day, read here and only by entry points: everything below takes ``now``."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the one place


def of_database(session: Session) -> Callable[[], datetime]:
    """Return a clock set by the database's, which goes on by itself and never jumps.

    Machines whose own clocks differ thereby agree on leases and on what is due.
    """
    began = now()
    if session.get_bind().dialect.name == "postgresql":
        moment = sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))
        began = session.scalars(sa.select(moment)).one()
    at = time.monotonic()
    return lambda: began + timedelta(seconds=time.monotonic() - at)
