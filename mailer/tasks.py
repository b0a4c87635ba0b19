"""Every actor: a doorbell that carries ids. The database is the truth; the tick rings again."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC
from urllib.parse import urlsplit

import dramatiq
import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app
from redis import RedisError

from config import Config
from mailer import clock
from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience.models import Sender
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.delivery import (
    authentication,
    claims,
    confirmations,
    domains,
    launch,
    opt_out_trials,
    reply_probes,
    seeding,
    seeds,
    sending,
    spf,
    statistics,
)
from mailer.delivery.resolver import Resolver, Unanswered
from mailer.delivery.seed_mailbox import Seed
from mailer.delivery.smtp import Relay

LOG = logging.getLogger(__name__)
TICK_SECONDS = 2
TIMER = "timer"


class Bell:
    """The actors of one broker. Rings are hints: a lost one costs a tick, a double one nothing."""

    def __init__(self, broker: dramatiq.Broker) -> None:
        self.broker = broker
        self.deliver = self.actor(deliver, "campaigns")
        self.confirm = self.actor(confirm, "confirmations")
        self.follow_seed = self.actor(follow_seed, "seeds")
        self.try_daily = self.actor(try_daily, "trials")
        self.check_domain = self.actor(check_domain, "domains")
        self.probe = self.actor(probe, "confirmations")

    def actor(self, function: Callable[[int], None], queue: str) -> Callable[[int], bool]:
        """Declare a function that takes one id, and return what rings for it.

        No retries by the broker: the row itself says when it is due again. A ring that the broker
        cannot take (it is away, or full) answers False, and whoever rang goes on.
        """
        declared = dramatiq.Actor(
            function,
            broker=self.broker,
            actor_name=function.__name__,
            queue_name=queue,
            priority=0,
            options={"max_retries": 0},
        )

        def ring(number: int) -> bool:
            try:
                declared.send(number)
            except RedisError as error:
                LOG.warning("The broker cannot be reached: %s", type(error).__name__)
                return False
            return True

        return ring


class Clockwork(dramatiq.Middleware):
    """Ticks in every worker process, so that no further process is needed to keep the time."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.running = ExitStack()

    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        del broker
        self.running.enter_context(ticking(self.app))

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        del broker, worker
        self.running.close()


@contextmanager
def ticking(app: Flask) -> Iterator[None]:
    """Tick every TICK_SECONDS while the block lasts; a late tick is made up for once, not often."""
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        tick,
        "interval",
        args=[app],
        seconds=TICK_SECONDS,
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown()


def relay() -> Relay:
    """Return the configured relay of the application at hand."""
    config: Config = current_app.extensions["config"]
    return Relay.at(config.smtp_url, config.relay_timeout)


def seed() -> Seed | None:
    """Return the configured seed mailbox of the application at hand, if there is one."""
    config: Config = current_app.extensions["config"]
    return Seed.at(config.seed_address, config.seed_mailbox, config.relay_timeout)


def deliver(campaign_id: int) -> None:
    """Send what is due of a campaign, for one turn; ring again while more is waiting.

    Rung once too often, it leaves the work to the turns that are at it: the relay was promised
    no more connections than the configuration names.
    """
    site, config = current_app.extensions["site"], current_app.extensions["config"]
    at_work = claims.turns(db.session(), campaign_id, clock.now())
    db.session.rollback()
    if at_work >= config.connections:
        return
    copy_to = seed()
    if copy_to is not None:
        seeding.go_ahead(db.session(), site, relay(), copy_to, campaign_id, clock.now)
    if sending.run(db.session(), site, relay(), campaign_id, clock.now):
        current_app.extensions["bell"].deliver(campaign_id)


def confirm(subscription_id: int) -> None:
    site = current_app.extensions["site"]
    confirmations.send(db.session(), site, relay(), subscription_id, clock.now)


def follow_seed(result_id: int) -> None:
    """Send a seed copy that is due, or look for it in its mailbox."""
    site, copy_to = current_app.extensions["site"], seed()
    if copy_to is not None:
        seeding.step(db.session(), site, relay(), copy_to, result_id, clock.now)


