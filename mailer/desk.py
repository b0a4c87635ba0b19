"""The desk in a process: where it stands, and what visitors have asked of it."""

import logging
import secrets
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.orm import Session

from config import Config
from mailer import clock, guard, inbox
from mailer.audience.models import Subscriber
from mailer.db import db
from mailer.delivery import reply_probes
from mailer.delivery.reply_probes import Outcome
from mailer.delivery.smtp.relay import Relay
from mailer.environment import LOOPBACK
from mailer.links import Site
from mailer.privacy import access, erasure, self_service
from mailer.privacy.clocks import Desk
from mailer.privacy.handover import letter, orders, sealing
from mailer.privacy.policy.settings import Settings
from mailer.privacy.promises.proof import Ground
from mailer.privacy.requests import letters, notices

LOG = logging.getLogger(__name__)
TOLD_EVERY = 50  # messages


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


def sweep(email: str) -> None:
    """Clear what an erasure leaves outside of the database's rows; call after its commit."""
    config: Config = current_app.extensions["config"]
    erasure.sweep(db.session())
    if config.is_development:
        inbox.forget(config.inbox_dir, email)


def take_up_request(challenge_id: int) -> None:
    """Do what a visitor has asked about her data, and ring for the mail that it makes due."""
    keys = current_app.extensions["site"].keys
    owed = self_service.take_up(db.session(), clock.now(), keys, where(), challenge_id)
    db.session.commit()
    if owed is not None:
        current_app.extensions["bell"].send_challenge(owed)


def send_challenge(challenge_id: int, relay: Relay) -> None:
    """Send the link that proves a mailbox; no transaction is open while the relay answers."""
    if not guard.is_free():
        return
    session, site = db.session(), current_app.extensions["site"]
    mail = letters.take(session, site, challenge_id, clock.now())
    session.commit()
    if mail is not None:
        outcome = reply_probes.hand_over(mail, relay, site.host)
        if mail.approved is None:
            LOG.warning("The mail with a link to a person's data cannot leave: %s", mail.refusal)
        letters.note(session, mail, outcome)
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


def send_archive(archive_id: int, relay: Relay) -> None:
    """Make an archive that is owed, keep it sealed, and mail the link that alone opens it.

    The secret is nowhere but in the mail: what does not leave is made anew. No transaction is open
    while the archive is made or the relay answers.
    """
    if not guard.is_free():
        return
    session, site, now = db.session(), current_app.extensions["site"], clock.now()
    reader = orders.take(session, archive_id, now)
    number = reader.id if reader is not None else None
    session.commit()
    content = made(site, number, archive_id, now) if number is not None else None
    if number is None or content is None:
        return
    secret = secrets.token_bytes(sealing.SECRET_BYTES)
    outcome = Outcome(is_sent=False, fault="There is no sender yet.")
    if orders.keep(session, archive_id, secret, content, now):
        carried = sealing.spelled(archive_id, secret)
        owner = session.get_one(Subscriber, number)
        mail = letter.written(session, site, owner, (archive_id, carried), now)
        session.commit()
        if mail is not None:
            outcome = reply_probes.hand_over(mail, relay, site.host)
            outcome = replace(outcome, is_final=outcome.is_final and mail.approved is not None)
    orders.note(session, archive_id, outcome, clock.now())
    session.commit()


def made(site: Site, number: int, archive_id: int, now: datetime) -> bytes | None:
    """Return a reader's archive, telling on the way how far it is; None when she is gone."""
    session = db.session()

    def tell(done: int) -> None:
        if done % TOLD_EVERY == 0:
            orders.tell(session, archive_id, done)
            session.commit()

    with Session(db.engine.execution_options(read_only=True, postgresql_readonly=True)) as reading:
        reader = reading.get(Subscriber, number)
        hosts = settings().relays
        return access.archive(reading, site, reader, now, hosts, tell) if reader else None
