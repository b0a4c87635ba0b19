"""Who works on a batch: taken by lease, held with each step, given back or run out."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.imports.models import AT_WORK, Import, State
from mailer.audience.imports.reading import chunks

# Renewed with each step, of which there are some in a second.
LEASE = timedelta(seconds=30)


def due(session: Session, now: datetime) -> Sequence[int]:
    """Return the batches that wait for a process to work on them."""
    chosen = sa.select(Import.id).where(Import.state.in_(AT_WORK), is_free(now))
    return session.scalars(chosen.order_by(Import.id)).all()


def claim(session: Session, batch_id: int, lease: str, now: datetime) -> bool:
    """Take a batch that nobody works on; False when somebody does, or nothing is to be done."""
    taken = session.execute(
        sa.update(Import)
        .where(Import.id == batch_id, Import.state.in_(AT_WORK), is_free(now))
        .values(lease=lease, lease_until=now + LEASE)
        .returning(Import.id)
    )
    return taken.scalar_one_or_none() is not None


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(Import.lease.is_(None), Import.lease_until <= now)


def hold(session: Session, batch_id: int, lease: str, now: datetime, **values: object) -> bool:
    """Go on holding a batch and note its progress; False when it was taken away.

    The row stays locked until the transaction ends: nobody takes it in the middle of a step.
    """
    held = session.execute(
        sa.update(Import)
        .where(Import.id == batch_id, Import.lease == lease)
        .values(lease_until=now + LEASE, **values)
        .returning(Import.id)
    )
    return held.scalar_one_or_none() is not None


def release(session: Session, batch_id: int, lease: str) -> None:
    session.execute(
        sa.update(Import)
        .where(Import.id == batch_id, Import.lease == lease)
        .values(lease=None, lease_until=None)
    )


def stop(session: Session, now: datetime, batch_id: int, lease: str, problem: str) -> None:
    """Lay a batch aside after a fault, so that a person decides whether it goes on."""
    batch = session.get_one(Import, batch_id, populate_existing=True)
    if batch.lease == lease:
        is_running = batch.state is State.running
        batch.state = State.paused if is_running else State.failed
        batch.problem, batch.lease, batch.lease_until = problem, None, None
        if not is_running:
            batch.finished_at = now
            chunks.forget(session, batch_id)
