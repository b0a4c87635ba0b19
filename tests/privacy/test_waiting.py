"""A legal hold stops an erasure: the person is left in peace at once, and erased when it ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock, clockwork
from mailer.audience import suppressions
from mailer.audience.address_models import AddressChange
from mailer.audience.models import MailingList, Subscriber, Subscription, Suppression
from mailer.delivery import reply_probes
from mailer.delivery.models import Delivery
from mailer.links import Site
from mailer.privacy import erasure, restriction, waiting
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.holds import Wanted
from mailer.privacy.keeping.models import Held, Hold
from mailer.privacy.requests import answering, endings, figures, notices, register, steps
from mailer.privacy.requests.answering import Act
from mailer.privacy.requests.models import Notice, Request
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.steps import Ending, WrongState
from mailer.privacy.requests.words import About, Channel, Kind, Outcome, State, Way
from tests.conftest import MakeReader
from tests.privacy.conftest import Tell
from tests.privacy.test_erasure import dump

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=90)
DESK = Desk()


@pytest.fixture
def asked(session: Session, rosa: Subscriber) -> Request:
    about = (rosa.address_key, rosa.email)
    wanted = Asked(Kind.erasure, Regime.gdpr, Channel.letter, NOW, *about)
    return register.receive(session, NOW, DESK, wanted, "desk")


def person(session: Session, reader: Subscriber, until: datetime | None = None) -> Hold:
    wanted = Wanted(Held.person, "a lawsuit", reader.address_key, until=until)
    return holds.place(session, NOW, "alice", wanted)


@pytest.fixture
def acting(session: Session, site: Site) -> Act:
    return Act(session, NOW, site, DESK, "alice", Way.mail)


def on_list(session: Session, rosa: Subscriber) -> Wanted:
    session.refresh(rosa)
    return Wanted(Held.list, "a lawsuit", number=rosa.subscriptions[0].list_id)


def on_former_list(session: Session, rosa: Subscriber) -> Wanted:
    wanted = on_list(session, rosa)
    session.execute(sa.delete(Subscription))
    session.execute(sa.delete(Delivery))
    return wanted


def on_campaign(session: Session, rosa: Subscriber) -> Wanted:
    one = session.scalars(sa.select(Delivery).where(Delivery.email == rosa.email)).first()
    assert one is not None
    return Wanted(Held.campaign, "a lawsuit", number=one.campaign_id)


def on_her(session: Session, rosa: Subscriber) -> Wanted:
    del session
    return Wanted(Held.person, "a lawsuit", rosa.address_key)


def on_a_former_address(session: Session, rosa: Subscriber) -> Wanted:
    one = {"old_key": b"before", "new_key": rosa.address_key, "email": "", "done_at": NOW}
    session.add(AddressChange(subscriber_id=rosa.id, asked_at=NOW, **one))
    return Wanted(Held.person, "a lawsuit", b"before")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "what", [on_her, on_a_former_address, on_list, on_former_list, on_campaign]
)
def test_whatever_is_on_hold_keeps_her_from_being_erased(
    session: Session,
    rosa: Subscriber,
    make_reader: MakeReader,
    tell: Tell,
    what: Callable[[Session, Subscriber], Wanted],
) -> None:
    tell(rosa)
    other = make_reader("other")
    session.execute(sa.delete(Subscription).where(Subscription.subscriber_id == other.id))
    hold = holds.place(session, NOW, "alice", what(session, rosa))
    session.commit()
    before = dump(session)
    with pytest.raises(erasure.OnHold) as error:
        erasure.erase(session, rosa, NOW, "alice", reason="her request")
    session.rollback()
    assert error.value.hold.id == hold.id
    assert dump(session) == before
    erasure.erase(session, other, NOW, "alice", reason="his request")
    holds.end(session, NOW, "alice", hold.id, reason="settled")
    erasure.erase(session, rosa, NOW, "alice", reason="her request")


@pytest.mark.usefixtures("database")
def test_who_must_wait_is_left_in_peace_at_once_and_told_why(
    session: Session, acting: Act, asked: Request, rosa: Subscriber, letters: MailingList
) -> None:
    assert waiting.begin(acting, rosa, person(session, rosa)) == [asked]
    session.commit()
    assert (asked.state, asked.email) == (State.held, rosa.email)
    assert rosa.restricted_at == NOW
    assert suppressions.OBJECTED in session.scalars(sa.select(Suppression.reason)).all()
    (notice,) = session.scalars(sa.select(Notice))
    mail = notices.take(session, acting.site, DESK, notice.id, NOW)
    assert mail is not None
    assert mail.approved is not None
    assert b"17(3)(e)" in mail.approved.raw
    assert b"complain" in mail.approved.raw
    notices.note(session, mail, reply_probes.Outcome(is_sent=True), NOW)
    assert asked.confirmed_at == NOW  # it says that the request arrived, too
    assert not asked.is_overdue(LATER)
    assert figures.counted(session, LATER).overdue == 0
    assert figures.counted(session, LATER).open == 1
    assert waiting.begin(acting, rosa, person(session, rosa)) == []
    with pytest.raises(WrongState):
        answering.close(acting, asked, Ending(Outcome.refused, "No."))
    assert letters.id == rosa.subscriptions[0].list_id


def test_what_no_mail_can_tell_is_left_to_staff(
    session: Session, acting: Act, asked: Request, rosa: Subscriber, letters: MailingList
) -> None:
    letters.sender.address_lines = letters.sender.city = ""
    waiting.begin(acting, rosa, person(session, rosa))
    session.commit()
    (notice,) = session.scalars(sa.select(Notice))
    assert (notice.about, notice.is_stuck) == (About.hold, True)
    assert figures.counted(session, NOW).unsaid == 1
    assert asked.state is State.held


def test_without_a_request_nothing_changes(session: Session, acting: Act, rosa: Subscriber) -> None:
    hold = person(session, rosa)
    before = dump(session)
    assert waiting.begin(acting, rosa, hold) == []
    assert dump(session) == before


@pytest.mark.usefixtures("database")
def test_when_the_hold_ends_she_is_erased_and_told(
    session: Session, acting: Act, asked: Request, rosa: Subscriber
) -> None:
    hold = person(session, rosa, until=LATER)
    waiting.begin(acting, rosa, hold)
    session.commit()
    assert waiting.due(session, LATER - timedelta(seconds=1)) == []
    assert waiting.due(session, LATER) == [asked.id]
    with pytest.raises(erasure.OnHold):
        waiting.take(session, acting.site, DESK, asked.id, LATER - timedelta(seconds=1))
    session.rollback()
    assert waiting.take(session, acting.site, DESK, asked.id, LATER) == "rosa@example.org"
    session.commit()
    assert session.scalars(sa.select(Subscriber)).all() == []
    assert (asked.state, asked.outcome) == (State.closed, Outcome.granted)
    owed = session.scalars(sa.select(Notice.words).where(Notice.email != "")).all()
    assert owed == [endings.DONE]
    assert waiting.take(session, acting.site, DESK, asked.id, LATER) is None


def test_what_was_gone_before_the_hold_ended_ends_its_request(
    session: Session, acting: Act, asked: Request, rosa: Subscriber
) -> None:
    waiting.begin(acting, rosa, person(session, rosa, until=LATER))
    session.delete(rosa)
    session.flush()
    assert waiting.due(session, NOW) == [asked.id]
    assert waiting.take(session, acting.site, DESK, asked.id, NOW) is None
    assert (asked.state, asked.answer) == (State.closed, waiting.GONE)


def test_who_corrected_her_address_meanwhile_is_found(
    session: Session, acting: Act, asked: Request, rosa: Subscriber
) -> None:
    hold = person(session, rosa)
    waiting.begin(acting, rosa, hold)
    one = {"old_key": rosa.address_key, "new_key": b"new", "email": "", "done_at": LATER}
    session.add(AddressChange(subscriber_id=rosa.id, asked_at=NOW, **one))
    rosa.address_key = b"new"
    session.flush()
    assert waiting.due(session, LATER) == []
    holds.end(session, LATER, "alice", hold.id, reason="settled")
    assert waiting.due(session, LATER) == [asked.id]
    assert waiting.take(session, acting.site, DESK, asked.id, LATER) == "rosa@example.org"


def test_a_request_that_she_takes_back_is_taken_up_and_closed(
    session: Session, acting: Act, asked: Request, rosa: Subscriber
) -> None:
    due = asked.due_at
    waiting.begin(acting, rosa, person(session, rosa))
    steps.resume(session, NOW + timedelta(days=10), DESK, asked, "alice")
    assert asked.due_at > due + timedelta(days=5)
    steps.close(session, LATER, asked, "alice", Ending(Outcome.dropped, "She thought again."))
    assert restriction.reader_of(session, rosa.address_key) is rosa


def test_the_night_after_the_hold_the_clock_erases(
    app: Flask,
    session: Session,
    acting: Act,
    asked: Request,
    rosa: Subscriber,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hold = person(session, rosa)
    waiting.begin(acting, rosa, hold)
    session.commit()
    nights = [datetime(2026, 3, day, 4, tzinfo=UTC) for day in (6, 7)]

    def night(at: datetime) -> list[State]:
        monkeypatch.setattr(clock, "now", lambda: at)
        session.rollback()
        clockwork.keep_house(app)
        session.expire_all()
        return list(session.scalars(sa.select(Request.state)))

    assert night(nights[0]) == [State.held]
    holds.end(session, nights[0], "alice", hold.id, reason="settled")
    session.commit()
    assert night(nights[0]) == [State.held]  # that night had its run: a slip can be mended
    assert night(nights[1]) == [State.closed]
    assert asked.outcome is Outcome.granted
