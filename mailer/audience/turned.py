"""The ledger of moves: which key of an address, or of a domain, became which."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.audience import rows
from mailer.db import Base
from mailer.ledger import Entry


class TurnedKey(Entry, Base):
    """One move from a former key to what was the newest then."""

    __tablename__ = "turned_keys"
    __table_args__ = (sa.UniqueConstraint("former", "present"), {"sqlite_autoincrement": True})

    at: Mapped[datetime]
    former: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    present: Mapped[bytes] = mapped_column(sa.LargeBinary(32))

    def sealed(self) -> dict[str, object]:
        return {"at": self.at, "former": self.former, "present": self.present}


def followed(session: Session, keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return what each key is now: itself, or where the moves have led, however many there were."""
    wanted = set(keys)
    moved, asked = dict[bytes, bytes](), wanted
    while asked:
        step = moves(session, asked)
        moved |= step
        asked = set(step.values()) - moved.keys()
    return {key: end(moved, key) for key in wanted}


def moves(session: Session, keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the last move of each key that has moved."""
    is_asked = TurnedKey.former.in_(rows.given_keys(session))
    chosen = sa.select(TurnedKey.former, TurnedKey.present).where(is_asked).order_by(TurnedKey.id)
    return dict(iter(session.execute(chosen, {"keys": b"".join(keys)})))


def end(moved: dict[bytes, bytes], key: bytes) -> bytes:
    while key in moved:
        key = moved[key]
    return key
