"""The audit log: who did what to whom, and why, in a chain that shows any change."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts.models import CUT, CUT_SUBJECT, AuditEntry, User


def record(
    session: Session,
    now: datetime,
    actor: User | str,
    action: str,
    subject: str,
    *,
    reason: str = "",
) -> AuditEntry:
    """Add an entry; ``actor`` is a user, or the name of a part such as ``command line``."""
    entry = AuditEntry(
        at=now,
        actor=actor if isinstance(actor, str) else actor.email,
        actor_id=None if isinstance(actor, str) else actor.id,
        action=action,
        subject=subject,
        reason=reason,
    )
    ledger.append(session, [entry])
    return entry


class BrokenChain(Exception):  # noqa: N818 - errors are named for the situation
    """An entry was changed; the message says which."""


def cut(session: Session, now: datetime, actor: str, until: int, most: int) -> int:
    """Throw away the first entries, up to that number and ``most`` at once; return how many.

    An entry at the end says so, with their count and their last seal, by which the rest is still
    whole. What does not hold is not thrown away: raises BrokenChain. The caller commits.
    """
    ledger.lock(session, AuditEntry)
    begins = AuditEntry.beginning(session)
    first = sa.select(AuditEntry).where(AuditEntry.id <= until).order_by(AuditEntry.id).limit(most)
    rows = session.scalars(first, execution_options={"populate_existing": True}).all()
    if not rows:
        return 0
    wrong = ledger.broken_of(session, rows, begins.seal)
    if wrong is not None:
        raise BrokenChain(f"Entry {wrong} was changed.")
    last = rows[-1]
    told = f"{begins.count + len(rows)} in all, the last sealed {last.hash}"
    record(session, now, actor, CUT, CUT_SUBJECT.format(last.id), reason=told)
    session.execute(sa.delete(AuditEntry).where(AuditEntry.id <= last.id))
    return len(rows)
