"""Time for leases: what a dead worker held comes free only when its lease is over."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from mailer import clock
from mailer.delivery.models import Portion

LONG_AGO = timedelta(seconds=1)


def lapse(database_url: str) -> None:
    """Let every lease end now, as if the time had passed; what is being written is left alone."""
    engine = sa.create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        held = sa.select(Portion.id).where(Portion.lease_until.is_not(None))
        free = held.with_for_update(skip_locked=True).scalar_subquery()
        over = sa.update(Portion).where(Portion.id.in_(free))
        connection.execute(over.values(lease_until=clock.now() - LONG_AGO))
