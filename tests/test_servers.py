"""The tests' own ground: the servers answer, the fixtures hold, and nothing leaves the machine."""

import smtplib
import socket

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_login import current_user
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience.models import MailingList, Subscriber
from mailer.broker import working
from mailer.db import db
from mailer.web.access import SIGNED_IN, access
from tests.conftest import Tier
from tests.relays import CLOSE, HANG, RudeRelay, Sink, running_sink
from tests.tripwire import OutsideConnection, stretched
from tests.visitors import post, sign_in

MESSAGE = b"Subject: Hello\r\n\r\n.Dots stay\r\n"


def test_a_database_begins_empty(database: str, session: Session) -> None:
    assert session.get_bind().dialect.name == database.split(":", maxsplit=1)[0]
    assert session.query(User).count() == 0


def test_what_one_test_wrote_the_next_does_not_see(
    database: str, session: Session, alice: User
) -> None:
    assert database
    assert session.query(User).all() == [alice]
    assert alice.id == 1


def test_both_tiers_carry_a_message(tier: Tier, app: Flask, session: Session) -> None:
    heard: list[int] = []
    bell = app.extensions["bell"]
    ring = bell.actor(heard.append, "default")
    with working(app.extensions["broker"], connections=1):
        ring(7)
        app.extensions["broker"].join("default")
    assert heard == [7]
    assert session.get_bind().dialect.name == tier.database_url.split(":", maxsplit=1)[0]


def test_the_queue_begins_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_a_signed_in_visitor_is_known(app: Flask, client: FlaskClient, alice: User) -> None:
    @app.post("/who")
    @access(SIGNED_IN)
    def who() -> str:
        db.session.execute(sa.update(User).values(name="Changed"))
        db.session.commit()
        return str(current_user.email)

    stranger = post(client, "/who", headers={"Accept": "application/json"})
    assert stranger.status_code == 401
    sign_in(client, alice)
    assert post(client, "/who").text == "alice@example.com"
    assert alice.name == "Changed"
    without_token = client.post("/who", headers={"Accept": "application/json"})
    assert without_token.status_code == 400


def test_rosa_reads_letters(rosa: Subscriber, letters: MailingList) -> None:
    assert [s.list_id for s in rosa.subscriptions] == [letters.id]


def test_the_sink_keeps_bytes_as_they_came(smtp_sink: Sink) -> None:
    smtp_sink.answer("RCPT", "450 4.2.1 Busy", to="late@example.org", times=1)
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail("a@example.com", ["late@example.org"], MESSAGE)
        smtp.sendmail("a@example.com", ["late@example.org"], MESSAGE)
    assert [caught.content for caught in smtp_sink.caught] == [MESSAGE]
    assert smtp_sink.caught[0].rcpt_to == ("late@example.org",)
    assert smtp_sink.connections == 1


def test_the_sink_ends_in_the_middle_of_a_conversation() -> None:
    with running_sink() as sink:
        smtp = smtplib.SMTP("127.0.0.1", sink.port)
        smtp.ehlo()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        smtp.noop()


def test_a_relay_may_close_after_the_final_dot(rude_relay: RudeRelay) -> None:
    rude_relay.behaviour["message"] = CLOSE
    smtp = smtplib.SMTP("127.0.0.1", rude_relay.port)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        smtp.sendmail("a@example.com", ["rosa@example.org"], MESSAGE)
    assert len(rude_relay.messages) == 1


def test_a_relay_may_hang(rude_relay: RudeRelay) -> None:
    rude_relay.behaviour["MAIL"] = HANG
    with (
        smtplib.SMTP("127.0.0.1", rude_relay.port, timeout=0.2) as smtp,
        pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"),
    ):
        smtp.sendmail("a@example.com", ["rosa@example.org"], MESSAGE)


def test_a_relay_may_babble(rude_relay: RudeRelay) -> None:
    rude_relay.behaviour["greeting"] = b"\xff\xfe what?\r\n"
    with pytest.raises(smtplib.SMTPException):
        smtplib.SMTP("127.0.0.1", rude_relay.port)


def test_nobody_leaves_the_machine() -> None:
    with pytest.raises(AssertionError, match="reached for"), stretched():  # noqa: SIM117
        with socket.socket() as outside, pytest.raises(OutsideConnection):
            outside.connect(("192.0.2.1", 25))
