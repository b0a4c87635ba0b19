"""Letters through the real door: the right person is left alone, at once, and nothing is lost."""

import os
import smtplib
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock, clockwork
from mailer.accounts.models import AuditEntry
from mailer.audience import consent, effects, suppressions
from mailer.audience.models import ConsentEvent, Sender, Subscriber, Suppression
from mailer.audience.words import ConsentAction, ConsentMethod, Scope
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.privacy import erasure
from mailer.privacy.letters import post as letterbox
from mailer.privacy.letters import reading, whose
from mailer.privacy.letters.models import Kind, Letter
from tests.conftest import MakeReader
from tests.faults.processes import Member
from tests.postfix import await_port
from tests.privacy.letters.conftest import DESK, Address, Post, receiving_badly
from tests.privacy.letters.specimens import QUOTED, bounce, complaint, letter
from tests.servers import free_port

ASKED = "Please take me off"
LMTP = (sys.executable, "-m", "mailer.cli.main", "lmtp")


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def refused(session: Session, reader: Subscriber) -> list[tuple[Scope, str]]:
    session.expire_all()
    return [(one.scope, one.reason) for one in suppressions.in_force(session, reader.address_key)]


# Whose.


def test_who_writes_from_her_address_gets_no_more_mail_of_the_sender(
    post: Post, session: Session, rosa: Subscriber, make_reader: MakeReader
) -> None:
    tomas, began = make_reader("tomas"), clock.now()
    kept = post.take(letter(ASKED + QUOTED, author="Rosa <Rosa@EXAMPLE.org>", message_id="<1@x>"))
    assert (kept.kind, kept.doubt) == (Kind.opt_out, "")
    assert refused(session, rosa) == [(Scope.sender, "unsubscribed")]
    assert [one.status.value for one in rosa.subscriptions] == ["unsubscribed"]
    assert refused(session, tomas) == []
    proof = session.scalars(sa.select(ConsentEvent)).one()
    assert (proof.method, proof.sender_id) == (
        ConsentMethod.mail,
        rosa.subscriptions[0].list.sender_id,
    )
    assert proof.evidence == {
        "source": "mail",
        "message_id": "<1@x>",
        "form": f"letter {kept.id} of {kept.received_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    assert kept.acted_at
    assert (
        timedelta() <= kept.acted_at - kept.received_at < clock.now() - began + timedelta(seconds=5)
    )
    assert [(one.channel, one.number) for one in effects.known(session)] == [("letter", 1)]
    entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.actor, entry.action) == ("mailbox", "letters.opt_out")


def test_another_address_with_the_token_is_the_token_s_person(
    post: Post, session: Session, rosa: Subscriber, tagged: Address
) -> None:
    raw = letter(ASKED, author="someone@elsewhere.example")
    kept = post.take(raw, tagged(rosa).upper(), "someone@elsewhere.example")
    assert kept.doubt == ""
    assert refused(session, rosa) == [(Scope.sender, "unsubscribed")]
    assert session.scalars(sa.select(Suppression.delivery_id)).all() == [
        session.scalars(sa.select(Delivery.id)).one()
    ]


@pytest.mark.parametrize("field", ["in_reply_to", "references"])
def test_an_answer_to_her_copy_is_hers(
    post: Post, session: Session, rosa: Subscriber, copy_id: Address, field: str
) -> None:
    named = {field: f"<other@x> {copy_id(rosa)}"}
    post.take(letter(ASKED, author="rosa@elsewhere.example", **named))
    assert refused(session, rosa) == [(Scope.sender, "unsubscribed")]


def test_where_two_readers_are_in_it_both_are_left_alone_and_a_person_looks(
    post: Post, session: Session, rosa: Subscriber, make_reader: MakeReader, tagged: Address
) -> None:
    tomas = make_reader("tomas")
    kept = post.take(letter(ASKED, author=tomas.email), tagged(rosa), tomas.email)
    assert kept.doubt == whose.TWO
    assert refused(session, rosa) == refused(session, tomas) == [(Scope.sender, "unsubscribed")]


def test_a_stranger_s_address_is_refused_and_a_person_looks(
    post: Post, session: Session, rosa: Subscriber
) -> None:
    kept = post.take(letter(ASKED, author="old@elsewhere.example"))
    assert kept.doubt == whose.STRANGER
    assert refused(session, rosa) == []
    assert session.scalars(sa.select(Suppression.address_key)).all() == [kept.from_key]


def test_a_letter_of_nobody_waits_for_a_person(post: Post, session: Session) -> None:
    kept = post.take(letter(ASKED, author="Rosa"), mail_from="nobody")
    assert (kept.doubt, kept.acted_at) == (whose.NOBODY, None)
    assert session.scalars(sa.select(Suppression)).all() == []


