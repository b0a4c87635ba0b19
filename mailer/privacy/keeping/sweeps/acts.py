"""The audit log: its first entries go in time, and the rest of the chain still holds."""

import logging

import sqlalchemy as sa

from mailer.accounts import audit
from mailer.accounts.audit import BrokenChain
from mailer.accounts.models import AuditEntry
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.sweeps.sweep import Ground, Step, Sweep

LOG = logging.getLogger(__name__)
PORTION = 5000
ACTOR = "retention"


def last(ground: Ground) -> int:
    """Return the last entry of those from the front of which all are over; 0 when none is.

    A chain can lose nothing from its middle. So nothing goes while anything at all is on hold:
    who did what about it belongs to it.
    """
    if holds.is_any(ground.session, ground.now):
        return 0
    young = sa.select(sa.func.min(AuditEntry.id)).where(AuditEntry.at >= ground.edge)
    first = ground.session.scalar(young)
    if first is not None:
        return first - 1
    return ground.session.scalar(sa.select(sa.func.max(AuditEntry.id))) or 0


def counted(ground: Ground) -> dict[str, int]:
    number = sa.select(sa.func.count()).where(AuditEntry.id <= last(ground))
    return {"audit_entries": ground.session.scalar(number) or 0}


def portion(ground: Ground, after: int) -> Step:
    """Throw away the next PORTION entries; none of a chain that does not hold."""
    del after
    try:
        taken = audit.cut(ground.session, ground.now, ACTOR, last(ground), PORTION)
    except BrokenChain as error:
        LOG.warning("The audit log is kept as it is: %s See `mailer verify`.", error)
        taken = 0
    counts = {"audit_entries": taken} if taken else {}
    return Step(counts, 0 if taken == PORTION else None)


SWEEPS = (Sweep(Class.audit, counted, portion),)
