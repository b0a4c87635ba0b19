"""The desk in a process: where it stands, and what visitors have asked of it."""

import logging
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.orm import Session

from config import ROOT, Config
from mailer import clock, guard, inbox
from mailer.accounts.factor import mails as factor_mails
from mailer.audience.models import Subscriber
from mailer.db import db
from mailer.delivery import reply_probes
from mailer.delivery.reply_probes import Outcome
from mailer.delivery.smtp.relay import Relay
from mailer.environment import LOOPBACK
from mailer.links import Site
from mailer.privacy import access, erasure, self_service, waiting
from mailer.privacy.clocks import Desk
from mailer.privacy.handover import letter, orders, sealing
from mailer.privacy.keeping import periods
from mailer.privacy.keeping.classes import Class
from mailer.privacy.policy.settings import Settings
from mailer.privacy.promises.proof import Ground
from mailer.privacy.requests import letters, mails, notices
from mailer.privacy.requests.mails import Draft

LOG = logging.getLogger(__name__)
TOLD_EVERY = 50  # messages
ABOUT_FACTOR = ROOT / "templates/email/second_factor"
KIND = -2  # tells its Message-ID from any other mail's; confirmations count up from 1


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


def erase_released() -> None:
    """Erase those who waited for a legal hold that has ended; one that fails keeps nobody back."""
    session, site = db.session(), current_app.extensions["site"]
    for number in waiting.due(session, clock.now()):
        try:
            email = waiting.take(session, site, where(), number, clock.now())
            session.commit()
            if email is not None:
                sweep(email)
        except Exception:  # whatever it is, others wait behind it
            LOG.exception("The erasure of request %d failed.", number)
            session.rollback()


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


def tell_staff(number: int, relay: Relay) -> None:
    """Send the mail that tells a colleague about her second factor; none without a sender yet."""
    if not guard.is_free():
        return
    session, site, now = db.session(), current_app.extensions["site"], clock.now()
    news, sender = factor_mails.take(session, number, now), mails.sender_of(session, None)
    session.commit()
    if news is None or sender is None:
        return
    words: dict[str, object] = {
        "happened": news.what,
        "at": f"{news.at:%d %B %Y, %H:%M} UTC",
        "url": site.public_url,
    }
    draft = Draft(ABOUT_FACTOR, (news.number, KIND), news.to, "your sign-in", words)
    letter = mails.letter(session, site, sender, draft, now)
    session.rollback()
    outcome = reply_probes.hand_over(letter, relay, site.host)
    if letter.approved is None:
        LOG.warning("The mail about a second factor cannot leave: %s", letter.refusal)
    if outcome.is_sent or (outcome.is_final and letter.approved is not None):
        factor_mails.finish(session, number)
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
    life = timedelta(days=periods.in_force(session)[Class.archives])
    if orders.keep(session, archive_id, secret, content, now, life):
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