def test_a_forged_name_of_a_copy_is_nobody_s(
    post: Post, session: Session, rosa: Subscriber
) -> None:
    to = f"letters+{'0' * 31}7@harbor.example.com"
    post.take(letter(ASKED, author="evil@elsewhere.example"), to)
    assert refused(session, rosa) == []


def test_a_letter_to_a_mailbox_of_no_sender_ends_all_mail(
    post: Post, session: Session, rosa: Subscriber
) -> None:
    post.take(letter(ASKED, to="mailer@localhost.example"), "mailer@localhost.example")
    assert refused(session, rosa) == [(Scope.everything, "unsubscribed")]


def test_two_senders_with_one_mailbox_are_both_refused(
    post: Post, session: Session, rosa: Subscriber, sender: Sender
) -> None:
    columns = {c.name: getattr(sender, c.name) for c in Sender.__table__.columns if c.name != "id"}
    session.add(Sender(**columns | {"from_address": "tides@harbor.example.com"}))
    session.commit()
    post.take(letter(ASKED))
    assert refused(session, rosa) == [(Scope.sender, "unsubscribed")] * 2


# What is never obeyed, and what reports do.


@pytest.mark.parametrize(
    ("fields", "mail_from"),
    [
        ({"auto_submitted": "auto-replied"}, "rosa@example.org"),
        ({"subject": "Out of office"}, "rosa@example.org"),
        ({}, ""),
    ],
)
def test_an_answering_machine_that_quotes_our_footer_changes_nothing(
    post: Post,
    session: Session,
    rosa: Subscriber,
    tagged: Address,
    fields: dict[str, str],
    mail_from: str,
) -> None:
    kept = post.take(letter("Back on Monday." + QUOTED, **fields), tagged(rosa), mail_from)
    assert (kept.kind, kept.acted_at, kept.doubt) == (Kind.automatic, None, "")
    assert refused(session, rosa) == []


def test_a_bounce_is_noted_at_its_copy_and_refuses_nobody(
    post: Post, session: Session, rosa: Subscriber, copy_id: Address
) -> None:
    kept = post.take(bounce(copy_id(rosa)), mail_from="")
    copy = session.scalars(sa.select(Delivery)).one()
    assert (kept.kind, copy.status, copy.smtp_code) == (Kind.bounce, DeliveryStatus.refused, 550)
    assert refused(session, rosa) == []


@pytest.mark.parametrize("action", ["delayed", "relayed"])
def test_a_delay_is_no_bounce(
    post: Post, session: Session, rosa: Subscriber, copy_id: Address, action: str
) -> None:
    post.take(bounce(copy_id(rosa), action), mail_from="")
    assert session.scalars(sa.select(Delivery.status)).one() == DeliveryStatus.accepted


def test_who_complains_of_a_copy_is_left_alone_for_that_reason(
    post: Post, session: Session, rosa: Subscriber, copy_id: Address
) -> None:
    kept = post.take(
        complaint(copy_id(rosa), rcpt="redacted@mx.example"), mail_from="fbl@mx.example"
    )
    assert (kept.kind, kept.doubt) == (Kind.complaint, "")
    assert refused(session, rosa) == [(Scope.sender, "complaint")]
    assert [(one.channel, one.number) for one in effects.known(session)] == [("complaint", 1)]


def test_a_complaint_that_anybody_could_have_made_counts_as_an_opt_out(
    post: Post, session: Session, rosa: Subscriber
) -> None:
    kept = post.take(complaint("<1@other.example>"), mail_from="fbl@mx.example")
    assert kept.doubt == reading.UNPROVEN
    assert refused(session, rosa) == [(Scope.sender, "unsubscribed")]


# Kept, once, and only as long as it may be.


def test_the_same_letter_twice_acts_once(post: Post, session: Session, rosa: Subscriber) -> None:
    raw = letter(ASKED)
    post.hand_in(raw)
    post.hand_in(b"Received: by mx2.example.com\r\n" + raw)
    assert len(post.read()) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(ConsentEvent)) == 1
    suppressions.lift(clock.now(), suppressions.in_force(session, rosa.address_key))
    session.commit()
    post.hand_in(raw)
    assert len(post.read()) == 1
    assert refused(session, rosa) == []


def test_another_letter_with_the_same_message_id_is_another_letter(
    post: Post, session: Session, rosa: Subscriber
) -> None:
    post.take(letter("Nice.", message_id="<1@x>"))
    post.take(letter(ASKED, message_id="<1@x>"))
    assert refused(session, rosa) == [(Scope.sender, "unsubscribed")]


@pytest.fixture
def stumble(session: Session, rosa: Subscriber) -> Iterator[None]:
    """Let the database refuse a second opt-out by mail, whoever's it is."""
    decision = consent.Decision(ConsentAction.unsubscribed, ConsentMethod.mail)
    consent.record(session, clock.now(), rosa.address_key, decision, consent.Evidence())
    session.execute(sa.text("CREATE UNIQUE INDEX stumble ON consent_events (action, method)"))
    session.commit()
    yield
    session.rollback()
    session.execute(sa.text("DROP INDEX stumble"))
    session.commit()


