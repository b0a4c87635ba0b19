"""The pace that all workers share, in either database; time passes as the tests say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.delivery import allowances, pacing, rates
from mailer.delivery.allowances import Allowance
from mailer.delivery.pace_models import About, Limit, Pace
from mailer.delivery.pacing import Ask, Granted, Key, Lines
from tests.delivery.conftest import Clock

pytestmark = pytest.mark.usefixtures("database")

HOST = "relay.example.net"
RELAY = Key(HOST, About.relay)
NO_LINES = {HOST: Lines(0, 4, None)}


def ask(session: Session, clock: Clock, worker: str = "one", **told: object) -> pacing.Word:
    """Let a worker ask about the relay; return what holds for it."""
    asks = {RELAY: Ask(**told)}  # type: ignore[arg-type]
    granted = pacing.exchange(session, worker, NO_LINES, asks, clock())
    session.commit()
    return granted.words[RELAY]


def limit(session: Session, **values: object) -> None:
    session.add(Limit(host=HOST, **{"about": About.relay, "domain": "", **values}))
    session.commit()


def number(word: pacing.Word) -> int:
    return word.grant.number if word.grant else 0


@pytest.mark.parametrize("workers", [1, 4, 8])
def test_the_rate_is_the_same_however_many_workers_share_it(
    session: Session, clock: Clock, workers: int
) -> None:
    """Mailtrain #1188: the limit held for each sending process."""
    limit(session, per_second=40.0)
    seconds, sent = 20, 0
    for _ in range(seconds * 5):
        for worker in range(workers):
            sent += number(ask(session, clock, str(worker), wanted=100))
            clock.wait(seconds=0.2 / workers)
    assert sent / seconds == pytest.approx(40, rel=0.05)


def test_without_limits_nothing_is_written_and_nothing_withheld(
    session: Session, clock: Clock
) -> None:
    granted = pacing.exchange(session, "one", NO_LINES, {}, clock())
    assert granted == Granted(clock())
    assert not session.dirty
    assert not session.new


def test_what_was_not_used_is_there_for_others(session: Session, clock: Clock) -> None:
    limit(session, per_second=10.0, per_day=8)
    assert number(ask(session, clock, wanted=100)) == 5
    assert number(ask(session, clock, "two", wanted=100)) == 0
    pacing.leave(session, "one", {RELAY: 5}, clock())
    session.commit()
    assert number(ask(session, clock, "two", wanted=100)) == 5
    clock.wait(seconds=1)
    assert number(ask(session, clock, "two", wanted=100)) == 3
    word = ask(session, clock, "two", wanted=100)
    assert (number(word), word.until) == (0, pacing.midnight(clock()))
    clock.time = pacing.midnight(clock())
    assert number(ask(session, clock, "two", wanted=100)) > 0


def test_a_relay_that_asks_for_less_gets_half_once_and_more_as_time_goes_by(
    session: Session, clock: Clock
) -> None:
    assert ask(session, clock, is_throttled=True, measured=80.0).rate == 40
    assert ask(session, clock, "two", is_throttled=True, measured=80.0).rate == 40
    clock.wait(seconds=6)
    assert ask(session, clock, is_throttled=True).rate == pytest.approx(22)
    clock.wait(seconds=60)
    assert ask(session, clock).rate == pytest.approx(44)
    clock.wait(minutes=10)
    assert pacing.exchange(session, "one", NO_LINES, {}, clock()).words == {}


def test_a_lost_relay_is_left_alone_and_then_tried_by_one(session: Session, clock: Clock) -> None:
    assert ask(session, clock, wanted=9, is_lost=True).is_closed
    clock.wait(seconds=29)
    assert ask(session, clock, "two", wanted=9).until == clock() + timedelta(seconds=1)
    clock.wait(seconds=1)
    assert ask(session, clock, "two", wanted=9).is_probe
    third = ask(session, clock, "three", wanted=9)
    assert (third.is_closed, third.is_probe) == (True, False)
    assert ask(session, clock, "two", wanted=9).is_probe
    assert not ask(session, clock, "two", is_reached=True).is_closed
    assert not ask(session, clock, "three", wanted=9).is_closed


