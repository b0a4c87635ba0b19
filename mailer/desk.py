"""The desk in a process: where it stands, and what visitors have asked of it."""

import logging
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app

from config import Config
from mailer import clock, guard
from mailer.db import db
from mailer.delivery import reply_probes
from mailer.delivery.smtp.relay import Relay
from mailer.environment import LOOPBACK
from mailer.privacy import self_service
from mailer.privacy.clocks import Desk
from mailer.privacy.policy.settings import Settings
from mailer.privacy.promises.proof import Ground
from mailer.privacy.requests import letters, notices

LOG = logging.getLogger(__name__)


def where() -> Desk:
    """Return where the desk of the application at hand stands."""
    config: Config = current_app.extensions["config"]
    return Desk(ZoneInfo(config.desk_zone), config.desk_country, config.answer_days)


def settings() -> Settings:
    """Return what readers are told of the settings of the application at hand.

    What the development inbox is handed stays in this process: it is no other party.
    """
    config: Config = current_app.extensions["config"]
    hosts = () if config.is_development else tuple(host for host, _ in config.relays if host)
    return Settings(config.public_url, hosts, where())


def ground() -> Ground:
    """Return what the proofs of our promises are made from, in the application at hand."""
    config: Config = current_app.extensions["config"]
    parts = [urlsplit(url) for url in config.smtp_url.split()]
    clear = [part.hostname or "" for part in parts if part.scheme == "smtp"]
    elsewhere = tuple(host for host in clear if host not in LOOPBACK)
    return Ground(
        db.session(), current_app.extensions["site"], settings(), clock.now(), in_clear=elsewhere
    )


def take_up_request(challenge_id: int) -> None:
    """Do what a visitor has asked about her data, and ring for the mail that it makes due."""
    keys = current_app.extensions["site"].keys
    owed = self_service.take_up(db.session(), clock.now(), keys, where(), challenge_id)
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


def tell(notice_id: int, relay: Relay) -> None:
    """Send the mail that tells a person about her request; no transaction is open meanwhile."""
    if not guard.is_free():
        return
    session, site = db.session(), current_app.extensions["site"]
    letter = notices.take(session, site, where(), notice_id, clock.now())
    session.commit()
    if letter is not None:
        outcome = reply_probes.hand_over(letter, relay, site.host)
        notices.note(session, letter, outcome, clock.now())
        session.commit()
