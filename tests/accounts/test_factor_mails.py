"""Whoever's second factor changes hears of it by a mail that passes the gate."""

from datetime import datetime
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock, clockwork, desk
from mailer.accounts.factor import mails
from mailer.accounts.factor.mails import About, FactorMail
from mailer.accounts.models import User
from mailer.audience.models import MailingList
from mailer.delivery.smtp.relay import Relay
from tests.relays import Sink


@pytest.fixture
def carrier(smtp_sink: Sink) -> Relay:
    return Relay.at(smtp_sink.url, 5)


def tell(app: Flask, session: Session, number: int, carrier: Relay) -> None:
    session.commit()
    with app.app_context():
        desk.tell_staff(number, carrier)
    session.expire_all()


@pytest.mark.parametrize("about", About)
def test_the_mail_says_what_happened_and_when(
    app: Flask,
    session: Session,
    letters: MailingList,
    bob: User,
    now: datetime,
    carrier: Relay,
    smtp_sink: Sink,
    about: About,
) -> None:
    assert letters
    tell(app, session, mails.owe(session, now, bob, about), carrier)
    [caught] = smtp_sink.caught
    assert caught.rcpt_to == (bob.email,)
    mail = message_from_bytes(caught.content, policy=policy.default)
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        words = " ".join(part.get_content().split())
        assert about.value in words
        assert "02 March 2026, 15:30 UTC" in words
    assert session.query(FactorMail).count() == 0


@pytest.mark.usefixtures("letters")
def test_what_the_relay_cannot_take_now_comes_due_again(
    app: Flask, session: Session, bob: User, now: datetime, carrier: Relay, smtp_sink: Sink
) -> None:
    number = mails.owe(session, now, bob, About.reset)
    smtp_sink.answer("MAIL", "451 4.3.0 Later", times=1)
    before = clock.now()
    tell(app, session, number, carrier)
    [mail] = session.query(FactorMail)
    assert (mail.tries, mail.due_at > before) == (1, True)


@pytest.mark.usefixtures("letters")
def test_what_the_relay_refuses_for_good_is_not_tried_again(
    app: Flask, session: Session, bob: User, now: datetime, carrier: Relay, smtp_sink: Sink
) -> None:
    smtp_sink.answer("RCPT", "550 5.1.1 Nobody", times=1)
    tell(app, session, mails.owe(session, now, bob, About.reset), carrier)
    assert (session.query(FactorMail).count(), smtp_sink.caught) == (0, [])


def test_without_a_sender_nothing_leaves_and_it_waits(
    app: Flask, session: Session, bob: User, now: datetime, carrier: Relay, smtp_sink: Sink
) -> None:
    tell(app, session, mails.owe(session, now, bob, About.reset), carrier)
    assert (session.query(FactorMail).count(), smtp_sink.caught) == (1, [])


def test_the_clock_rings_for_it(app: Flask, session: Session, bob: User, now: datetime) -> None:
    number = mails.owe(session, now, bob, About.reset)
    session.commit()
    rung = [bell for bell, found in clockwork.owed(now, None) if found == number]
    assert app.extensions["bell"].tell_staff in rung
