"""The register: what may be done about a request, when, and what is left of it in the end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import Subscriber
from mailer.privacy import erasure, reasons
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.requests import figures, register, steps
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.register import Asked, Filter
from mailer.privacy.requests.steps import Ending, TooLate, WrongState
from mailer.privacy.requests.words import AT_ONCE, GUARDED, Channel, Kind, Outcome, State, Way

DESK = Desk(ZoneInfo("Europe/Vienna"), "AT")
RECEIVED = datetime(2026, 3, 5, 9, tzinfo=UTC)  # due on 7 April, after Easter
A_DAY = timedelta(days=1)
DONE = Ending(Outcome.granted, "We sent her the copy.", "Mail of 9 March")

Receive = Callable[..., Request]


@pytest.fixture
def receive(session: Session, rosa: Subscriber) -> Receive:
    def make(**changes: object) -> Request:
        asked = Asked(
            kind=Kind.access,
            regime=Regime.gdpr,
            channel=Channel.letter,
            received_at=RECEIVED,
            address_key=rosa.address_key,
            email=rosa.email,
            wish="All that you have about rosa@example.org",
        )
        now = RECEIVED + A_DAY
        return register.receive(session, now, DESK, replace(asked, **changes), "desk")  # type: ignore[arg-type]

    return make


def acts(session: Session) -> list[str]:
    return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_request_is_due_by_the_day_it_was_received_not_the_day_it_was_entered(
    receive: Receive,
) -> None:
    request = receive()
    assert request.due_at.astimezone(DESK.zone).isoformat() == "2026-04-07T23:59:59+02:00"
    assert "12(3)" in request.citation
    with pytest.raises(register.FromTheFuture):
        receive(received_at=RECEIVED + 2 * A_DAY)


@pytest.mark.usefixtures("database")
def test_each_step_stands_in_the_audit_log_and_names_nobody(
    session: Session, receive: Receive, alice: User
) -> None:
    request, now = receive(), RECEIVED + A_DAY
    steps.confirm(session, now, request, alice, Way.post)
    steps.assign(session, now, request, alice, alice.email)
    steps.identify(session, now, request, alice, "mailbox")
    steps.extend(session, now, DESK, request, alice, "many old lists")
    steps.close(session, now, request, alice, DONE)
    session.commit()
    assert acts(session) == [
        f"requests.{one}" for one in ("receive", "confirm", "assign", "identify", "extend", "close")
    ]
    entries = session.scalars(sa.select(AuditEntry)).all()
    assert {one.subject for one in entries} == {f"request {request.id}"}
    assert "rosa" not in "".join(one.reason for one in entries)
    assert ledger.first_broken(session, AuditEntry) is None


def test_a_copy_is_granted_only_to_whom_it_belongs(session: Session, receive: Receive) -> None:
    request = receive()
    with pytest.raises(WrongState, match="Identify"):
        steps.close(session, RECEIVED + A_DAY, request, "desk", DONE)
    refused = Ending(Outcome.refused, "Nobody proved whose it is. You may complain to the DSB.")
    steps.close(session, RECEIVED + A_DAY, request, "desk", refused)
    assert request.state is State.closed
    assert request.email == ""


@pytest.mark.parametrize("kind", list(Kind))
def test_only_what_hands_out_or_changes_data_asks_who_it_is(
    session: Session, receive: Receive, kind: Kind
) -> None:
    request = receive(kind=kind)
    if kind in GUARDED:
        with pytest.raises(WrongState):
            steps.close(session, RECEIVED + A_DAY, request, "desk", DONE)
    else:
        steps.close(session, RECEIVED + A_DAY, request, "desk", DONE)
        assert request.outcome is Outcome.granted
    assert not AT_ONCE & GUARDED


def test_a_pause_moves_the_deadline_by_its_length(session: Session, receive: Receive) -> None:
    request, now = receive(), RECEIVED + A_DAY
    steps.pause(session, now, DESK, request, "desk", "whose address is it?")
    assert not request.is_overdue(RECEIVED + 90 * A_DAY)
    with pytest.raises(WrongState):
        steps.close(session, now, request, "desk", DONE)
    steps.resume(session, now + 9 * A_DAY, DESK, request, "desk")
    assert request.state is State.received
    # As if it had come on 14 March: 14 April is a Tuesday.
    assert request.due_at.astimezone(DESK.zone).date().isoformat() == "2026-04-14"


def test_california_knows_no_pause(session: Session, receive: Receive) -> None:
    request = receive(regime=Regime.ccpa)
    with pytest.raises(WrongState, match="7021"):
        steps.pause(session, RECEIVED + A_DAY, DESK, request, "desk", "who is it?")
    assert request.confirm_by is not None


def test_of_two_laws_the_earlier_term_holds_each_time(session: Session, receive: Receive) -> None:
    """A Californian reader of an Austrian sender: 45 days, and one month; 90 days, and three."""
    both = {"regime": Regime.ccpa, "also": Regime.gdpr}
    request, now = receive(**both), RECEIVED + A_DAY
    until = steps.deadlines(DESK, request)
    assert {law: f"{one.at:%m-%d}" for law, one in until.items()} == {
        Regime.ccpa: "04-19",
        Regime.gdpr: "04-07",
        Regime.policy: "04-19",
    }
    assert f"{request.due_at.astimezone(DESK.zone):%m-%d}" == "04-07"
    assert "12(3)" in request.citation
    assert request.confirm_by is not None
    with pytest.raises(WrongState, match="7021"):
        steps.pause(session, now, DESK, request, "desk", "who is it?")
    with pytest.raises(TooLate):
        steps.extend(session, RECEIVED + 35 * A_DAY, DESK, request, "desk", "no time")
    steps.extend(session, now, DESK, request, "desk", "forty requests at once")
    assert f"{request.due_at.astimezone(DESK.zone):%m-%d}" == "06-03"
    assert "1798" in request.citation
    unsold = receive(kind=Kind.no_sale, **both)
    assert f"{unsold.due_at.astimezone(DESK.zone):%m-%d}" == "03-26"
    assert unsold.confirm_by is None


def test_an_extension_needs_a_reason_and_comes_once(session: Session, receive: Receive) -> None:
    request, now = receive(), RECEIVED + A_DAY
    with pytest.raises(reasons.BadReason):
        steps.extend(session, now, DESK, request, "desk", " ")
    assert request.extended_at is None
    steps.extend(session, now, DESK, request, "desk", "forty requests at once")
    assert request.due_at.astimezone(DESK.zone).date().isoformat() == "2026-06-05"
    with pytest.raises(WrongState, match="third"):
        steps.extend(session, now, DESK, request, "desk", "again")
    own = receive(regime=Regime.policy)
    with pytest.raises(WrongState, match="Only a law"):
        steps.extend(session, now, DESK, own, "desk", "no time")


def test_a_wish_that_nothing_be_sold_is_neither_confirmed_nor_extended(
    session: Session, receive: Receive
) -> None:
    request = receive(kind=Kind.no_sale, regime=Regime.ccpa)
    assert request.confirm_by is None
    assert request.due_at.astimezone(DESK.zone).date().isoformat() == "2026-03-26"
    with pytest.raises(WrongState, match="7026"):
        steps.extend(session, RECEIVED + A_DAY, DESK, request, "desk", "no time")


@pytest.mark.parametrize("step", [steps.pause, steps.extend])
def test_the_clock_is_moved_inside_the_first_month_only(
    session: Session, receive: Receive, step: Callable[..., None]
) -> None:
    last = datetime(2026, 4, 7, 23, 59, 59, tzinfo=DESK.zone)
    with pytest.raises(TooLate):
        step(session, last + timedelta(seconds=1), DESK, receive(), "desk", "late")
    step(session, last, DESK, receive(), "desk", "in time")


def test_nothing_is_done_about_a_closed_request(session: Session, receive: Receive) -> None:
    request, now = receive(kind=Kind.complaint), RECEIVED + A_DAY
    steps.close(session, now, request, "desk", DONE)
    tried: list[Callable[[], None]] = [
        lambda: steps.confirm(session, now, request, "desk", Way.post),
        lambda: steps.identify(session, now, request, "desk", "letter"),
        lambda: steps.pause(session, now, DESK, request, "desk", "why"),
        lambda: steps.resume(session, now, DESK, request, "desk"),
        lambda: steps.extend(session, now, DESK, request, "desk", "why"),
        lambda: steps.assign(session, now, request, "desk", "alice"),
        lambda: steps.close(session, now, request, "desk", DONE),
    ]
    for step in tried:
        with pytest.raises(WrongState):
            step()
    assert acts(session) == ["requests.receive", "requests.close"]


def test_an_answer_with_an_address_is_not_kept(session: Session, receive: Receive) -> None:
    told = Ending(Outcome.granted, "Told rosa@example.org")
    with pytest.raises(reasons.BadReason):
        steps.close(session, RECEIVED + A_DAY, receive(kind=Kind.complaint), "desk", told)


@pytest.mark.usefixtures("database")
def test_the_desk_shows_what_is_due_first_and_counts_what_is_late(
    session: Session, receive: Receive
) -> None:
    late, soon = receive(), receive(received_at=RECEIVED - 7 * A_DAY, kind=Kind.erasure)
    closed, paused = receive(kind=Kind.objection), receive(kind=Kind.correction)
    steps.close(session, RECEIVED + A_DAY, closed, "desk", DONE)
    steps.pause(session, RECEIVED + A_DAY, DESK, paused, "desk", "whose?")
    assert register.page(session, Filter())[0] is soon
    assert set(register.page(session, Filter())) == {late, soon, paused}
    assert register.page(session, Filter(kind=Kind.erasure)) == [soon]
    assert register.page(session, Filter(state=State.closed)) == [closed]
    assert figures.counted(session, late.due_at).overdue == 1
    assert figures.counted(session, late.due_at + timedelta(seconds=1)).overdue == 2


@pytest.mark.usefixtures("database")
def test_the_pages_of_the_desk_follow_one_another_and_leave_nobody_out(
    session: Session, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are due at the same moment, and one that was shown is answered meanwhile."""
    monkeypatch.setattr(register, "PAGE", 2)
    made = [
        receive(received_at=RECEIVED - days * A_DAY, kind=Kind.complaint)
        for days in (0, 0, 0, 3, 0, 3)
    ]
    first = register.page(session, Filter())
    assert [one.id for one in first] == [made[3].id, made[5].id]
    steps.close(session, RECEIVED + A_DAY, made[5], "desk", DONE)
    second = register.page(session, Filter(after=first[-1].id))
    third = register.page(session, Filter(after=second[-1].id))
    assert [one.id for one in (*second, *third)] == [made[at].id for at in (0, 1, 2, 4)]
    assert register.page(session, Filter(after=third[-1].id)) == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("hours", "days"), [((24,), 1.0), ((24, 72), 2.0), ((240, 12, 31), 1.3), ((1, 1, 2, 50), 0.1)]
)
def test_the_median_of_days_to_an_answer_is_told_in_tenths(
    session: Session, receive: Receive, hours: tuple[int, ...], days: float
) -> None:
    for taken in hours:
        at = RECEIVED + timedelta(hours=taken)
        steps.close(session, at, receive(kind=Kind.complaint), "desk", DONE)
    assert figures.days_to_answer(session, RECEIVED + 20 * A_DAY) == days


