"""The audit log: who did what to whom, and why, in a chain that shows any change."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts.models import AuditEntry, User


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
