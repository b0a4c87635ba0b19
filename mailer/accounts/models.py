"""The tables of accounts: users, their roles, and the audit log of what they did."""

import re
from datetime import datetime

import sqlalchemy as sa
from flask_security import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from mailer.db import Base, Id, primary_key
from mailer.ledger import Beginning, Entry

# How the log says that its first entries were thrown away; the trigger that forbids all other
# deletes reads the subject.
CUT = "retention.cut"
CUT_SUBJECT = "acts up to {}"
CUT_REASON = re.compile(r"(\d+) in all, the last sealed ([0-9a-f]{64})")

users_roles = sa.Table(
    "users_roles",
    Base.metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("roles.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    __tablename__ = "roles"

    id: Mapped[int] = primary_key()
    name: Mapped[str] = mapped_column(sa.String(20), unique=True)


class User(Base, UserMixin):
    """Someone who may sign in. ``link_serial`` makes each one-time sign-in link single-use."""

    __tablename__ = "users"

    id: Mapped[int] = primary_key()
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100), default="")
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    link_serial: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    # Sees the lists of mailer.accounts.scopes alone, even when that is none.
    is_narrow: Mapped[bool] = mapped_column(default=False)
    # The second factor (mailer.accounts.factor): the secret, sealed; the step of the last code
    # that was taken; and since when. All of them or none.
    factor_secret: Mapped[str | None] = mapped_column(sa.String(255))
    factor_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    factor_at: Mapped[datetime | None]

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]
        secondary=users_roles, lazy="selectin"
    )

    @property
    def role(self) -> str:
        """The one role that a person holds."""
        return self.roles[0].name if self.roles else ""


class AuditEntry(Entry, Base):
    """One act of one person, in the append-only audit log; mailer.ledger chains the entries.

    ``subject`` names what was acted upon (``campaign 7``), never a reader's address.
    """

    __tablename__ = "audit_entries"

    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(254))
    actor_id: Mapped[int | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(sa.String(50), index=True)
    subject: Mapped[str] = mapped_column(sa.String(100), index=True)
    reason: Mapped[str] = mapped_column(sa.String(500), default="")

    @classmethod
    def beginning(cls, session: Session) -> Beginning:
        """Read the latest entry that says what was thrown away; the chain itself seals it."""
        cuts = sa.select(cls.reason).where(cls.action == CUT).order_by(cls.id.desc())
        found = CUT_REASON.fullmatch(session.scalar(cuts.limit(1)) or "")
        return Beginning(int(found[1]), found[2]) if found else Beginning()

    def sealed(self) -> dict[str, object]:
        return {
            "at": self.at,
            "actor": self.actor,
            "actor_id": self.actor_id,
            "action": self.action,
            "subject": self.subject,
            "reason": self.reason,
        }