def test_a_worker_that_dies_while_it_tries_keeps_nobody_from_trying(
    session: Session, clock: Clock
) -> None:
    ask(session, clock, is_lost=True)
    clock.wait(seconds=30)
    assert ask(session, clock, "two", wanted=1).is_probe
    clock.wait(seconds=30)
    assert ask(session, clock, "three", wanted=1).is_probe


def test_a_domain_that_stays_away_is_left_alone_ever_longer(session: Session, clock: Clock) -> None:
    key = Key(HOST, About.recipients, "slow.example")
    rests = []
    for _ in range(6):
        lost = {key: Ask(wanted=1, is_lost=True)}
        word = pacing.exchange(session, "one", NO_LINES, lost, clock()).words[key]
        session.commit()
        assert word.until is not None
        rests.append((word.until - clock()).total_seconds() / 60)
        clock.time = word.until
        pacing.exchange(session, "one", NO_LINES, {key: Ask(wanted=1)}, clock())
        session.commit()
    assert rests == [1, 2, 4, 8, 15, 15]


@pytest.mark.parametrize("by_url", [True, False])
def test_workers_never_have_more_lines_together_than_are_allowed(
    session: Session, clock: Clock, *, by_url: bool
) -> None:
    if not by_url:
        limit(session, connections=5)
    held: dict[str, int] = {}
    for turn in range(30):
        worker = str(turn % 4)
        lines = {HOST: Lines(held.get(worker, 0), 4, 5 if by_url else None)}
        granted = pacing.exchange(session, worker, lines, {}, clock())
        session.commit()
        held[worker] = granted.lines[HOST]
        assert sum(held.values()) <= 5
        clock.wait(seconds=0.2)
    assert sorted(held.values()) == [1, 1, 1, 2]
    pacing.leave(session, "0", {}, clock())
    del held["0"]
    clock.wait(seconds=31)  # the others died
    again = pacing.exchange(session, "new", {HOST: Lines(0, 9, 5)}, {}, clock())
    assert again.lines == {HOST: 5}


def test_each_domain_and_each_sender_has_its_own_pace(session: Session, clock: Clock) -> None:
    limit(session, about=About.recipients, domain="big.example", per_second=2.0)
    limit(session, about=About.sender, domain="news.example", warm_from=clock().date())
    big = Key(HOST, About.recipients, "big.example")
    warm = Key(HOST, About.sender, "news.example")
    learned = pacing.exchange(session, "one", NO_LINES, {}, clock()).words
    assert learned.keys() == {big, warm}
    assert all(word.is_limited and word.grant is None for word in learned.values())
    asks = {big: Ask(wanted=100), warm: Ask(wanted=100)}
    words = pacing.exchange(session, "one", NO_LINES, asks, clock()).words
    assert number(words[big]) == 1
    assert number(words[warm]) == rates.FIRST_DAY


def test_a_warm_up_goes_on_when_its_ceiling_is_changed(session: Session, clock: Clock) -> None:
    began = clock().date()
    given = Allowance(HOST, About.sender, "news.example", per_day=500, warm_from=began)
    allowances.put(session, given)
    later = replace(given, per_day=900, warm_from=began + timedelta(days=3))
    changed = allowances.put(session, later)
    assert (changed.per_day, changed.warm_from) == (900, began)


def test_a_pace_is_forgotten_a_month_after_it_was_touched(session: Session, clock: Clock) -> None:
    limit(session, per_second=40.0, per_day=100)
    ask(session, clock, wanted=10)
    clock.wait(days=29)
    pacing.forget(session, clock())
    assert session.query(Pace).count() == 1
    clock.wait(days=3)
    pacing.forget(session, clock())
    assert session.query(Pace).count() == 0
    assert number(ask(session, clock, wanted=10)) == 10


@pytest.mark.parametrize("stamp", ["free_at", "slowed_at", "closed_until"])
def test_a_pace_that_one_thing_has_happened_to_is_kept(
    session: Session, clock: Clock, stamp: str
) -> None:
    old, lately = clock() - timedelta(days=90), clock() - timedelta(days=2)
    session.add(Pace(**RELAY._asdict(), **{"free_at": old, "day": old.date(), stamp: lately}))
    session.flush()
    pacing.forget(session, clock())
    assert session.query(Pace).count() == 1
