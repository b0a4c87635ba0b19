"""The desk in a process: where it stands, and what visitors have asked of it."""

import logging
from zoneinfo import ZoneInfo

from flask import current_app

from config import Config
from mailer import clock, guard, inbox
from mailer.db import db
from mailer.delivery import reply_probes
from mailer.delivery.smtp.relay import Relay
from mailer.privacy import erasure, self_service
from mailer.privacy.clocks import Desk
from mailer.privacy.requests import letters

LOG = logging.getLogger(__name__)


def where() -> Desk:
    """Return where the desk of the application at hand stands."""
    config: Config = current_app.extensions["config"]
    return Desk(ZoneInfo(config.desk_zone), config.desk_country, config.answer_days)


def sweep(email: str) -> None:
    """Clear what an erasure leaves outside of the database's rows; call after its commit."""
    config: Config = current_app.extensions["config"]
    erasure.sweep(db.session())
    if config.is_development:
        inbox.forget(config.inbox_dir, email)


def take_up_request(challenge_id: int) -> None:
    """Do what a visitor has asked about her data, and ring for the mail that it makes due."""
    keys = current_app.extensions["site"].keys
    owed = self_service.take_up(db.session(), keys, where(), challenge_id)
    db.session.commit()
    if owed is not None:
        current_app.extensions["bell"].send_challenge(owed)


def send(challenge_id: int, relay: Relay) -> None:
    """Send the link that proves a mailbox; no transaction is open while the relay answers."""
    if not guard.is_free():
        return
    session, site = db.session(), current_app.extensions["site"]
    letter = letters.take(session, site, challenge_id, clock.now())
    session.commit()
    if letter is not None:
        outcome = reply_probes.hand_over(letter, relay, site.host)
        if letter.approved is None:
            LOG.warning("The mail with a link to a person's data cannot leave: %s", letter.refusal)
        letters.note(session, letter, outcome)
        session.commit()
