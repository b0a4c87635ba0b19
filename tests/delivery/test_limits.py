"""The one sentence about what holds a campaign back, from figures and rows, and from real turns."""

import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from mailer.campaigns.models import Campaign
from mailer.delivery import limits, progress, routes, sending, statistics
from mailer.delivery.histograms import BOUNDS
from mailer.delivery.holds import Holds
from mailer.delivery.limits import Scene
from mailer.delivery.models import Delivery
from mailer.delivery.pace_models import About, Limit, Pace
from mailer.delivery.pacing import Key
from mailer.delivery.routes import Route
from mailer.delivery.sending import Means
from mailer.delivery.windows import Figures, Span, Wait
from tests.delivery.conftest import Yard
from tests.delivery.crowds import HOST, Crowd, flowing, limit, people, turn
from tests.relays import Sink, running_sink

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
RELAY = Key(HOST, About.relay)
OURS = Key(HOST, About.sender, "harbor.example.com")
HERS = Key(HOST, About.recipients, "slow.example")


def figures(waits: Mapping[str, float], connections: int = 10, allowed: int = 10) -> Figures:
    made = Figures()
    made.numbers.update(accepted=600, connections=connections, allowed=allowed)
    made.waits.update(waits)
    made.spans[Span.reply].merge([0] * len(BOUNDS) + [1000], 600.0)
    made.spans[Span.fence].merge([0] * len(BOUNDS) + [10], 0.8)
    return made


def holds(*rows: Limit | Pace) -> Holds:
    """Return what these rows hold back; the defaults of the columns are filled in."""
    by_kind: dict[type, dict[Key, object]] = {Limit: {}, Pace: {}}
    for row in rows:
        by_kind[type(row)][Key(row.host, row.about, row.domain)] = row
    made = by_kind[Limit], by_kind[Pace]
    return Holds((HOST,), "harbor.example.com", *made, NOW)  # type: ignore[arg-type]


def allowed(key: Key, **values: object) -> Limit:
    return Limit(**key._asdict(), **values)


def asked(key: Key, **values: object) -> Pace:
    return Pace(**{**key._asdict(), "day": None, "used": 0, "prober": "", "trips": 0, **values})


def said(waits: Mapping[str, float], *rows: Limit | Pace, **more: object) -> str:
    return limits.binding(Scene(figures(waits), 60.0, holds(*rows), **more)).sentence  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("waits", "sentence"),
    [
        (
            {"relay": 550.0, "database": 3.0},
            "The relay answers in 600 ms \u00d7 10 connections = 17/s. "  # noqa: ISC004 - one text
            "All that are allowed are open.",
        ),
        (
            {"relay": 400.0, "database": 60.0, "machine": 140.0},
            "The relay answers in 600 ms \u00d7 10 connections = 17/s; with "  # noqa: ISC004 - one text
            "the time that this machine takes it is 10/s. All that are allowed are open.",
        ),
        (
            {"relay": 3000.0},
            "The relay takes 3.0 s for a copy, 600 ms of it after the final "  # noqa: ISC004 - one text
            "dot, \u00d7 10 connections = 3.3/s. All that are allowed are open.",
        ),
        (
            {"pace": 400.0, "relay": 100.0},
            "The pace that was set for the relay is the limit: 10/s.",
        ),
        (
            {"database": 300.0},
            "The database is the limit: to mark a copy before it leaves takes 80.0 ms; 10/s.",
        ),
        ({"machine": 300.0}, "This machine is the limit: it makes and hands over 10/s."),
        (
            {"domain": 200.0},
            "What is left goes to a few domains, none of which may "  # noqa: ISC004 - one text
            "hold more than its share of the connections: 10/s.",
        ),
        ({"due": 500.0}, "Almost through: the last copies are on their way."),
        ({"relay": 20.0}, ""),
        ({}, ""),
    ],
)
def test_the_binding_limit_is_named_with_its_figures(
    waits: dict[str, float], sentence: str
) -> None:
    assert said(waits) == sentence


@pytest.mark.parametrize("why", list(Wait))
def test_every_wait_has_a_sentence_with_and_without_figures(why: Wait) -> None:
    waiting = Figures()
    waiting.waits[why] = 60.0
    for one in (waiting, figures({why: 600.0})):
        found = limits.binding(Scene(one, 60.0, holds()))
        assert found.wait is why
        assert found.sentence.endswith(".")


