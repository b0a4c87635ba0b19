"""The ledger against a model: whatever happens in whatever order, it never says what is untrue.

Hypothesis starts, pauses, resumes and cancels a campaign, lets readers leave, lets time pass,
sends with relays of every mood, and kills the sender at any moment at which it reads the clock.
After each step the accounts must agree, and no row may have left a final state.
"""

import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import cast

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import consent, subscriptions
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.subscriptions import OptOut
from mailer.audience.words import ConsentMethod, Scope, SubscriptionStatus
from mailer.campaigns import drafts, lifecycle
from mailer.campaigns.drafts import Draft, NotEditable
from mailer.campaigns.models import Campaign
from mailer.db import db
from mailer.delivery import claims, journal, launch, recovery, statistics
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.pace_models import Pace
from tests import accounting
from tests.accounting import Allowed
from tests.delivery.conftest import MakeCampaign, Yard
from tests.faults.size import SEED, size
from tests.relays import Sink
from tests.sink.journal import Taken

NAMES = ("ana", "rosa", "sam", "zoe")
FINAL = {"accepted", "refused", "unknown", "suppressed", "excluded", "expired"}
MOODS = ("450 4.2.1 Busy", "550 5.1.1 Nobody", "421 4.7.0 Closing", "")
NOTE = consent.Evidence(shown="Unsubscribe", page="/u/…")
LEADS_TO = {
    "start": ("draft",),
    "pause": ("running",),
    "resume": ("paused",),
    "cancel": ("running", "paused"),
}
AFTER = {"start": "running", "pause": "paused", "resume": "running", "cancel": "cancelled"}
MOMENTS = st.integers(min_value=1, max_value=12)
MOST_SECONDS = 30
TURN = 2.0  # s; where the clock stands still nothing else ends the wait for a pace
numbers = count()


@dataclass
class Place:
    """Where all examples happen; each has readers and a campaign of its own."""

    yard: Yard
    sink: Sink
    letters: MailingList
    make_campaign: MakeCampaign


@dataclass
class Moment:
    """Does something just before the relay answers its command of this number."""

    sink: Sink
    number: int
    act: Callable[[], None]
    failed: Exception | None = None

    def __enter__(self) -> None:
        # The relay answers in a thread of its own, which knows no application.
        self.context = copy_context()
        self.sink.reply = self.reply  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        del self.sink.reply
        if self.failed is not None:  # the relay has made an answer of it
            raise self.failed

    def reply(self, command: str, recipients: list[str]) -> str | None:
        self.number -= 1
        if self.number == 0:
            try:
                self.context.run(self.act)
            except Exception as error:
                self.failed = error
                raise
        return Sink.reply(self.sink, command, recipients)


