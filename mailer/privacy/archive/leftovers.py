"""Archives that are kept no longer: whoever they were made for fetched them, or never did."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.privacy.archive.models import Archive, ArchivePiece


def is_over(edge: datetime, now: datetime) -> sa.ColumnElement[bool]:
    """Ask, in SQL, for archives of before the edge whose link is dead, or that never came about."""
    dead = sa.or_(Archive.expires_at.is_(None), Archive.expires_at < now)
    began = sa.func.coalesce(Archive.made_at, Archive.asked_at)
    return sa.and_(Archive.due_at.is_(None), dead, began < edge)


def drop(session: Session, which: sa.ColumnElement[bool]) -> int:
    """Throw archives away, and that there were any; return how many."""
    found = session.scalars(sa.select(Archive.id).where(which)).all()
    session.execute(sa.delete(ArchivePiece).where(ArchivePiece.archive_id.in_(found)))
    session.execute(sa.delete(Archive).where(Archive.id.in_(found)))
    return len(found)