def try_opt_out(sender_id: int, *, anew: bool = False) -> None:
    """Try a sender's opt-out over the network, unless the last trial is good and fresh.

    It takes some 10 seconds at most for each of five visits, and less than one if all is well.
    Nothing that was not committed before outlives it: no transaction is open meanwhile.
    """
    session, site = db.session(), current_app.extensions["site"]
    is_needed = anew or not opt_out_trials.has_passed(session, site, sender_id, clock.now())
    session.rollback()
    for _ in opt_out_trials.attempt(session, site, sender_id, clock.now()) if is_needed else ():
        session.commit()


def try_daily(sender_id: int) -> None:
    """Try a sender's opt-out once a day, so that a broken one is seen before it is needed."""
    if sender_id in opt_out_trials.untried(
        db.session(), current_app.extensions["site"], clock.now()
    ):
        try_opt_out(sender_id)


def resolver() -> Resolver | None:
    """Return whom to ask about domains; None in development, whose domains are made up."""
    config: Config = current_app.extensions["config"]
    if config.is_development and config.dns_resolver is None:
        return None
    return Resolver.at(config.dns_resolver)


def spf_term() -> str:
    """Return what SPF records must hold for the configured relay, empty if nobody knows."""
    config: Config = current_app.extensions["config"]
    return config.spf or spf.term_of(urlsplit(config.smtp_url).hostname or "localhost")


def check_domain(sender_id: int) -> None:
    look_up(sender_id, TIMER)


def look_up(sender_id: int, actor: User | str) -> str:
    """Look up a sender's DNS and keep the answer; return what went wrong, empty if nothing did.

    No transaction is open while the DNS thinks.
    """
    session, asked = db.session(), resolver()
    if asked is None:
        return "Development looks nothing up, unless MAILER_DNS_RESOLVER names a resolver."
    question, term = authentication.take(session, sender_id, clock.now()), spf_term()
    session.commit()
    if question is None:
        return "There is no such sender."
    try:
        facts = domains.looked_up(question, asked, term)
    except Unanswered as error:
        authentication.keep_fault(session, question, str(error), clock.now())
        session.commit()
        return f"DNS did not answer ({error})."
    for key in authentication.keep(session, question, facts, clock.now()):
        about = f"sender {sender_id}"
        audit.record(
            session, clock.now(), actor, "signing-key.activate", about, reason=key.selector
        )
    reply_probes.renew(session, session.get_one(Sender, sender_id), clock.now())
    session.commit()
    return ""


def probe(probe_id: int) -> None:
    """Send a letter that is owed to a reply mailbox."""
    session, site = db.session(), current_app.extensions["site"]
    letter = reply_probes.take(session, site, probe_id, clock.now())
    session.commit()
    if letter is not None:
        outcome = reply_probes.hand_over(letter, relay(), site.host)
        reply_probes.note(session, letter, outcome, clock.now())
        session.commit()


def tick(app: Flask) -> None:
    """Look at the truth and ring for all that is due; safe to run anywhere, any number of times."""
    with app.app_context():
        for sender_id in launch.senders_due(db.session(), clock.now()):
            try_opt_out(sender_id)
        start_due()
        claims.reap(db.session(), clock.now())
        db.session.commit()
        finish_done()
        ring()


def start_due() -> None:
    for _ in launch.start_due(db.session(), current_app.extensions["site"], clock.now()):
        db.session.commit()


def finish_done() -> None:
    site = current_app.extensions["site"]
    running = sa.select(Campaign).where(Campaign.status == CampaignStatus.running)
    for campaign in db.session.scalars(running).all():
        if statistics.is_done(db.session(), campaign):
            launch.finish(db.session(), site, campaign, clock.now())
        db.session.commit()


def ring() -> None:
    bell: Bell = current_app.extensions["bell"]
    config: Config = current_app.extensions["config"]
    for campaign_id, turns in claims.waiting(db.session(), clock.now()):
        for _ in range(config.connections - turns):
            bell.deliver(campaign_id)
    for subscription_id in confirmations.due(db.session(), clock.now()):
        bell.confirm(subscription_id)
    for result_id in seeds.due(db.session(), clock.now()):
        bell.follow_seed(result_id)
    for sender_id in opt_out_trials.untried(
        db.session(), current_app.extensions["site"], clock.now()
    ):
        bell.try_daily(sender_id)
    for probe_id in reply_probes.due(db.session(), clock.now()):
        bell.probe(probe_id)
    for sender_id in authentication.due(db.session(), clock.now()) if resolver() else ():
        bell.check_domain(sender_id)
    db.session.rollback()
