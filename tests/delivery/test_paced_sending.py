"""Sending under limits, to relays that ask for less, fall silent or come in numbers."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.delivery import routes, sending
from mailer.delivery.models import Portion
from mailer.delivery.pace_models import About, Crew, Pace
from mailer.delivery.routes import Route
from mailer.delivery.sending import Means
from tests.delivery.conftest import Yard
from tests.delivery.crowds import Crowd, flowing, limit, people, turn
from tests.relays import Sink, running_sink

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def other_sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


def states(yard: Yard, campaign: Campaign) -> Counter[str]:
    return Counter(one.status.value for one in yard.deliveries(campaign))


@pytest.mark.parametrize("workers", [1, 3])
def test_a_rate_holds_on_the_wire_for_all_workers_together(
    app: Flask, yard: Yard, tides: Campaign, crowd: Crowd, workers: int, smtp_sink: Sink
) -> None:
    crowd(people(120))
    limit(yard.session, per_second=40.0)
    yard.start(tides)
    means = Means((Route(yard.relay),), 4, yard.journals, flowing(yard))
    campaign_id = tides.id
    yard.session.commit()

    def work(_: int) -> None:
        with app.app_context():
            sending.run(db.session(), yard.site, means, campaign_id)

    began = time.monotonic()
    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(work, range(workers)))
    assert 2.7 < time.monotonic() - began < 5
    assert states(yard, tides) == {"accepted": 120}
    assert len(smtp_sink.caught) == 120


def test_a_domain_under_a_limit_does_not_hold_up_the_others(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    crowd(people(100, 4))
    limit(yard.session, about=About.recipients, domain="domain0.example", per_second=10.0)
    yard.start(tides)
    turn(yard, tides)
    assert states(yard, tides) == {"accepted": 100}
    order = [mail.rcpt_to[0].rpartition("@")[2] for mail in smtp_sink.caught]
    assert order[-12:] == ["domain0.example"] * 12


@pytest.mark.parametrize(("readers", "pause"), [(200, 0.5), (60, 1.1)])
def test_a_slow_domain_lets_the_others_go_on_and_has_all_lines_after_them(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink, readers: int, pause: float
) -> None:
    """F-09; mailinabox #1771: one provider's slowness must not be everybody's."""
    crowd(people(readers, 20))
    smtp_sink.pauses["domain0.example"] = pause
    yard.start(tides)
    began = time.monotonic()
    turn(yard, tides)
    seconds = time.monotonic() - began
    assert states(yard, tides) == {"accepted": readers}
    order = [mail.rcpt_to[0].rpartition("@")[2] for mail in smtp_sink.caught]
    assert order[-2:] == ["domain0.example"] * 2
    assert pause * readers / 20 / 4 < seconds < 20  # four lines


@pytest.mark.parametrize("most", [1, 5])
def test_a_relay_that_ends_its_sessions_early_burns_no_attempt(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink, most: int
) -> None:
    """F-07; listmonk #2683, #1518: 421 in mid-session, and the reader was lost."""
    crowd(people(60))
    smtp_sink.most = most
    yard.start(tides)
    began = time.monotonic()
    assert turn(yard, tides) is False
    assert time.monotonic() - began < 5
    assert states(yard, tides) == {"accepted": 60}
    assert {one.attempts for one in yard.deliveries(tides)} == {1}
    assert smtp_sink.connections <= 60 // most + 12


