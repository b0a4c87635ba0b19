"""What is known of the sending side when a campaign is judged."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.compliance.readiness import Readiness
from mailer.delivery import opt_out_trials
from mailer.links import Site


def known(session: Session, site: Site, sender: Sender, now: datetime) -> Readiness:
    """Return what was looked up last of everything; nothing is looked up here."""
    return Readiness(trial=opt_out_trials.known(session, site, sender, now))