@pytest.mark.usefixtures("database")
def test_of_very_many_answers_the_newest_tell_how_long_they_take(
    session: Session, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST", 1)
    for days in (3, 8, 1):
        asked = receive(kind=Kind.complaint)
        steps.close(session, RECEIVED + days * A_DAY, asked, "desk", DONE)
    assert figures.days_to_answer(session, RECEIVED + 20 * A_DAY) == 8.0


@pytest.mark.usefixtures("database")
def test_long_after_its_end_a_request_names_nobody(session: Session, receive: Receive) -> None:
    request, still = receive(kind=Kind.complaint), receive()
    closed_at = datetime(2026, 3, 6, 12, tzinfo=UTC)
    steps.close(session, closed_at, request, "desk", DONE)
    assert register.pseudonymise(session, closed_at, sa.true()) == 0
    assert session.scalar(sa.select(Request.address_key).where(Request.id == request.id))
    assert register.pseudonymise(session, closed_at + timedelta(seconds=1), sa.true()) == 1
    session.expire_all()
    left = (request.address_key, request.wish, request.answer, request.evidence)
    assert left == (None, "", "", "")
    assert (request.kind, request.outcome) == (Kind.complaint, Outcome.granted)
    assert still.address_key is not None


def test_erasing_her_blanks_her_requests(
    session: Session, receive: Receive, rosa: Subscriber
) -> None:
    request = receive()
    erasure.erase(session, rosa, RECEIVED + A_DAY, "desk", reason="her request")
    session.expire_all()
    assert (request.email, request.wish) == ("", "")
    assert request.address_key is not None