def test_connections_that_may_be_opened_are_told() -> None:
    scene = Scene(figures({"relay": 59.0}, connections=1, allowed=16), 60.0, holds())
    told = limits.binding(scene).sentence
    assert "600 ms \u00d7 one connection = 10/s. It may have 16." in told


def test_lines_that_have_nothing_to_do_hide_no_limit() -> None:
    assert said({"due": 400.0, "relay": 100.0}).startswith("The relay answers")


TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("row", "pace", "sentence"),
    [
        (allowed(RELAY, per_second=40.0), None, "Held at 40/s by the limit of relay 127.0.0.1."),
        (
            allowed(RELAY, per_second=200 / 3600),
            None,
            "Held at 200/h by the limit of relay 127.0.0.1.",
        ),
        (
            allowed(RELAY, per_day=100, warm_from=TODAY),
            asked(RELAY, day=TODAY, used=12),
            "Held at 50 a day by the warm-up of relay 127.0.0.1; 12 of them are used.",
        ),
        (
            allowed(OURS, warm_from=TODAY),
            asked(OURS, day=TODAY, used=50),
            "Held until 00:00 UTC: the warm-up of mail from harbor.example.com at "  # noqa: ISC004 - one text
            "relay 127.0.0.1 allows 50 today, and they are used.",
        ),
        (
            None,
            asked(RELAY, slowed_to=5.0, slowed_at=NOW - timedelta(minutes=1)),
            "Held at 10/s: relay 127.0.0.1 asked for less at 15:29 UTC, "  # noqa: ISC004 - one text
            "and the pace grows back by and by.",
        ),
    ],
)
def test_a_pace_is_told_with_whose_it_is(
    row: Limit | None, pace: Pace | None, sentence: str
) -> None:
    some = [one for one in (row, pace) if one is not None]
    about = (row or pace).about  # type: ignore[union-attr] # one of them is there
    assert said({f"pace {HOST} {about}": 400.0}, *some) == sentence


def test_a_relay_that_is_left_alone_is_named_with_the_end_of_its_rest() -> None:
    rest = asked(RELAY, closed_until=NOW + 30 * A_SECOND)
    assert said({f"rest {HOST} relay": 300.0}, rest) == (
        "Left alone until 15:30:30 UTC: relay 127.0.0.1 could not be reached."
    )
    assert "tries whether relay 127.0.0.1 can" in said({f"rest {HOST} relay": 300.0}, asked(RELAY))


def test_the_domains_that_are_waited_for_are_named() -> None:
    slow = allowed(HERS, per_second=0.5)
    waits = {f"domain {HOST} recipients": 300.0}
    assert said(waits, slow) == (
        "What is left goes to slow.example. "
        "Held at 30/min by the limit of mail to slow.example at relay 127.0.0.1."
    )
    other = allowed(HERS._replace(domain="other.example"), per_second=1.0)
    assert "is limited: other.example, slow.example." in said(waits, slow, other)
    assert "goes to slow.example. Held" in said(waits, slow, other, through=["other.example"])


@pytest.mark.parametrize(
    ("put_off", "sentence"),
    [
        (0, "Nothing is due until 15:35 UTC."),
        (1, "Nothing is due until 15:35 UTC: one copy was put off by the relay."),
        (2000, "Nothing is due until 15:35 UTC: 2,000 copies were put off by the relay."),
    ],
)
def test_a_campaign_of_which_nothing_is_due_says_when_it_goes_on(
    put_off: int, sentence: str
) -> None:
    later = NOW + timedelta(minutes=5)
    assert said({"relay": 550.0}, put_off=put_off, next_at=later) == sentence


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [(4.0, ""), (200.0, "No worker has taken it up: it has been due for 3 min. Is one running?")],
)
def test_what_no_worker_takes_up_is_said(seconds: float, sentence: str) -> None:
    assert limits.binding(Scene(Figures(), 60.0, holds(), left_for=seconds)).sentence == sentence
    assert said({"relay": 550.0}, left_for=seconds).startswith("The relay answers")


# Real turns with a real relay.


def told(yard: Yard, campaign: Campaign) -> str:
    """Return what the live report says: the campaign's clock is the windows'."""
    yard.session.expire_all()
    report = statistics.report(yard.session, campaign)
    now = yard.session.scalar(sa.select(sa.func.max(Delivery.finished_at))) or yard.clock()
    return progress.pace(yard.session, campaign, report, (HOST,), now + A_SECOND).binding


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("about", [RELAY, OURS])
def test_a_rate_is_the_binding_limit(yard: Yard, tides: Campaign, crowd: Crowd, about: Key) -> None:
    crowd(people(60))
    limit(yard.session, about=about.about, domain=about.domain, per_second=30.0)
    yard.start(tides)
    turn(yard, tides)
    assert told(yard, tides).startswith("Held at 30/s by the limit of ")