class Ledger(RuleBasedStateMachine):
    """One campaign to four readers, and what must be true of it."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place, self.yard, self.number = place, place.yard, next(numbers)
        self.yard.session.rollback()
        letters = place.letters
        own = MailingList(
            public_id=f"own{self.number}",
            name="Own",
            sender_id=letters.sender_id,
            created_at=letters.created_at,
        )
        self.yard.session.add(own)
        self.yard.session.flush()
        self.readers = {name: self.reader(name, own) for name in NAMES}
        self.list_id = own.id
        self.campaign_id = place.make_campaign(list_ids=(own.id,)).id
        self.status = "draft"
        self.deaths = self.thefts = 0
        self.most = sys.maxsize
        self.final: dict[str, str] = {}
        self.left: dict[str, int] = {}
        self.yard.clock.time = letters.created_at

    def reader(self, name: str, own: MailingList) -> int:
        email, now = f"{name}{self.number}@example.org", own.created_at
        reader = Subscriber(
            email=email,
            address_key=tokens.fingerprint(self.yard.site.keys, email),
            created_at=now,
            updated_at=now,
            subscriptions=[
                Subscription(list_id=own.id, status=SubscriptionStatus.confirmed, created_at=now)
            ],
        )
        self.yard.session.add(reader)
        self.yard.session.flush()
        return reader.id

    # What people do.

    @initialize(is_started=st.sampled_from([True, True, True, False]))
    def begin(self, is_started: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        if is_started:
            self.steer("start")

    @rule(act=st.sampled_from(["start", "pause", "resume", "resume", "cancel"]))
    def steer(self, act: str) -> None:
        may_be = self.status in LEADS_TO[act]
        try:
            self.act(self.yard.session, act)
        except lifecycle.WrongState:
            self.yard.session.rollback()
            assert not may_be
        except launch.NoAudience:
            self.yard.session.rollback()
            assert self.left.keys() == set(NAMES)
        else:
            assert may_be
            self.status = AFTER[act]

    def act(self, session: Session, act: str) -> None:
        campaign = session.get_one(Campaign, self.campaign_id)
        site, now = self.yard.site, self.yard.clock()
        acts: dict[str, Callable[[], object]] = {
            "start": lambda: launch.start(session, site, campaign, now),
            "pause": lambda: lifecycle.pause(session, campaign, now),
            "resume": lambda: launch.resume(session, site, campaign, now),
            "cancel": lambda: launch.cancel(session, site, campaign, now),
        }
        acts[act]()
        launch.record(session, campaign, now, act)
        session.commit()

    @rule(name=st.sampled_from(NAMES))
    def leave(self, name: str) -> None:
        self.opt_out(self.yard.session, name)

    def opt_out(self, session: Session, name: str) -> None:
        """Let a reader leave; a copy that has passed its fence by then may still arrive."""
        leaving = OptOut(self.list_id, self.readers[name], scope=Scope.list)
        subscriptions.unsubscribe(
            session, self.yard.clock(), leaving, ConsentMethod.one_click, NOTE
        )
        session.commit()
        mine = Delivery.campaign_id == self.campaign_id
        hers = sa.select(Delivery.status).where(mine, Delivery.email == self.address(name))
        passed = session.scalar(hers) is DeliveryStatus.sending
        session.rollback()
        self.left.setdefault(name, len(self.copies(name)) + passed)

    @precondition(lambda self: self.status != "draft")
    @rule()
    def edit(self) -> None:
        session = self.yard.session
        one = session.get_one(Campaign, self.campaign_id)
        draft = Draft("Tides", "High water", one.sender_id, (self.list_id,), body=one.body)
        with pytest.raises(NotEditable):
            drafts.edit(session, one, draft, one.revision, self.yard.clock())
        session.rollback()

    # What machines do.

    @rule(minutes=st.sampled_from([1, 20, 90]))
    def wait(self, minutes: int) -> None:
        self.yard.clock.wait(minutes=minutes)

    @rule()
    def tick(self) -> None:
        session, now = self.yard.session, self.yard.clock()
        # First, as the clockwork does: the reaper alone would call all unknown that was marked.
        for left in journal.abandoned(self.yard.journals):
            recovery.recover(session, left, now)
            session.commit()
            left.end()
        claims.reap(session, now)
        campaign = session.get_one(Campaign, self.campaign_id)
        if self.status == "running" and statistics.is_done(session, campaign):
            launch.finish(session, self.yard.site, campaign, now)
            self.status = "finished"
        session.commit()

    @rule(mood=st.sampled_from(MOODS), name=st.sampled_from(NAMES))
    def send(self, mood: str, name: str) -> None:
        """Let one sender work; the relay is in a mood towards one reader."""
        if mood:
            self.place.sink.answer("RCPT", mood, to=self.address(name))
        self.work(self.run)

    @precondition(lambda self: self.status == "running")
    @rule(moment=MOMENTS, what=st.sampled_from(["pause", "cancel", "theft", *NAMES]))
    def interrupt(self, moment: int, what: str) -> None:
        """Let one sender work, and something happen meanwhile, elsewhere."""
        with Moment(self.place.sink, moment, lambda: self.meanwhile(what)):
            self.most = sys.maxsize
            self.work(self.run)
        assert len(self.place.sink.caught) <= self.most

    def meanwhile(self, what: str) -> None:
        with Session(self.yard.session.get_bind()) as session:
            if what in NAMES:
                self.opt_out(session, what)
            elif what == "theft":
                claims.reap(session, self.yard.clock() + timedelta(days=1))
                session.commit()
                self.thefts += 1
            else:
                self.act(session, what)
                self.status = AFTER[what]
                self.most = len(self.place.sink.caught) + self.on_the_wire(session)

    def on_the_wire(self, session: Session) -> int:
        """Count the copies that have passed their fence."""
        passed = sa.select(sa.func.count()).where(
            Delivery.campaign_id == self.campaign_id, Delivery.status == DeliveryStatus.sending
        )
        return session.scalar(passed) or 0

    @rule(moment=MOMENTS)
    def die(self, moment: int) -> None:
        """Let one sender work in a process of its own, and kill it at some command."""
        victim: list[int] = []

        def kill() -> None:
            while not victim:
                time.sleep(0.001)
            os.kill(victim[0], signal.SIGKILL)

        with Moment(self.place.sink, moment, kill):
            self.work(lambda: self.fork(victim))
        self.deaths += 1

    def run(self) -> None:
        campaign = self.yard.session.get_one(Campaign, self.campaign_id)
        self.yard.run(campaign)
        self.yard.session.rollback()

    def work(self, sending: Callable[[], None]) -> None:
        # The clock here stands still, and pace is a matter of time: it has tests of its own.
        with Session(self.yard.session.get_bind()) as session:
            session.execute(sa.delete(Pace))
            session.commit()
        sink, before, was = self.place.sink, len(self.place.sink.caught), self.status
        self.yard.session.commit()
        sending()
        sink.refusals.clear()
        if was != "running":
            assert len(sink.caught) == before

    def fork(self, victim: list[int]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the relay's thread stays here
            child = os.fork()
        if child == 0:
            self.live()
        victim.append(child)
        self.bury(child)

    def live(self) -> None:
        """Send as another process does; never returns."""
        try:
            db.engine.dispose(close=False)
            self.run()
        finally:
            os._exit(0)

    def bury(self, child: int) -> None:
        deadline = time.monotonic() + MOST_SECONDS
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                raise AssertionError("the sender hangs")
            time.sleep(0.002)

    # What must be true.

    @invariant()
    def accounts_agree(self) -> None:
        taken = [one for name in NAMES for one in self.copies(name)]
        url = self.yard.session.get_bind().engine.url.render_as_string(hide_password=False)
        self.yard.session.commit()
        allowed = Allowed(kills=self.deaths + self.thefts, connections=1)
        assert accounting.accounts(url, taken, self.campaign_id, allowed) == []

    @invariant()
    def what_is_final_stays(self) -> None:
        mine = sa.select(Delivery.email, Delivery.status)
        rows = self.yard.session.execute(mine.where(Delivery.campaign_id == self.campaign_id))
        now = {email: status.value for email, status in rows}
        self.yard.session.rollback()
        assert {email: now[email] for email in self.final} == self.final
        self.final = {email: status for email, status in now.items() if status in FINAL}

    @invariant()
    def who_left_gets_nothing_more(self) -> None:
        assert [name for name, most in self.left.items() if len(self.copies(name)) > most] == []

    def address(self, name: str) -> str:
        return f"{name}{self.number}@example.org"

    def copies(self, name: str) -> list[Taken]:
        address = self.address(name)
        caught = [mail for mail in self.place.sink.caught if mail.rcpt_to == (address,)]
        return [Taken(f"<{address}>", mail.mail_from, address, 0) for mail in caught]


@pytest.mark.timeout(size(120, 1800))
@pytest.mark.usefixtures("database")
def test_no_order_of_events_makes_the_ledger_untrue(
    yard: Yard, smtp_sink: Sink, letters: MailingList, make_campaign: MakeCampaign
) -> None:
    """F-11; listmonk #2278, #2313: a pause at the wrong moment lost or doubled the rest."""
    yard.turn = TURN
    place = Place(yard, smtp_sink, letters, make_campaign)
    machine = cast("type[Ledger]", seed(int(SEED))(lambda: Ledger(place)))
    chosen = settings(
        max_examples=size(12, 300),
        stateful_step_count=size(20, 40),
        deadline=None,
        database=None,
        # Making a failure small takes longer than a run may; `make faults` does it.
        phases=size((Phase.generate,), tuple(Phase)),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
