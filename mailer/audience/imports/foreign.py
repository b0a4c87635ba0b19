"""Unsubscribe links of former systems: whom and which list such a link means."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.addresses import has_invisible
from mailer.audience.imports.models import ForeignId, System
from mailer.audience.subscriptions import OptOut


def meant(session: Session, system: System, foreign_id: str) -> OptOut | None:
    """Return the opt-out that a link of a former system asks for; None when it means nobody."""
    if has_invisible(foreign_id):
        return None
    chosen = sa.select(ForeignId.list_id, ForeignId.subscriber_id).where(
        ForeignId.system == system, ForeignId.foreign_id == foreign_id.lower()
    )
    found = session.execute(chosen).one_or_none()
    return OptOut(found.list_id, found.subscriber_id) if found else None