@pytest.mark.usefixtures("database")
def test_a_slow_relay_is_the_binding_limit(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    crowd(people(40))
    smtp_sink.pauses["domain0.example"] = 0.2
    yard.start(tides)
    turn(yard, tides)
    sentence = told(yard, tides)
    assert sentence.startswith("The relay answers in 2")
    assert "\u00d7 4 connections = " in sentence


@pytest.mark.usefixtures("database")
def test_a_relay_that_is_slow_before_the_copy_is_handed_over_is_the_binding_limit(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    crowd(people(24))
    smtp_sink.thinks = 0.2
    yard.start(tides)
    turn(yard, tides)
    before = r"The relay takes [12]\d\d ms for a copy, \d+(\.\d)? ms of it after the final dot, "
    assert re.match(before, told(yard, tides))


@pytest.mark.usefixtures("database")
def test_a_limited_domain_is_the_binding_limit(yard: Yard, tides: Campaign, crowd: Crowd) -> None:
    crowd(people(60, 3))
    limit(yard.session, about=About.recipients, domain="domain0.example", per_second=3.0)
    yard.start(tides)
    ended = threading.Event()
    threading.Timer(3.0, ended.set).start()
    means = Means((Route(yard.relay),), 4, yard.journals, flowing(yard), ended)
    sending.run(yard.session, yard.site, means, tides.id)
    assert told(yard, tides) == (
        "What is left goes to domain0.example. "
        "Held at 3/s by the limit of mail to domain0.example at relay 127.0.0.1."
    )


@pytest.mark.usefixtures("database")
def test_where_all_that_is_left_is_slow_the_relay_is_waited_for_on_every_line(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    crowd(people(80, 8))
    smtp_sink.pauses["domain0.example"] = 0.3
    yard.start(tides)
    turn(yard, tides)
    # How quick it was with the others is told or not, as the machine had time to write it down.
    assert re.match("The relay (is waited for|answers in)", told(yard, tides))


@pytest.mark.usefixtures("database")
def test_a_campaign_that_nobody_works_on_says_so(yard: Yard, tides: Campaign, crowd: Crowd) -> None:
    crowd(people(3))
    yard.start(tides)
    yard.clock.wait(seconds=30)
    assert told(yard, tides).startswith("No worker has taken it up: it has been due for 31.0 s.")
    yard.hold(tides)
    assert told(yard, tides) == ""


@pytest.mark.usefixtures("database")
def test_a_limit_that_was_lifted_is_the_limit_no_more(
    yard: Yard, tides: Campaign, crowd: Crowd
) -> None:
    crowd(people(20))
    limit(yard.session, per_second=10.0)  # a slow machine is still quicker
    yard.start(tides)
    turn(yard, tides)
    assert "limit" in told(yard, tides)
    yard.session.execute(sa.delete(Limit))
    assert "limit" not in told(yard, tides)


@pytest.mark.usefixtures("database")
def test_a_rest_between_turns_is_told_from_the_rows(
    yard: Yard, tides: Campaign, crowd: Crowd
) -> None:
    crowd(people(10))
    with running_sink() as sink:
        url = sink.url
    yard.start(tides)
    turn(yard, tides, *routes.read(url, 5))
    assert told(yard, tides).endswith("relay 127.0.0.1 could not be reached.")


@pytest.mark.usefixtures("database")
def test_a_spent_warm_up_is_told_from_the_rows(yard: Yard, tides: Campaign, crowd: Crowd) -> None:
    crowd(people(60))
    limit(yard.session, warm_from=yard.clock().date())
    yard.start(tides)
    turn(yard, tides)
    assert told(yard, tides) == (
        "Held until 00:00 UTC: the warm-up of relay 127.0.0.1 allows 50 today, and they are used."
    )


@pytest.mark.usefixtures("database")
def test_copies_that_were_put_off_are_told_from_the_rows(
    yard: Yard, tides: Campaign, crowd: Crowd, smtp_sink: Sink
) -> None:
    crowd(people(10))
    smtp_sink.answer("RCPT", "450 4.2.1 Try later", to=people(10)[3])
    yard.start(tides)
    turn(yard, tides)
    assert told(yard, tides).endswith("one copy was put off by the relay.")
