"""What is known of the sending side, put together for the gate."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import Sender
from mailer.compliance.readiness import Readiness
from mailer.delivery import authentication, intake, opt_out_trials, relays, reply_probes
from mailer.delivery.processors import register
from mailer.links import Site

# Long enough to read a relay's terms, wait for DNS and see a copy come back on working days;
# short enough that no second month's newsletter leaves unproven.
GRACE = timedelta(days=14)


def readiness(session: Session, site: Site, sender: Sender, now: datetime) -> Readiness:
    """Return what has been looked up about a sender's side; what has not been is None."""
    return Readiness(
        authentication=authentication.known(session, sender, now),
        replies=replace(
            reply_probes.known(session, sender, now), intake=intake.known(session, site, now)
        ),
        relay=relays.known(session, site.relay_of(sender.from_address)),
        services=register.known(session),
        trial=opt_out_trials.known(session, site, sender, now),
        grace_until=grace_until(session, now),
    )


def grace_until(session: Session, now: datetime) -> date:
    """Return the day from which a history is demanded of this installation."""
    return (birth(session, now) + GRACE).date()


def birth(session: Session, now: datetime) -> datetime:
    """Return when this installation began: its first act, person or sender, whichever was first.

    The audit log loses nothing but acts of years ago, so that deleting rows does not make an
    installation young again.
    """
    firsts = (
        sa.select(sa.func.min(AuditEntry.at)),
        sa.select(sa.func.min(User.created_at)),
        sa.select(sa.func.min(Sender.created_at)),
    )
    return min(filter(None, (*(session.scalar(first) for first in firsts), now)))