def test_a_relay_that_asks_for_less_gets_less_and_loses_nobody(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    """listmonk #1802: 454 answers to a throttled campaign ended it with 578 of 1450 sent."""
    crowd(people(30))
    smtp_sink.answer("DATA", "454 4.7.0 Throttling failure: rate exceeded", times=5)
    yard.start(tides)
    turn(yard, tides)
    pace = yard.session.scalars(sa.select(Pace)).one()
    assert (pace.about, pace.slowed_to is not None) == (About.relay, True)
    assert states(yard, tides)["accepted"] >= 25


def test_a_relay_that_is_down_is_called_twice_a_minute_by_all_together(
    yard: Yard, tides: Campaign, crowd: Crowd
) -> None:
    """F-08; listmonk #1802, #1762: ten minutes of a lost relay, and two workers."""
    crowd(people(20))
    calls = []
    relay = yard.relay
    with running_sink() as sink:
        port = sink.port
    down = Route(routes.read(f"smtp://127.0.0.1:{port}", 5)[0].relay)
    yard.start(tides)
    for _ in range(120):
        for _worker in range(2):
            means = Means((down,), 4, yard.journals, yard.clock)
            before = trips(yard.session)
            sending.run(yard.session, yard.site, means, tides.id)
            calls.append(trips(yard.session) - before)
        yard.clock.wait(seconds=5)
    assert 18 <= sum(calls) <= 21
    assert states(yard, tides) == {"pending": 20}
    yard.clock.wait(seconds=30)
    means = Means((Route(relay),), 4, yard.journals, yard.clock)
    sending.run(yard.session, yard.site, means, tides.id)
    assert states(yard, tides) == {"accepted": 20}
    assert {one.attempts for one in yard.deliveries(tides)} == {1}


def trips(session: Session) -> int:
    found = session.scalar(sa.select(sa.func.max(Pace.trips))) or 0
    session.rollback()
    return found


@pytest.mark.by_hand  # half of the mail goes to a relay that the accounts do not see
def test_the_lines_are_divided_by_weight(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink, other_sink: Sink
) -> None:
    crowd(people(120))
    for sink in (smtp_sink, other_sink):
        sink.pauses["domain0.example"] = 0.02
    yard.start(tides)
    turn(yard, tides, *both(smtp_sink, other_sink, "?weight=3"))
    assert states(yard, tides) == {"accepted": 120}
    assert 75 <= len(smtp_sink.caught) <= 105
    assert len(other_sink.caught) >= 15


def both(first: Sink, second: Sink, words: str = "", other_words: str = "") -> tuple[Route, ...]:
    return routes.read(f"{first.url}{words} smtp://localhost:{second.port}{other_words}", 5)


def test_what_a_lost_relay_would_have_carried_goes_to_the_other(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink, other_sink: Sink
) -> None:
    crowd(people(40))
    smtp_sink.answer("MAIL", "421 4.3.2 Shutting down")
    yard.start(tides)
    turn(yard, tides, *both(other_sink, smtp_sink))
    assert states(yard, tides) == {"accepted": 40}
    assert len(other_sink.caught) == 40


def test_a_campaign_that_too_many_refuse_is_paused_in_plain_words(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    crowd(people(200))
    for number in range(90, 200, 4):
        smtp_sink.answer("RCPT", "550 5.1.1 No such user", to=people(200)[number])
    yard.start(tides)
    turn(yard, tides, connections=1)
    yard.session.refresh(tides)
    assert tides.status is CampaignStatus.paused
    assert tides.hold_reason.startswith("More than 5 of the last 100 readers were refused.")
    assert states(yard, tides)["refused"] == 6
    assert states(yard, tides)["pending"] > 80


def test_a_few_refusals_are_no_reason_to_pause(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    crowd(people(120))
    for number in range(0, 120, 24):
        smtp_sink.answer("RCPT", "550 5.1.1 No such user", to=people(120)[number])
    yard.start(tides)
    turn(yard, tides)
    assert states(yard, tides) == {"accepted": 115, "refused": 5}


def test_a_warm_up_ends_the_day_and_the_rest_waits_for_the_next(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    crowd(people(80))
    limit(
        yard.session,
        about=About.sender,
        domain="harbor.example.com",
        warm_from=yard.clock().date(),
    )
    yard.start(tides)
    turn(yard, tides)
    assert states(yard, tides) == {"accepted": 50, "pending": 30}
    portion = yard.session.scalars(sa.select(Portion)).one()
    assert portion.next_at is not None
    midnight = (yard.clock() + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    assert abs(portion.next_at - midnight) < timedelta(seconds=30)
    yard.clock.time = midnight + timedelta(seconds=30)
    turn(yard, tides)
    assert states(yard, tides) == {"accepted": 80}
    assert len(smtp_sink.caught) == 80


def test_a_slow_relay_gets_all_that_the_day_allows(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    """The last of the day are promised to a worker long before it can hand them over."""
    crowd(people(20))
    limit(yard.session, per_day=12)
    smtp_sink.pauses["domain0.example"] = 0.15
    yard.start(tides)
    turn(yard, tides, connections=1)
    assert states(yard, tides) == {"accepted": 12, "pending": 8}


def test_no_more_connections_are_opened_than_are_allowed(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    crowd(people(40))
    limit(yard.session, connections=1)
    yard.start(tides)
    turn(yard, tides, connections=8)
    assert states(yard, tides) == {"accepted": 40}
    assert smtp_sink.connections == 1
    assert yard.session.scalars(sa.select(Crew)).all() == []


def test_each_senders_mail_goes_only_to_the_relay_that_names_it(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink, other_sink: Sink
) -> None:
    crowd(people(10))
    yard.start(tides)
    turn(yard, tides, *both(smtp_sink, other_sink, "", "?senders=harbor.example.com"))
    assert (len(smtp_sink.caught), len(other_sink.caught)) == (0, 10)
