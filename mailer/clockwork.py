"""The clockwork: every two seconds it looks at the truth and rings for all that is due."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app
from sqlalchemy.exc import OperationalError

from config import Config
from mailer import clock, desk, guard, ledger, mailroom, tasks
from mailer.accounts import audit
from mailer.accounts.factor import mails as factor_mails
from mailer.accounts.models import AuditEntry
from mailer.audience import bulk, expiry, letterbox, suppressions
from mailer.audience.imports import leases
from mailer.audience.joining import limits
from mailer.audience.models import ConsentEvent
from mailer.audience.moving import changes
from mailer.audience.wishes import pauses
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import clock_of, db
from mailer.delivery import (
    address_letters,
    authentication,
    claims,
    confirmations,
    journal,
    launch,
    opt_out_trials,
    pacing,
    portions,
    preference_links,
    recovery,
    reply_probes,
    seeds,
    statistics,
    windows,
)
from mailer.privacy import erasure
from mailer.privacy.handover import orders
from mailer.privacy.keeping import runs
from mailer.privacy.letters import post
from mailer.privacy.policy import versions
from mailer.privacy.requests import challenges, letters, notices, register
from mailer.tasks import Bell, resolver, try_opt_out
from mailer.turns import Turns

LOG = logging.getLogger(__name__)
TICK_SECONDS = 2
# What a person has just let go is looked for more often: it is over in seconds.
LOOK_SECONDS = 0.25
TIDY_MINUTES = 10
HOUSE_SECONDS = 10
FETCH_SECONDS = 20

ALARM = "sign-ups.alarm"
ALARMED = "Half of the hour's budget is spent: forms ask for a proof until it is calmer."
AN_HOUR = timedelta(hours=1)

# So many campaigns a process takes up by itself at once.
MOST_TURNS = 16

# A bell that is rung with a number; False when nobody can hear it.
Ring = Callable[[int], bool]


@contextmanager
def ticking(app: Flask) -> Iterator[None]:
    """Tick every TICK_SECONDS while the block lasts; a late tick is made up for once, not often.

    What is to be sent this process takes up by itself: a ring might go to one that is busy with
    it, or be lost with the broker.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC, executors={"turns": {"type": "threadpool", "max_workers": MOST_TURNS}}
    )

    def take_up(campaign_id: int) -> bool:
        scheduler.add_job(
            tasks.sent_here, args=[app, campaign_id], executor="turns", misfire_grace_time=None
        )
        return True

    for function, given, seconds in (
        (watch, [app, take_up], LOOK_SECONDS),
        (tick, [app, take_up], TICK_SECONDS),
        (seal, [app], TICK_SECONDS),
        (read_letters, [app], TICK_SECONDS),
        (mailroom.take_turn, [app], FETCH_SECONDS),
        (keep_house, [app], HOUSE_SECONDS),
    ):
        scheduler.add_job(
            function,
            "interval",
            args=given,
            seconds=seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.add_job(tidy, "interval", args=[app], minutes=TIDY_MINUTES, coalesce=True)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown()


def watch(app: Flask, take_up: Ring) -> None:
    """Take up the campaigns that have become due since the last look.

    Those that stay due wait for the tick: what cannot go on is not to be tried four times a second.
    """
    turns: Turns = app.extensions["turns"]
    with app.app_context():
        session = db.session()
        due = portions.due(session, clock_of(session, clock.now())())
        session.rollback()
    for campaign_id in turns.new(due):
        take_up(campaign_id)


def tick(app: Flask, take_up: Ring | None = None) -> None:
    """Look at the truth and ring for all that is due; safe to run anywhere, any number of times.

    ``take_up`` is told of the campaigns that are due and not yet sent by this process; without it
    they are rung for.
    """
    with app.app_context():
        if not guard.is_free():
            return
        now = clock_of(db.session(), clock.now())
        for sender_id in launch.senders_due(db.session(), now()):
            try_opt_out(sender_id)
        start_due(now())
        recover(now())
        pauses.end_due(db.session(), now())
        db.session.commit()
        raise_alarm(now())
        db.session.commit()  # the audit log is held no longer than that
        claims.reap(db.session(), now())
        launch.sweep_cancelled(db.session(), now())
        suppressions.end_due(db.session(), now())
        db.session.commit()
        finish_done(now())
        windows.fold(db.session(), now())
        db.session.commit()
        ring(now(), take_up)


def seal(app: Flask) -> None:
    """Seal what readers have decided meanwhile; safe to run anywhere, any number of times.

    While sending is on hold, too: readers go on deciding.
    """
    with app.app_context():
        while ledger.seal_waiting(db.session(), ConsentEvent):
            db.session.commit()
        db.session.commit()


def read_letters(app: Flask) -> None:
    """Read the letters that came in; safe to run anywhere, any number of times.

    While sending is on hold, too: an opt-out by mail holds at once. One over which the program
    fails is left to a person, and the next one is read.
    """
    with app.app_context():
        session, site = db.session(), current_app.extensions["site"]
        now = clock_of(session, clock.now())
        for number in post.waiting(session):
            try:
                post.read(session, site, number, now())
                session.commit()
            except OperationalError:
                raise  # the database's trouble, not the letter's: the next tick tries again
            except Exception:  # whatever it is, others wait behind it
                LOG.exception("Letter %d could not be read.", number)
                session.rollback()
                post.set_aside(session, number, now())
                session.commit()
        session.rollback()


def tidy(app: Flask) -> None:
    """Throw away what nobody asks for any more, mark consent that has run out, note new policies.

    Safe to run anywhere, any number of times.
    """
    with app.app_context():
        now = clock_of(db.session(), clock.now())
        pacing.forget(db.session(), now())
        limits.forget(db.session(), now())
        changes.forget(db.session(), now())
        register.tidy(db.session(), now())
        expiry.expire(db.session(), now())
        db.session.commit()
        versions.follow(db.session(), desk.settings(), now())
        db.session.commit()


def keep_house(app: Flask) -> None:
    """Begin the night's run over all periods when it is due, and go on with any run to its end.

    Erasures for which a legal hold has ended come first: a night without its run has them due yet.
    Safe to run anywhere, any number of times. It ends early when another process is at the run.
    """
    with app.app_context():
        session = db.session()
        now = clock_of(session, clock.now())
        if runs.is_due(session, now(), desk.where().zone):
            desk.erase_released()
        runs.begin_nightly(session, now(), desk.where().zone)
        session.commit()
        number = runs.under_way(session)
        while number is not None and runs.go_on(session, now(), number):
            session.commit()
        session.commit()
        if number is not None:
            erasure.sweep(session)


def raise_alarm(now: datetime) -> None:
    """Put into the audit log, once an hour, that sign-ups are more than usual."""
    session, site = db.session(), current_app.extensions["site"]
    if not limits.is_strained(session, now, site.confirmations_per_hour):
        return
    told = sa.select(AuditEntry.id).where(AuditEntry.action == ALARM, AuditEntry.at > now - AN_HOUR)
    if session.scalar(told.limit(1)) is None:
        subject = f"{site.confirmations_per_hour} mails an hour"
        audit.record(session, now, "clock", ALARM, subject, reason=ALARMED)


def start_due(now: datetime) -> None:
    for _ in launch.start_due(db.session(), current_app.extensions["site"], now):
        db.session.commit()


def recover(now: datetime) -> None:
    """Settle what killed processes of this machine have left in their journals."""
    config: Config = current_app.extensions["config"]
    for left in journal.abandoned(config.journals):
        try:
            recovery.recover(db.session(), left, now)
            db.session.commit()
        except BaseException:
            left.abandon()
            raise
        left.end()


def finish_done(now: datetime) -> None:
    site = current_app.extensions["site"]
    running = sa.select(Campaign).where(Campaign.status == CampaignStatus.running)
    for campaign in db.session.scalars(running).all():
        if statistics.is_done(db.session(), campaign):
            launch.finish(db.session(), site, campaign, now)
        db.session.commit()


def ring(now: datetime, take_up: Ring | None) -> None:
    """Ring for all that is due, until the broker cannot be reached: the next tick tries again."""
    for bell, number in owed(now, take_up):
        if not bell(number):
            break
    db.session.rollback()


def owed(now: datetime, take_up: Ring | None) -> Iterator[tuple[Ring, int]]:
    """Return which bells are to be rung, with the number of what is due."""
    session, site = db.session(), current_app.extensions["site"]
    bell: Bell = current_app.extensions["bell"]
    at_work = current_app.extensions["turns"].campaigns if take_up else ()
    idle = [one for one in portions.due(session, now) if one not in at_work]
    due: list[tuple[Ring, Iterable[int]]] = [
        (take_up or bell.deliver, idle),
        (bell.take_up, letterbox.waiting(session)),
        (bell.confirm, confirmations.due(session, site, now)),
        (bell.send_link, preference_links.due(session, site, now)),
        (bell.send_address_letters, address_letters.due(session, site, now)),
        (bell.take_up_request, challenges.waiting(session)),
        (bell.send_challenge, letters.due(session, site, now)),
        (bell.tell, notices.due(session, site, now)),
        (bell.send_archive, orders.due(session, now)),
        (bell.tell_staff, factor_mails.due(session, now)),
        (bell.follow_seed, seeds.due(session, now)),
        (bell.try_daily, opt_out_trials.untried(session, site, now)),
        (bell.probe, reply_probes.due(session, now)),
        (bell.bulk, bulk.due(session)),
        (bell.take_in, leases.due(session, now)),
        (bell.check_domain, authentication.due(session, now) if resolver() else ()),
    ]
    for rung, numbers in due:
        for number in numbers:
            yield rung, number
