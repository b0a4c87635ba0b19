"""What answers and silences mean: whose trouble it is, when to try again, and when to stop."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.campaigns.rendering import Reader
from mailer.delivery import replies
from mailer.delivery.claims import Claim
from mailer.delivery.smtp.reply import Lost, Reply

HOUR = timedelta(hours=1)
PHASES = ("mail", "rcpt", "data", "body", "dot")


def claim(attempts: int = 0, delivery_id: int = 7) -> Claim:
    return Claim(delivery_id, 1, 1, "letters", Reader("rosa@example.org"), attempts)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    ("code", "text", "status", "burnt"),
    [
        (250, "2.0.0 Queued", "accepted", 1),
        (421, "4.7.28 Too fast", "pending", 0),
        (454, "4.7.0 Throttling failure", "pending", 0),
        (452, "4.3.1 Out of storage", "pending", 0),
        (452, "", "pending", 0),
        (452, "4.2.2 Mailbox full", "deferred", 1),
        (450, "4.2.1 Busy", "deferred", 1),
        (451, "4.7.1 Greylisted", "deferred", 1),
        (550, "5.1.1 No such user", "refused", 1),
        (550, "5.7.1 Not you", "refused", 1),
        (554, "", "refused", 1),
    ],
)
def test_an_answer_is_definite_whenever_it_comes(
    now: datetime, phase: str, code: int, text: str, status: str, burnt: int
) -> None:
    outcome = replies.answered(claim(), Reply(phase, code, text), now)
    assert (outcome.status, outcome.burnt) == (status, burnt)
    assert (outcome.smtp_code, outcome.smtp_text) == (code, text)
    assert (outcome.next_at is not None) == (status in {"pending", "deferred"})


@pytest.mark.parametrize(
    "phase", ["connect", "banner", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body"]
)
def test_a_line_lost_before_the_dot_burns_no_try(now: datetime, phase: str) -> None:
    outcome = replies.unanswered(claim(3), Lost(phase, "closed"), now)
    assert (outcome.status, outcome.burnt) == ("pending", 0)
    assert outcome.next_at == now + replies.RELAY_REST


def test_a_line_lost_after_the_dot_leaves_it_unknown(now: datetime) -> None:
    outcome = replies.unanswered(claim(), Lost("dot", "closed"), now)
    assert (outcome.status, outcome.next_at) == ("unknown", None)


def test_who_is_put_off_for_three_days_is_given_up(now: datetime) -> None:
    at, tries = now, 0
    while True:
        outcome = replies.answered(claim(tries), Reply("rcpt", 450, "4.2.1 Busy"), at)
        if outcome.next_at is None:
            break
        at, tries = outcome.next_at, tries + 1
    assert outcome.status == "expired"
    assert 60 * HOUR < at - now <= 72 * HOUR
    assert at - now + replies.BACKOFF[-1] > 72 * HOUR


@pytest.mark.parametrize(
    ("hours", "status"), [(0, "pending"), (71.9, "pending"), (72, "expired"), (100, "expired")]
)
def test_who_meets_nothing_but_the_relays_trouble_for_three_days_is_given_up(
    now: datetime, hours: float, status: str
) -> None:
    since = now - hours * HOUR
    lost = replies.unanswered(claim(), Lost("data", "closed"), now, since)
    throttled = replies.answered(claim(), Reply("mail", 421, "4.7.0 Busy"), now, since=since)
    assert [one.status for one in (lost, throttled)] == [status, status]
    assert [one.burnt for one in (lost, throttled)] == [0, 0]
    assert {one.next_at is None for one in (lost, throttled)} == {status == "expired"}


def test_after_three_days_a_relays_definite_word_still_counts(now: datetime) -> None:
    since = now - 100 * HOUR
    taken = replies.answered(claim(), Reply("dot", 250, "Ok"), now, since=since)
    refused = replies.answered(claim(), Reply("rcpt", 550, "5.1.1 No"), now, since=since)
    silent = replies.unanswered(claim(), Lost("dot", "closed"), now, since)
    assert [one.status for one in (taken, refused, silent)] == ["accepted", "refused", "unknown"]


@given(st.floats(-1, 1), st.integers(0, len(replies.BACKOFF) - 1))
def test_the_waiting_is_spread_by_a_fifth_at_most(jitter: float, attempts: int) -> None:
    now = datetime(2026, 3, 2)  # noqa: DTZ001 - only differences count
    reply = Reply("rcpt", 450, "")
    outcome = replies.answered(claim(attempts), reply, now, jitter)
    assert outcome.next_at is not None
    wait = (outcome.next_at - now) / replies.BACKOFF[attempts]
    assert 0.8 - 1e-6 <= wait <= 1.2 + 1e-6
    assert outcome == replies.answered(claim(attempts), reply, now, jitter)


def test_each_try_of_each_copy_has_its_own_place_in_the_spread() -> None:
    places = [replies.spread(claim(tries, number)) for tries in range(5) for number in range(200)]
    assert places == [replies.spread(claim(t, number)) for t in range(5) for number in range(200)]
    assert len(set(places)) == 1000
    assert -1 <= min(places) < -0.99
    assert 0.99 < max(places) <= 1
    assert abs(sum(places)) < 100


@pytest.mark.parametrize(
    ("phase", "code", "text", "expected"),
    [
        ("rcpt", 550, "5.1.1 No such user", True),
        ("dot", 550, "5.1.1 <rosa@example.org> unknown", True),
        ("rcpt", 556, "5.1.10 Null MX", True),
        ("rcpt", 553, "5.1.3 Bad syntax", True),
        ("rcpt", 550, "5.7.1 Blocked", False),
        ("rcpt", 550, "5.2.1 Mailbox disabled", False),
        ("rcpt", 550, "No such user", False),
        ("rcpt", 550, "5.1.8 Bad sender domain", False),
        ("mail", 550, "5.1.1 You are nobody", False),
        ("rcpt", 450, "4.1.1 Try later", False),
        ("rcpt", 550, "5.1.1.9 is on a list", False),
        ("rcpt", 550, "see 5.1.1 below", False),
    ],
)
def test_only_a_mailbox_that_does_not_exist_is_no_such_person(
    phase: str, code: int, text: str, *, expected: bool
) -> None:
    assert replies.is_no_such_person(Reply(phase, code, text)) is expected


def test_a_final_no_before_the_reader_was_named_or_to_the_message_is_about_us() -> None:
    ours = {
        phase for phase in (*PHASES, "auth") if replies.is_about_the_sender(Reply(phase, 550, ""))
    }
    assert ours == {"auth", "mail", "data"}
    assert not replies.is_about_the_sender(Reply("mail", 450, ""))
