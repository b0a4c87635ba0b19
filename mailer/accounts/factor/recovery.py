"""Recovery codes: ten keys on paper, each for one sign-in, kept as hashes."""

import hashlib
import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.accounts.models import User
from mailer.db import Base, Id, primary_key

NUMBER = 10
# What nobody takes for another letter. 16 of them are 79 bits: too many to be tried, even where
# the hash is a quick one.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH, GROUP = 16, 4


class RecoveryCode(Base):
    """One code, as its SHA-256 in hexadecimal. ``used_at`` is when it let its owner in."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = mapped_column(
        Id, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    hashed: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None]


def renew(session: Session, user: User) -> list[str]:
    """Give somebody new codes in place of all older ones, and return them: this once."""
    forget(session, user)
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(NUMBER)]
    session.add_all(RecoveryCode(user_id=user.id, hashed=hashed(user, code)) for code in codes)
    session.flush()
    return ["-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP)) for code in codes]


def use(session: Session, user: User, given: str, now: datetime) -> bool:
    """Use a code up; False when it is none of hers, or was used. Spaces and case do not count."""
    code = "".join(one for one in given.lower() if one.isalnum())
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.hashed == hashed(user, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def left(session: Session, user: User) -> int:
    """Return how many codes still open."""
    hers = RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    return session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode).where(*hers)) or 0


def forget(session: Session, user: User) -> None:
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def hashed(user: User, code: str) -> str:
    """Return what is kept of a code; with the number of its owner, so that no two are alike."""
    return hashlib.sha256(f"{user.id}/{code}".encode()).hexdigest()
