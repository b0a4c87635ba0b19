"""What readers wished on their own pages, in words: kept for their timelines, and for them."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.wishes.models import Wish


def record(session: Session, now: datetime, key: bytes, words: str, list_id: int | None) -> None:
    """Keep one change of the person behind an address key; about one list, or about all mail."""
    session.add(Wish(at=now, address_key=key, list_id=list_id, words=words[:300]))
    session.flush()


def history(session: Session, key: bytes) -> Sequence[Wish]:
    """Return all wishes of one person, oldest first."""
    return session.scalars(sa.select(Wish).where(Wish.address_key == key).order_by(Wish.id)).all()


def forget(session: Session, key: bytes) -> None:
    """Throw away the wishes of a person who is being erased."""
    session.execute(sa.delete(Wish).where(Wish.address_key == key))
