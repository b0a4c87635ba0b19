"""What a person is told: her mail is judged before it is promised, and her address goes with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clockwork, desk, tasks
from mailer.accounts.models import AuditEntry
from mailer.audience.models import Subscriber
from mailer.db import db
from mailer.delivery import reply_probes
from mailer.delivery.smtp.relay import Relay
from mailer.links import Site
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.requests import answering, figures, notices, register, steps
from mailer.privacy.requests.answering import Act
from mailer.privacy.requests.models import Notice, Request
from mailer.privacy.requests.notices import CannotTell
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.steps import Ending, WrongState
from mailer.privacy.requests.words import About, Channel, Kind, Outcome, Way
from tests.relays import Sink

DESK = Desk(ZoneInfo("Europe/Vienna"), "AT")
RECEIVED = datetime(2026, 3, 5, 9, tzinfo=UTC)
NOW = RECEIVED + timedelta(days=1)
REFUSED = Ending(Outcome.refused, "We keep nothing under <that> name.\n\nAsk us if we are wrong.")


@pytest.fixture
def entered(session: Session, rosa: Subscriber) -> Request:
    """A complaint from Austria, by letter."""
    asked = Asked(
        kind=Kind.complaint,
        regime=Regime.ccpa,
        channel=Channel.letter,
        received_at=RECEIVED,
        address_key=rosa.address_key,
        email=rosa.email,
        home="AT",
    )
    return register.receive(session, NOW, DESK, asked, "desk")


@pytest.fixture
def act(session: Session, site: Site) -> Act:
    return Act(session, NOW, site, DESK, "desk", Way.mail)


Leave = Callable[[Relay], None]


@pytest.fixture
def leave(session: Session, site: Site) -> Leave:
    """Hand over whatever may leave."""

    def left(relay: Relay) -> None:
        for number in notices.due(session, site, NOW):
            letter = notices.take(session, site, DESK, number, NOW)
            session.commit()
            assert letter is not None
            outcome = reply_probes.hand_over(letter, relay, "news.example")
            notices.note(session, letter, outcome, NOW)
            session.commit()

    return left


def told(session: Session) -> list[Notice]:
    session.expire_all()
    return list(session.scalars(sa.select(Notice).order_by(Notice.id)))


@pytest.mark.usefixtures("database")
def test_the_answer_reaches_her_with_where_to_complain_and_her_address_goes(
    session: Session, act: Act, entered: Request, leave: Leave, smtp_sink: Sink
) -> None:
    answering.close(act, entered, REFUSED)
    assert entered.email == ""
    leave(Relay.at(smtp_sink.url, 5))
    (notice,) = told(session)
    assert (notice.about, notice.told_at, notice.email) == (About.answer, NOW, "")
    message = message_from_bytes(smtp_sink.caught[0].content, policy=policy.default)
    assert message["To"] == "rosa@example.org"
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        words = " ".join(body.get_content().split())
        for said in (
            f"request number {entered.id}",
            "Ask us if we are wrong.",
            "<that>" if kind == "plain" else "&lt;that&gt;",
            "Österreichische Datenschutzbehörde (Austria)",
            "/authorities",
            "5 March 2026",
        ):
            assert said in words, (kind, said)
    assert notices.take(session, act.site, DESK, notice.id, NOW) is None


def test_the_clock_rings_for_a_mail_and_the_bell_sends_it(
    app: Flask, session: Session, act: Act, entered: Request, smtp_sink: Sink
) -> None:
    app.extensions["config"] = replace(app.extensions["config"], smtp_url=smtp_sink.url)
    answering.confirm(act, entered)
    session.commit()
    owed = told(session)[0].id
    session.rollback()  # as SQLite lets one write at a time
    with app.app_context():
        bells = [ring for ring, number in clockwork.owed(NOW, None) if number == owed]
        db.session.rollback()
        assert app.extensions["bell"].tell in bells
        tasks.with_relay(desk.tell)(owed)
    assert len(smtp_sink.caught) == 1
    assert not told(session)[0].is_stuck


def test_receipt_is_confirmed_when_the_mail_has_left_and_not_before(
    session: Session, act: Act, entered: Request, leave: Leave, smtp_sink: Sink
) -> None:
    answering.confirm(act, entered)
    assert entered.confirmed_at is None
    with pytest.raises(WrongState, match="on its way"):
        answering.confirm(act, entered)
    leave(Relay.at(smtp_sink.url, 5))
    session.refresh(entered)
    assert entered.confirmed_at == NOW
    with pytest.raises(WrongState, match="before"):
        answering.confirm(act, entered)


def test_a_letter_by_post_is_kept_as_said(session: Session, act: Act, entered: Request) -> None:
    by_post = replace(act, way=Way.post)
    answering.confirm(by_post, entered)
    answering.extend(by_post, entered, "forty requests at once")
    answering.close(by_post, entered, REFUSED)
    assert [(one.about, one.way, one.told_at) for one in told(session)] == [
        (About.receipt, Way.post, NOW),
        (About.extension, Way.post, NOW),
        (About.answer, Way.post, NOW),
    ]
    assert entered.confirmed_at == NOW


def test_the_extension_names_the_new_day_and_the_reason(
    act: Act, entered: Request, leave: Leave, smtp_sink: Sink
) -> None:
    answering.extend(act, entered, "forty requests at once")
    leave(Relay.at(smtp_sink.url, 5))
    text = smtp_sink.caught[0].content.decode()
    assert "forty requests at once" in text
    assert "03 June 2026" in text


def test_words_that_advertise_are_refused_and_nothing_is_closed(
    session: Session, act: Act, entered: Request
) -> None:
    session.commit()
    advert = "Save 50% today! Shop now: our big sale ends soon.\n" * 6
    with pytest.raises(CannotTell, match="R25: The message is not of the kind"):
        answering.close(act, entered, Ending(Outcome.granted, advert))
    session.rollback()
    assert entered.is_open
    assert told(session) == []


def test_without_an_address_she_is_told_in_another_way(act: Act, entered: Request) -> None:
    entered.email = ""
    with pytest.raises(CannotTell, match="another way"):
        answering.extend(act, entered, "forty requests at once")


def test_without_a_sender_no_mail_is_promised(session: Session, act: Act) -> None:
    asked = Asked(Kind.complaint, Regime.gdpr, Channel.phone, RECEIVED, b"k" * 32, "r@example.org")
    entered = register.receive(session, NOW, DESK, asked, "desk")
    with pytest.raises(CannotTell, match="no sender"):
        answering.extend(act, entered, "forty requests at once")


def test_a_mailbox_that_takes_no_mail_is_left_to_a_person(
    session: Session, act: Act, entered: Request, leave: Leave, smtp_sink: Sink
) -> None:
    smtp_sink.answer("RCPT", "550 5.1.1 <rosa@example.org> is unknown")
    answering.confirm(act, entered)
    leave(Relay.at(smtp_sink.url, 5))
    (notice,) = told(session)
    assert notice.is_stuck
    assert notice.fault.endswith("<her address> is unknown")
    assert figures.counted(session, NOW).unsaid == 1
    with pytest.raises(WrongState, match="other way"):
        notices.settle(session, NOW, entered, notice.id, Way.mail)
    notices.settle(session, NOW, entered, notice.id, Way.phone)
    assert (notice.email, notice.way, entered.confirmed_at) == ("", Way.phone, NOW)
    assert figures.counted(session, NOW).unsaid == 0
    with pytest.raises(WrongState):
        notices.settle(session, NOW, entered, notice.id, Way.phone)


def test_a_mail_that_no_relay_takes_is_given_up_in_the_end(
    session: Session, act: Act, entered: Request
) -> None:
    answering.confirm(act, entered)
    (notice,) = told(session)
    now = NOW
    for _ in range(notices.MOST_TRIES):
        assert notices.take(session, act.site, DESK, notice.id, now) is not None
        assert notices.take(session, act.site, DESK, notice.id, now) is None
        now = notice.due_at or now
    assert notices.take(session, act.site, DESK, notice.id, now) is None
    assert notice.is_stuck
    assert notice.fault == notices.GIVEN_UP
    assert timedelta(hours=4) < now - NOW < timedelta(hours=5)


def test_two_years_after_its_end_nothing_is_left_of_what_she_was_told(
    session: Session, act: Act, entered: Request
) -> None:
    answering.close(replace(act, way=Way.post), entered, REFUSED)
    register.pseudonymise(session, NOW + timedelta(days=1), sa.true())
    assert [(one.words, one.email) for one in told(session)] == [("", "")]


def test_the_log_names_the_way_and_nobody(session: Session, act: Act, entered: Request) -> None:
    answering.confirm(act, entered)
    steps.note(session, NOW, entered, "desk", "tell", "answer by post")
    kept = session.execute(sa.select(AuditEntry.action, AuditEntry.reason)).all()
    assert ("requests.confirm", "by mail") in [tuple(one) for one in kept]
    assert "rosa" not in str(kept)
