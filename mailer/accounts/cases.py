"""Cases: why somebody looks at a person's record, asked once, and each look that followed.

A case is one member of staff, one record and one reason, and lasts a day. Nothing of a record is
shown without one, and each page shown under it is an entry of the audit log.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.accounts import audit, permissions, users
from mailer.accounts.models import User
from mailer.db import Base, Id, primary_key

LASTS = timedelta(days=1)
WAITS = timedelta(days=7)  # for the approver's word
LONGEST_REFERENCE = 100
OPENED, LOOKED, ASKED = "cases.open", "cases.look", "cases.ask"


class Ground(StrEnum):
    """For what a record may be looked at; the policy names these and no others."""

    problem = "problem"
    violation = "suspected violation"
    request = "request"
    disclosure = "legal disclosure"


# These grounds are nothing without a number or a file reference that others can look up.
REFERRING = frozenset({Ground.request, Ground.disclosure})


class BadCase(ValueError):  # noqa: N818 - errors are named for the situation
    """A case cannot be opened so; ``where`` names the field, the message says what is missing."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(why)
        self.where = where


@dataclass(frozen=True)
class Why:
    """The reason for looking. ``approver`` is the address of who is to allow a disclosure."""

    ground: Ground
    words: str = ""
    reference: str = ""
    approver: str = ""

    def __str__(self) -> str:
        about = f"{self.ground.value} {self.reference}".strip()
        about += f", for {self.approver} to approve" if self.approver else ""
        return f"{about}: {self.words}" if self.words else about


class Case(Base):
    """One case. ``subject`` is as the audit log names it (``subscriber 7``), never an address.

    ``looked_at`` is the last look, ``looks`` how many pages were shown. ``role`` is what the
    member of staff was at the time: the person looked at is told that, and not who it was.
    Where ``approver`` is named, nothing is shown before she has said yes herself (``approved_at``).
    """

    __tablename__ = "cases"
    __table_args__ = (
        sa.Index("ix_cases_actor_id_ends_at", "actor_id", "ends_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    subject: Mapped[str] = mapped_column(sa.String(100), index=True)
    actor_id: Mapped[int] = mapped_column(Id, sa.ForeignKey("users.id"))
    actor: Mapped[str] = mapped_column(sa.String(254))
    role: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(1000))
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0)
    approver: Mapped[str] = mapped_column(sa.String(254), default="", server_default="")
    approved_at: Mapped[datetime | None]


IS_ALLOWED = sa.or_(Case.approver == "", Case.approved_at.is_not(None))


def begin(session: Session, now: datetime, actor: User, subject: str, why: Why) -> Case:
    """Open a case for a day, or ask its approver; raises BadCase.

    Whose words are unfit the caller has turned away.
    """
    demand(session, actor, why)
    case = Case(
        subject=subject,
        actor_id=actor.id,
        actor=actor.email,
        role=actor.role,
        reason=str(why),
        opened_at=now,
        ends_at=now + (WAITS if why.approver else LASTS),
        looks=0,
        approver=why.approver,
    )
    session.add(case)
    session.flush()
    told = f"case {case.id}: {why}"[:500]
    audit.record(session, now, actor, ASKED if why.approver else OPENED, subject, reason=told)
    return case


def demand(session: Session, actor: User, why: Why) -> None:
    """Raise BadCase where a reason lacks what its ground needs."""
    if why.ground in REFERRING and not why.reference:
        raise BadCase("reference", "Give the number of the request, or the authority's reference.")
    if len(why.reference) > LONGEST_REFERENCE:
        raise BadCase("reference", f"At most {LONGEST_REFERENCE} characters fit here.")
    if why.ground is not Ground.request and not why.words:
        raise BadCase("reason", "Say in a few words what this is about.")
    if why.ground is Ground.disclosure and why.approver not in approvers(session, actor):
        raise BadCase("approver", "Choose the colleague who is to approve this disclosure.")


def approvers(session: Session, actor: User) -> list[str]:
    """Return who may allow a legal disclosure: who answers requests, and never the asker."""
    return [
        user.email
        for user in users.everyone(session)
        if user.active and user.id != actor.id and permissions.is_allowed(user.role, "privacy:dsar")
    ]


def current(session: Session, now: datetime, actor_id: int, subject: str) -> Case | None:
    """Return the case under which somebody may look at a record at this moment."""
    under = sa.select(Case).where(
        Case.subject == subject,
        Case.actor_id == actor_id,
        Case.opened_at <= now,
        Case.ends_at > now,
        IS_ALLOWED,
    )
    return session.scalar(under.order_by(Case.id.desc()).limit(1))


def subjects(session: Session, now: datetime, actor_id: int) -> set[str]:
    """Return the records that somebody may look at at this moment."""
    mine = sa.select(Case.subject).where(Case.actor_id == actor_id, Case.ends_at > now, IS_ALLOWED)
    return set(session.scalars(mine))


def look(
    session: Session, now: datetime, actor: User, subject: str, page: str, case_id: int | None
) -> None:
    """Log one look: a page that was shown, under a case or, on the desk, by its own number."""
    told = f"case {case_id}: {page}" if case_id else page
    audit.record(session, now, actor, LOOKED, subject, reason=told)
    if case_id:
        seen = sa.update(Case).where(Case.id == case_id)
        session.execute(seen.values(looked_at=now, looks=Case.looks + 1))


def about(session: Session, subject: str, most: int = 100) -> list[Case]:
    """Return the cases about one record under which it was looked at, newest first."""
    seen = sa.select(Case).where(Case.subject == subject, Case.looks > 0)
    return list(session.scalars(seen.order_by(Case.id.desc()).limit(most)))
