"""The ledger against a model: whatever happens in whatever order, it never says what is untrue.

Hypothesis starts, pauses, resumes and cancels a campaign, lets readers leave, lets time pass,
sends with relays of every mood, and kills the sender at any moment at which it reads the clock.
After each step the accounts must agree, and no row may have left a final state.
"""

import os
import signal
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Self, cast

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mailer import tokens
from mailer.audience import consent, subscriptions
from mailer.audience.models import (
    ConsentMethod,
    MailingList,
    Scope,
    Subscriber,
    Subscription,
    SubscriptionStatus,
)
from mailer.audience.subscriptions import OptOut
from mailer.campaigns import drafts, lifecycle
from mailer.campaigns.drafts import Draft, NotEditable
from mailer.campaigns.models import Campaign
from mailer.db import db
from mailer.delivery import claims, launch, statistics
from mailer.delivery.models import Delivery
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
MOST_SECONDS = 30
numbers = count()


@dataclass
class Place:
    """Where all examples happen; each has readers and a campaign of its own."""

    yard: Yard
    sink: Sink
    letters: MailingList
    make_campaign: MakeCampaign


@dataclass
class Doom:
    """Kills a process when the relay is about to answer its command of this number."""

    sink: Sink
    moment: int
    victim: int = 0

    def __enter__(self) -> Self:
        self.sink.reply = self.reply  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        del self.sink.reply

    def reply(self, command: str, recipients: list[str]) -> str | None:
        self.moment -= 1
        if self.moment == 0:
            while not self.victim:
                time.sleep(0.001)
            os.kill(self.victim, signal.SIGKILL)
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
        self.campaign: Campaign = place.make_campaign(list_ids=(own.id,))
        self.status = "draft"
        self.deaths = 0
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

    @rule(act=st.sampled_from(sorted(LEADS_TO)))
    def steer(self, act: str) -> None:
        session, site, now = self.yard.session, self.yard.site, self.yard.clock()
        acts: dict[str, Callable[[], object]] = {
            "start": lambda: launch.start(session, site, self.campaign, now),
            "pause": lambda: lifecycle.pause(session, self.campaign, now),
            "resume": lambda: launch.resume(session, site, self.campaign, now),
            "cancel": lambda: launch.cancel(session, site, self.campaign, now),
        }
        try:
            acts[act]()
            session.commit()
            is_done = True
        except (lifecycle.WrongState, launch.NoAudience) as error:
            session.rollback()
            is_done = False
            may_fail = isinstance(error, launch.NoAudience) and len(self.left) == len(NAMES)
            assert may_fail or self.status not in LEADS_TO[act]
        if is_done:
            assert self.status in LEADS_TO[act]
            self.status = str(self.campaign.status)

    @rule(name=st.sampled_from(NAMES))
    def leave(self, name: str) -> None:
        leaving = OptOut(self.campaign.lists[0].id, self.readers[name], scope=Scope.list)
        subscriptions.unsubscribe(
            self.yard.session, self.yard.clock(), leaving, ConsentMethod.one_click, NOTE
        )
        self.yard.session.commit()
        self.left.setdefault(name, len(self.copies(name)))

    @precondition(lambda self: self.status != "draft")
    @rule()
    def edit(self) -> None:
        one = self.campaign
        draft = Draft("Tides", "High water", one.sender_id, (one.lists[0].id,), body=one.body)
        with pytest.raises(NotEditable):
            drafts.edit(self.yard.session, one, draft, one.revision, self.yard.clock())
        self.yard.session.rollback()

    # What machines do.

    @rule(minutes=st.sampled_from([1, 20, 90]))
    def wait(self, minutes: int) -> None:
        self.yard.clock.wait(minutes=minutes)

    @rule()
    def tick(self) -> None:
        session, now = self.yard.session, self.yard.clock()
        claims.reap(session, now)
        if self.status == "running" and statistics.is_done(session, self.campaign):
            launch.finish(session, self.yard.site, self.campaign, now)
            self.status = "finished"
        session.commit()

    @rule(mood=st.sampled_from(MOODS), name=st.sampled_from(NAMES))
    def send(self, mood: str, name: str) -> None:
        """Let one sender work; the relay is in a mood towards one reader."""
        with_mood = [("RCPT", mood, self.address(name))] if mood else []
        self.work(with_mood, self.run)

    @rule(moment=st.integers(min_value=1, max_value=12))
    def die(self, moment: int) -> None:
        """Let one sender work in a process of its own, and kill it at some command."""
        with Doom(self.place.sink, moment) as doom:
            self.work([], lambda: self.doomed(doom))
        self.deaths += 1

    def run(self) -> None:
        self.yard.run(self.campaign)
        self.yard.session.rollback()

    def work(self, moods: list[tuple[str, str, str]], sending: Callable[[], None]) -> None:
        sink, before = self.place.sink, len(self.place.sink.caught)
        sink.refusals.clear()
        for command, reply, to in moods:
            sink.answer(command, reply, to=to)
        self.yard.session.commit()
        sending()
        if self.status != "running":
            assert len(sink.caught) == before

    def doomed(self, doom: Doom) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the relay's thread stays here
            child = os.fork()
        if child == 0:
            self.live()
        doom.victim = child
        self.bury(child)

    def live(self) -> None:
        """Send as another process does; never returns."""
        try:
            db.engine.dispose(close=False)
            self.yard.run(self.campaign)
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
        allowed = Allowed(kills=self.deaths, connections=1)
        assert accounting.accounts(url, taken, self.campaign.id, allowed) == []

    @invariant()
    def what_is_final_stays(self) -> None:
        mine = sa.select(Delivery.email, Delivery.status)
        rows = self.yard.session.execute(mine.where(Delivery.campaign_id == self.campaign.id))
        now = {email: status.value for email, status in rows}
        self.yard.session.rollback()
        assert {email: now[email] for email in self.final} == self.final
        self.final = {email: status for email, status in now.items() if status in FINAL}

    @invariant()
    def who_left_gets_nothing_more(self) -> None:
        assert {name: len(self.copies(name)) for name in self.left} == self.left

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
    place = Place(yard, smtp_sink, letters, make_campaign)
    machine = cast("type[Ledger]", seed(int(SEED))(lambda: Ledger(place)))
    chosen = settings(
        max_examples=size(12, 300),
        stateful_step_count=size(15, 40),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
