"""Every actor: a doorbell that carries ids. The database is the truth; the tick rings again."""

import logging
from collections.abc import Callable
from functools import wraps
from threading import Event

import dramatiq
from flask import Flask, current_app
from redis import RedisError

from config import Config
from mailer import clock, desk, guard, importing
from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import bulk as bulk_acts
from mailer.audience import letterbox
from mailer.audience.models import Sender
from mailer.campaigns.models import Campaign
from mailer.db import clock_of, db
from mailer.delivery import (
    address_letters,
    authentication,
    confirmations,
    domains,
    opt_out_trials,
    preference_links,
    reply_probes,
    seeding,
    sending,
    spf,
)
from mailer.delivery import routes as routing
from mailer.delivery.relay_models import SeedResult
from mailer.delivery.resolver import Resolver, Unanswered
from mailer.delivery.routes import Route
from mailer.delivery.seed_mailbox import Seed
from mailer.delivery.sending import Means
from mailer.delivery.smtp.relay import Relay
from mailer.turns import Turns

LOG = logging.getLogger(__name__)
# Then others that wait for this thread get it.
TURNS_IN_A_ROW = 4
TIMER = "timer"


class Bell:
    """The actors of one broker. Rings are hints: a lost one costs a tick, a double one nothing."""

    def __init__(self, broker: dramatiq.Broker) -> None:
        self.broker = broker
        self.deliver = self.actor(deliver, "campaigns")
        self.confirm = self.actor(confirm, "confirmations")
        self.send_link = self.actor(send_link, "confirmations")
        self.send_address_letters = self.actor(send_address_letters, "confirmations")
        self.take_up = self.actor(take_up, "confirmations")
        self.follow_seed = self.actor(follow_seed, "seeds")
        self.try_daily = self.actor(try_daily, "trials")
        self.check_domain = self.actor(check_domain, "domains")
        self.probe = self.actor(probe, "confirmations")
        self.bulk = self.actor(bulk, "bulk")
        self.take_up_request = self.actor(desk.take_up_request, "confirmations")
        self.send_challenge = self.actor(with_relay(desk.send_challenge), "confirmations")
        self.tell = self.actor(with_relay(desk.tell), "confirmations")
        self.take_in = self.actor(take_in, "imports")
        self.send_archive = self.actor(with_relay(desk.send_archive), "bulk")
        self.tell_staff = self.actor(with_relay(desk.tell_staff), "confirmations")

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


def routes() -> tuple[Route, ...]:
    """Return the configured relays of the application at hand."""
    config: Config = current_app.extensions["config"]
    return routing.read(config.smtp_url, config.relay_timeout)


def carriers(address: str) -> list[str]:
    """Return the hosts of the relays that carry a sender's mail."""
    named = routing.of_sender(routes(), address.rpartition("@")[2].lower())
    return [one.host for one in named]


def relay(host: str = "") -> Relay:
    """Return the configured relay of this host; the one for everybody's mail if there is none."""
    given = routes()
    return next((one for one in given if one.host == host), routing.usual(given)).relay


def seed() -> Seed | None:
    """Return the configured seed mailbox of the application at hand, if there is one."""
    config: Config = current_app.extensions["config"]
    return Seed.at(config.seed_address, config.seed_mailbox, config.relay_timeout)


def deliver(campaign_id: int) -> None:
    """Send what is due of a campaign, for some turns; ring again while more is waiting.

    Rung while this process is at it already, it leaves the work to that turn: the relay was
    promised no more connections than the configuration names.
    """
    turns: Turns = current_app.extensions["turns"]
    with turns.at_work(campaign_id) as is_ours:
        if is_ours:  # for another process that may stand idle
            current_app.extensions["bell"].deliver(campaign_id)
        has_more = is_ours and all(turn(turns, campaign_id) for _ in range(TURNS_IN_A_ROW))
    if has_more:
        current_app.extensions["bell"].deliver(campaign_id)


