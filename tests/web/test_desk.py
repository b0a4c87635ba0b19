"""The desk for staff: requests entered by hand, looked through, and answered step by step."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import AuditEntry, User
from mailer.audience import effects
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Suppression
from mailer.audience.words import ConsentAction, ConsentMethod
from mailer.links import Site
from mailer.privacy.clocks import Regime
from mailer.privacy.requests.models import Challenge, Notice, Recipient, Request
from mailer.privacy.requests.words import Kind, Outcome, State
from tests import world
from tests.visitors import look_at, post, sign_in

TODAY = clock.now().date()


@pytest.fixture
def admin(client: FlaskClient, alice: User) -> FlaskClient:
    sign_in(client, alice)
    return client


def letter(**changes: str) -> dict[str, str]:
    return {
        "kind": "access",
        "email": "rosa@example.org",
        "received_on": str(TODAY - timedelta(days=3)),
        "channel": "letter",
        "regime": "GDPR",
        "wish": "What do you have about me?",
        **changes,
    }


def enter(client: FlaskClient, session: Session, **changes: str) -> Request:
    answer = post(client, "/requests/new", letter(**changes))
    assert answer.status_code == 302, answer.text
    session.expire_all()
    return session.scalars(sa.select(Request).order_by(Request.id.desc())).first() or Request()


def test_a_letter_goes_from_receipt_to_answer(
    admin: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    one = enter(admin, session)
    where = f"/requests/{one.id}"
    assert one.address_key == rosa.address_key
    assert "left" in admin.get("/requests/").text
    assert "not yet" in admin.get(where).text
    ending = {"outcome": "granted", "answer": "Sent the copy", "way": "post"}
    early = post(admin, f"{where}/close", ending)
    assert early.status_code == 422
    assert "Identify the person first" in early.text
    for step, form in (
        ("identify", {"proof": "mailbox"}),
        ("assign", {"to": "alice@example.com"}),
        ("extend", {"why": "many old lists", "way": "mail"}),
        ("pause", {"why": "which of two people?"}),
        ("resume", {}),
        ("close", ending | {"evidence": "binder 2"}),
    ):
        assert post(admin, f"{where}/{step}", form).status_code == 302, step
    session.expire_all()
    assert (one.state, one.outcome, one.email) == (State.closed, Outcome.granted, "")
    page = admin.get(where).text
    assert "binder 2" in page
    assert "rosa@example.org" not in page
    assert "No requests" in admin.get("/requests/").text
    assert f"number {one.id}" in admin.get("/requests/?state=closed&kind=access").text


def test_the_person_is_told_by_mail_and_who_else_must_know_is_listed(
    admin: FlaskClient, session: Session, letters: MailingList, rosa: Subscriber
) -> None:
    session.add(world.relay(letters))
    session.commit()
    one = enter(admin, session, kind="correction", regime="CCPA", agent="Ruth, her lawyer")
    where = f"/requests/{one.id}"
    page = admin.get(where).text
    assert "Ruth, her lawyer, in her name" in page
    assert "7063" in page
    for step, form in (
        ("confirm", {"way": "mail"}),
        ("identify", {"proof": "agent"}),
        ("close", {"outcome": "granted", "answer": "It is right now.", "way": "mail"}),
    ):
        assert post(admin, f"{where}/{step}", form).status_code == 302, step
    page = admin.get(where).text
    assert page.count("by mail, which is on its way") == 2
    assert "Postbote GmbH" in page
    assert "1 recipient" in admin.get("/requests/").text
    assert f"number {one.id}" not in admin.get("/requests/").text
    assert f"number {one.id}" in admin.get("/requests/?untold=1").text
    (owed,) = session.scalars(sa.select(Recipient.id))
    assert post(admin, f"{where}/pass-on", {"recipient": str(owed)}).status_code == 302
    assert "told <time" in admin.get(where).text
    (refused, _) = session.scalars(sa.select(Notice).order_by(Notice.id))
    refused.due_at, refused.fault = None, "550 no such mailbox"
    session.commit()
    assert "did not leave" in admin.get(where).text
    assert "1 mail to people" in admin.get("/requests/").text
    form = {"notice": str(refused.id), "way": "phone"}
    assert post(admin, f"{where}/told", form).status_code == 302
    assert "did not leave" not in admin.get(where).text
    assert rosa.email not in admin.get(where).text


@pytest.mark.parametrize(
    ("home", "regime", "law"),
    [("AT", "", "GDPR"), ("US-CA", "", "CCPA"), ("", "", "policy"), ("AT", "policy", "policy")],
)
def test_the_law_follows_from_where_the_person_lives_unless_staff_names_it(
    admin: FlaskClient, session: Session, rosa: Subscriber, home: str, regime: str, law: str
) -> None:
    assert rosa
    one = enter(admin, session, home=home, regime=regime)
    assert (one.home, one.regime) == (home, law)


def test_a_sender_in_europe_is_bound_by_two_laws_in_california(
    admin: FlaskClient, session: Session, letters: MailingList, rosa: Subscriber
) -> None:
    letters.sender.country = "AT"
    session.commit()
    one = enter(admin, session, home="US-CA", regime="")
    assert one.laws == (Regime.ccpa, Regime.gdpr)
    page = admin.get(f"/requests/{one.id}").text
    assert "CCPA: confirm in 10 business days" in page
    assert "binds a sender who is established there" in page
    assert "our own word: " in page
    assert f"GDPR: {one.due_at:%d %B %Y}" in page
    assert "Stop the clock" not in page
    assert "CCPA and GDPR" in admin.get("/requests/").text
    assert rosa.email


def test_a_receipt_that_nobody_has_confirmed_is_said_on_top(
    admin: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    assert rosa
    enter(admin, session, regime="CCPA")
    assert "Confirm in" in admin.get("/requests/").text
    one = enter(admin, session, regime="CCPA", received_on=str(TODAY - timedelta(days=20)))
    page = admin.get("/requests/").text
    assert "The receipt of 1 request" in page
    assert "Receipt not confirmed" in page
    assert post(admin, f"/requests/{one.id}/confirm", {"way": "post"}).status_code == 302
    assert "The receipt of" not in admin.get("/requests/").text


def test_the_link_to_her_mailbox_identifies_a_request_by_letter(
    admin: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    one = enter(admin, session)
    assert rosa
    where = f"/requests/{one.id}"
    assert post(admin, f"{where}/prove", {}).status_code == 302
    (link,) = session.scalars(sa.select(Challenge))
    assert link.due_at is not None
    assert post(admin, f"{where}/pause", {"why": "who is it?"}).status_code == 302
    path = site.your_data(link.id, link.expires_at).removeprefix(site.public_url)
    assert "Have a copy" in admin.post(path).text
    session.refresh(one)
    assert (one.state, one.identified_by) == (State.identified, "mailbox")
    assert post(admin, f"{where}/prove", {}).status_code == 422


def test_no_link_goes_to_a_mailbox_that_we_do_not_know(
    admin: FlaskClient, session: Session
) -> None:
    one = enter(admin, session)
    refused = post(admin, f"/requests/{one.id}/prove", {})
    assert (refused.status_code, "No reader" in refused.text) == (422, True)


def test_who_asked_for_erasure_by_letter_is_told_of_it(
    admin: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    one, email = enter(admin, session, kind="erasure"), rosa.email
    other = enter(admin, session)
    form = {"confirmation": email, "reason": "her letter"}
    look_at(admin, rosa.id)
    assert f"number {other.id}" in admin.get(f"/subscribers/{rosa.id}/erase").text
    answer = post(admin, f"/subscribers/{rosa.id}/erase", form)
    assert answer.status_code == 302
    assert "A mail tells the person" in admin.get("/subscribers/").text
    session.refresh(one)
    assert (one.outcome, one.email) == (Outcome.granted, "")
    assert "erased" in admin.get(f"/requests/{one.id}").text


@pytest.mark.parametrize("kind", ["objection", "withdrawal", "opt-out"])
def test_no_more_mail_holds_as_soon_as_it_is_entered(
    admin: FlaskClient, session: Session, rosa: Subscriber, kind: str
) -> None:
    one = enter(admin, session, kind=kind)
    assert (one.kind, one.state) == (Kind(kind), State.received)
    keys = session.scalars(sa.select(Suppression.address_key).where(Suppression.scope_id == 0))
    assert rosa.address_key in keys.all()
    assert rosa.subscriptions[0].status == "unsubscribed"
    told = session.scalars(sa.select(ConsentEvent).order_by(ConsentEvent.id.desc())).first()
    assert told is not None
    assert (told.method, told.action) == (ConsentMethod.staff, ConsentAction.unsubscribed)
    assert (told.evidence or {})["actor"] == "alice@example.com"
    assert [(one.channel, one.number) for one in effects.known(session)] == [("desk", 1)]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("received_on", str(TODAY + timedelta(days=2)), "has not come yet"),
        ("received_on", "soon", "YYYY-MM-DD"),
        ("email", "rosa", "errors"),
        ("kind", "party", "Choose one of these"),
        ("regime", "Roman", "Choose one of these"),
        ("home", "Atlantis", "Choose one."),
    ],
)
def test_what_cannot_be_entered_is_explained(
    admin: FlaskClient, session: Session, field: str, value: str, words: str
) -> None:
    answer = post(admin, "/requests/new", letter(**{field: value}))
    assert answer.status_code == 422
    assert words == "errors" or words in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Request)) == 0


def test_what_is_late_is_said_on_top(
    admin: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    assert rosa
    enter(admin, session, received_on=str(TODAY - timedelta(days=60)))
    page = admin.get("/requests/").text
    assert "1 request waits" in page
    assert "Overdue by" in page


@pytest.mark.parametrize(
    ("step", "form"),
    [
        ("identify", {"proof": "passport"}),
        ("pause", {"why": ""}),
        ("confirm", {"way": "pigeon"}),
        ("told", {"notice": "1", "way": "post"}),
        ("pass-on", {"recipient": "1"}),
        ("extend", {"why": "ask rosa@example.org", "way": "post"}),
        ("extend", {"why": "forty at once", "way": ""}),
        ("assign", {"to": "nobody@example.com"}),
        ("close", {"outcome": "granted", "answer": "", "way": "post"}),
        ("close", {"outcome": "moot", "answer": "Gone", "way": "post"}),
        ("resume", {}),
    ],
)
def test_a_step_that_is_not_possible_changes_nothing(
    admin: FlaskClient, session: Session, step: str, form: dict[str, str]
) -> None:
    one = enter(admin, session)
    answer = post(admin, f"/requests/{one.id}/{step}", form)
    assert answer.status_code == 422
    assert "Not possible." in answer.text
    session.expire_all()
    assert one.state is State.received
    acts = session.scalars(sa.select(AuditEntry.action)).all()
    assert [act for act in acts if act.startswith("requests.")] == ["requests.receive"]


def test_steps_that_are_none_are_not_there(admin: FlaskClient, session: Session) -> None:
    one = enter(admin, session)
    assert post(admin, f"/requests/{one.id}/shred", {}).status_code == 404
    assert post(admin, "/requests/999/identify", {}).status_code == 404


def test_a_restriction_asks_for_the_reason_and_its_end_for_the_notice(
    admin: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    path = f"/subscribers/{rosa.id}/restrict"
    assert post(admin, path, {"act": "restrict", "reason": ""}).status_code == 422
    for _ in range(2):  # a second press changes nothing
        assert post(admin, path, {"act": "restrict", "reason": "her letter"}).status_code == 302
    session.expire_all()
    assert rosa.restricted_at is not None
    assert "Restricted." in look_at(admin, rosa.id)
    assert "must be told before" in admin.get(path).text
    assert post(admin, path, {"act": "lift", "reason": "letter of 3 May"}).status_code == 302
    session.expire_all()
    assert rosa.restricted_at is None
