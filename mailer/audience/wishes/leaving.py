"""Why readers leave: asked after they have left, by one press, and never as a condition."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.audience.models import Suppression
from mailer.audience.wishes import wishes
from mailer.audience.wishes.models import Leaving, LeavingReason
from mailer.audience.words import Scope


def say(session: Session, now: datetime, suppression_id: int, reason: LeavingReason) -> bool:
    """Keep a reader's reason beside her refusal; False for a second one, or a refusal undone."""
    held = session.get(Suppression, suppression_id)
    if held is None or held.lifted_at is not None:
        return False
    values = {"suppression_id": suppression_id, "reason": reason}
    statement = rows.insertion(session, Leaving).values(**values).on_conflict_do_nothing()
    if session.scalar(statement.returning(Leaving.suppression_id)) is None:
        return False
    list_id = held.scope_id if held.scope is Scope.list else None
    wishes.record(session, now, held.address_key, f"Left because: {reason}", list_id)
    return True