def turn(turns: Turns, campaign_id: int) -> bool:
    """Send what is due of a campaign, for one turn; return whether another should follow."""
    if turns.stopping.is_set() or not guard.is_free(sends=True):
        return False
    site, copy_to = current_app.extensions["site"], seed()
    if copy_to is not None:
        sender = db.session.get_one(Campaign, campaign_id).sender.from_address
        carrier = relay(site.relay_of(sender))
        seeding.go_ahead(db.session(), site, carrier, copy_to, campaign_id, clock.now)
    has_more = sending.run(db.session(), site, means(turns), campaign_id)
    # Asked at the end, too: what was sent makes the mark grow that tells an older database.
    return guard.is_free(sends=True) and has_more


def sent_here(app: Flask, campaign_id: int) -> None:
    """Do what ``deliver`` does, in this process."""
    with app.app_context():
        deliver(campaign_id)


def means(turns: Turns) -> Means:
    """Return what this process sends with."""
    config: Config = current_app.extensions["config"]
    time_of_day = clock_of(db.session(), clock.now())
    db.session.rollback()
    return Means(routes(), config.connections, config.journals, time_of_day, *turns.shared)


def confirm(subscription_id: int) -> None:
    if guard.is_free():
        site = current_app.extensions["site"]
        confirmations.send(db.session(), site, relay(), subscription_id, clock.now)


def send_link(asked_id: int) -> None:
    if guard.is_free():
        site = current_app.extensions["site"]
        preference_links.send(db.session(), site, relay(), asked_id, clock.now)


def send_address_letters(change_id: int) -> None:
    if guard.is_free():
        site = current_app.extensions["site"]
        address_letters.send(db.session(), site, relay(), change_id, clock.now)


def take_up(sign_up_id: int) -> None:
    """Do what a visitor has asked for, and ring for the mail that it makes due."""
    bell: Bell = current_app.extensions["bell"]
    owed = letterbox.take_up(db.session(), current_app.extensions["site"].keys, sign_up_id)
    db.session.commit()
    if owed.subscription_id is not None:
        bell.confirm(owed.subscription_id)
    if owed.link_id is not None:
        bell.send_link(owed.link_id)


def follow_seed(result_id: int) -> None:
    """Send a seed copy that is due, or look for it in its mailbox."""
    site, copy_to = current_app.extensions["site"], seed()
    if copy_to is not None and guard.is_free():
        carrier = relay(db.session.get_one(SeedResult, result_id).host)
        seeding.step(db.session(), site, carrier, copy_to, result_id, clock.now)


def try_opt_out(sender_id: int, *, anew: bool = False) -> None:
    """Try a sender's opt-out over the network, unless the last trial is good and fresh.

    It takes some 10 seconds at most for each of five visits, and less than one if all is well.
    Nothing that was not committed before outlives it: no transaction is open meanwhile.
    """
    session, site = db.session(), current_app.extensions["site"]
    stopping: Event = current_app.extensions["turns"].stopping
    is_needed = anew or not opt_out_trials.has_passed(session, site, sender_id, clock.now())
    session.rollback()
    for _ in opt_out_trials.attempt(session, site, sender_id, clock.now()) if is_needed else ():
        session.commit()
        if stopping.is_set():  # without a verdict it counts for nothing
            return


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
    return config.spf or spf.term_of(config.relay_host or "localhost")


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
    if not guard.is_free():
        return
    session, site = db.session(), current_app.extensions["site"]
    letter = reply_probes.take(session, site, probe_id, clock.now())
    session.commit()
    if letter is not None:
        outcome = reply_probes.hand_over(letter, relay(), site.host)
        reply_probes.note(session, letter, outcome, clock.now())
        session.commit()


def with_relay(function: Callable[[int, Relay], None]) -> Callable[[int], None]:
    """Return the function with the relay of the application at hand given to it."""
    return wraps(function)(lambda number: function(number, relay()))


def bulk(act_id: int) -> None:
    """Go through the readers of a bulk act, portion by portion, until it is done."""
    stopping: Event = current_app.extensions["turns"].stopping
    session, has_more = db.session(), guard.is_free()
    while has_more and not stopping.is_set():
        has_more = bulk_acts.portion(session, clock.now(), act_id)
        session.commit()


def take_in(import_id: int) -> None:
    importing.take_in(import_id)
