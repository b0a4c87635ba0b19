"""The page of letters in doubt: plain text, two answers, and no more than that."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import AuditEntry, User
from mailer.audience import effects, suppressions
from mailer.audience.models import ConsentEvent, MailingList, Subscriber
from mailer.links import Site
from mailer.privacy.letters import post as letterbox
from mailer.privacy.letters.models import Letter
from tests.visitors import post, sign_in

STAYS = "Please do not unsubscribe me"


@pytest.fixture
def admin(client: FlaskClient, adam: User) -> FlaskClient:
    sign_in(client, adam)
    return client


def come(session: Session, site: Site, words: str, head: str = "From: rosa@example.org") -> Letter:
    raw = f"{head}\r\n\r\n{words}\r\n".encode()
    number = letterbox.keep(session, clock.now(), "", "desk@harbor.example.com", raw)
    session.execute(sa.update(Letter).values(mail_from="x"))
    letterbox.read(session, site, number, clock.now())
    session.commit()
    return session.get_one(Letter, number)


def reasons(session: Session, reader: Subscriber) -> list[str]:
    session.expire_all()
    return [one.reason for one in suppressions.in_force(session, reader.address_key)]


def test_only_those_that_wait_are_shown_until_all_are_asked_for(
    admin: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    assert "Nothing waits for you" in admin.get("/letters/").text
    come(session, site, "Hello", f"From: {rosa.email}\r\nSubject: Automatic reply: A greeting")
    come(session, site, STAYS, f"From: {rosa.email}\r\nSubject: A worry")
    page = admin.get("/letters/").text
    assert "A worry" in page
    assert "A greeting" not in page
    assert "A greeting" in admin.get("/letters/?show=all").text


def test_a_letter_is_shown_as_text_whatever_it_is_made_of(
    admin: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    head = f"From: {rosa.email}\r\nSubject: <b>x</b>\r\nContent-Type: text/html"
    words = '<p>Hi</p><script>alert(1)</script><img src="https://spy.example/x.gif">&lt;i&gt;'
    page = admin.get(f"/letters/{come(session, site, words, head).id}").text
    for sign in ("alert(1)", "spy.example", "<b>x</b>", "<i>"):
        assert sign not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "Hi" in page
    assert f"/subscribers/{rosa.id}" in page


def test_a_person_s_word_that_it_was_an_opt_out_holds_at_once(
    admin: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    doubtful = come(session, site, STAYS)
    assert reasons(session, rosa) == []
    post(admin, f"/letters/{doubtful.id}/opt-out", {})
    assert reasons(session, rosa) == ["unsubscribed"]
    assert [(one.channel, one.number) for one in effects.known(session)] == [("letter", 1)]
    proof = session.scalars(sa.select(ConsentEvent)).one()
    assert proof.evidence
    assert (proof.evidence["source"], proof.evidence["actor"]) == ("mail", "adam@example.com")
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry
    assert (entry.action, entry.subject) == ("letters.opt_out", f"letter {doubtful.id}")
    assert "Nothing waits for you" in admin.get("/letters/").text


def test_something_else_ends_the_waiting_and_changes_nothing_more(
    admin: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    doubtful = come(session, site, STAYS)
    post(admin, f"/letters/{doubtful.id}/else", {})
    assert reasons(session, rosa) == []
    assert "Nothing waits for you" in admin.get("/letters/").text
    post(admin, f"/letters/{doubtful.id}/opt-out", {})
    assert reasons(session, rosa) == []
    assert "said already" in admin.get(f"/letters/{doubtful.id}").text


def test_an_opt_out_of_nobody_says_what_to_do(
    admin: FlaskClient, session: Session, site: Site, letters: MailingList
) -> None:
    assert letters
    nameless = come(session, site, "please unsubscribe me", "From: somebody")
    post(admin, f"/letters/{nameless.id}/opt-out", {})
    assert "Nobody can be told" in admin.get(f"/letters/{nameless.id}").text
    session.expire_all()
    assert nameless.answer is None


def test_a_letter_that_nobody_has_read_is_not_there_yet(
    admin: FlaskClient, session: Session
) -> None:
    number = letterbox.keep(session, clock.now(), "", "desk@harbor.example.com", b"\r\nHello")
    session.commit()
    assert admin.get(f"/letters/{number}").status_code == 404
