"""Time for leases: what a dead worker held comes free only when its lease is over."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from mailer import clock
from mailer.delivery.models import Delivery

LONG_AGO = timedelta(seconds=1)


def outlive_workers() -> bool:
    """Tell whether each row holds a lease of its own, which only time ends.

    Such an engine knows nothing of a process that died until LEASE is over; one with a journal
    does.
    """
    return "lease_until" in Delivery.__table__.columns


def lapse(database_url: str) -> None:
    """Let every lease end now, as if the time had passed; what is being written is left alone."""
    engine = sa.create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        for table in Delivery.metadata.sorted_tables:
            if "lease_until" in table.columns:
                held = sa.select(table.c.id).where(table.c.lease_until.is_not(None))
                free = held.with_for_update(skip_locked=True).scalar_subquery()
                over = sa.update(table).where(table.c.id.in_(free))
                connection.execute(over.values(lease_until=clock.now() - LONG_AGO))