@pytest.mark.usefixtures("stumble")
def test_a_letter_over_which_the_program_fails_is_set_aside_and_the_next_is_read(
    post: Post, session: Session, make_reader: MakeReader, caplog: pytest.LogCaptureFixture
) -> None:
    tomas = make_reader("tomas")
    post.hand_in(letter(ASKED, author=tomas.email))
    post.hand_in(letter("Hello", author=tomas.email))
    first, second = post.read()
    assert (first.doubt, first.acted_at, refused(session, tomas)) == (letterbox.FAILED, None, [])
    assert second.doubt == reading.ELSE
    assert "Letter 1 could not be read" in caplog.text


def test_of_a_large_letter_the_beginning_is_kept(
    post: Post, session: Session, rosa: Subscriber
) -> None:
    kept = post.take(letter(ASKED) + b"\r\n> " + (b"x" * 70 + b"\r\n> ") * 140_000)
    assert (len(kept.raw), kept.size > 10_000_000) == (letterbox.KEPT_BYTES, True)
    assert refused(session, rosa) == [(Scope.sender, "unsubscribed")]


def test_long_lines_and_several_recipients_are_no_trouble(post: Post) -> None:
    with smtplib.LMTP("127.0.0.1", post.port) as door:
        raw = letter(ASKED) + b"<p>" + b"x" * 50_000
        left = door.sendmail("rosa@example.org", [DESK, "letters@harbor.example.com"], raw)
    assert list(left) == ["letters@harbor.example.com"]
    assert left["letters@harbor.example.com"][0] == 452
    assert post.read()[0].size > 50_000


def test_what_cannot_be_kept_stays_with_the_mail_server() -> None:
    with receiving_badly() as port, smtplib.LMTP("127.0.0.1", port) as door:
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            door.sendmail("rosa@example.org", [DESK], letter(ASKED))
        assert refusal.value.smtp_code == 451


def test_a_killed_door_has_lost_nothing_that_it_took(
    database: str, post: Post, session: Session, rosa: Subscriber, tmp_path: Path
) -> None:
    port = free_port()
    settings = {
        "MAILER_ENV": "development",
        "MAILER_DATA_DIR": str(tmp_path / "door"),
        "MAILER_DATABASE_URL": database,
        "MAILER_LMTP": f"127.0.0.1:{port}",
    }
    door = Member(LMTP, os.environ | settings, tmp_path / "log")
    session.rollback()
    door.start()
    try:
        await_port(port)
        with smtplib.LMTP("127.0.0.1", port) as way_in:
            way_in.sendmail("rosa@example.org", [DESK], letter(ASKED))
            door.kill()
    finally:
        if door.is_alive:
            door.kill()
    assert [one.kind for one in post.read()] == [Kind.opt_out]
    assert refused(session, rosa) == [(Scope.sender, "unsubscribed")]


def test_the_clock_reads_a_letter_within_seconds(
    app: Flask, post: Post, session: Session, rosa: Subscriber
) -> None:
    post.hand_in(letter(ASKED))
    until = time.monotonic() + 30
    with clockwork.ticking(app):
        while not refused(session, rosa) and time.monotonic() < until:
            session.rollback()
            time.sleep(0.05)
        session.rollback()  # the clock ends once it has what this held
    kept = session.scalars(sa.select(Letter)).one()
    assert kept.acted_at
    assert kept.acted_at - kept.received_at < timedelta(seconds=30)


def test_letters_are_thrown_away_when_they_are_old_and_read(post: Post, session: Session) -> None:
    came = post.take(letter("Hello")).received_at
    assert letterbox.forget(session, came, sa.true()) == 0
    assert letterbox.forget(session, came + timedelta(microseconds=1), sa.false()) == 0
    assert letterbox.forget(session, came + timedelta(microseconds=1), sa.true()) == 1
    session.commit()
    post.hand_in(letter("Hello again"))
    assert letterbox.forget(session, came + timedelta(days=400), sa.true()) == 0


def test_an_erased_person_s_letters_go_even_those_that_nobody_had_read(
    post: Post, session: Session, rosa: Subscriber, make_reader: MakeReader, tagged: Address
) -> None:
    to = tagged(rosa)
    post.take(letter("Hello"))
    post.take(letter("I am her sister", author="ada@elsewhere.example"), to)
    other = post.take(letter("Hello", author=make_reader("tomas").email))
    post.hand_in(letter("Again, from rosa"))
    erasure.erase(session, rosa, clock.now(), "command line", reason="her request")
    session.commit()
    assert [one.id for one in post.read()] == [other.id]
