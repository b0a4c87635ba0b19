"""The desk for staff: requests entered by hand, looked through, and answered step by step."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import ConsentEvent, Subscriber, Suppression
from mailer.audience.words import ConsentAction, ConsentMethod
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.words import Kind, Outcome, State
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
    early = post(admin, f"{where}/close", {"outcome": "granted", "answer": "Sent"})
    assert early.status_code == 422
    assert "Identify the person first" in early.text
    for step, form in (
        ("identify", {"proof": "mailbox"}),
        ("assign", {"to": "alice@example.com"}),
        ("extend", {"why": "many old lists"}),
        ("pause", {"why": "which of two people?"}),
        ("resume", {}),
        ("close", {"outcome": "granted", "answer": "Sent the copy", "evidence": "binder 2"}),
    ):
        assert post(admin, f"{where}/{step}", form).status_code == 302, step
    session.expire_all()
    assert (one.state, one.outcome, one.email) == (State.closed, Outcome.granted, "")
    page = admin.get(where).text
    assert "binder 2" in page
    assert "rosa@example.org" not in page
    assert "No requests" in admin.get("/requests/").text
    assert f"number {one.id}" in admin.get("/requests/?state=closed&kind=access").text


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


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("received_on", str(TODAY + timedelta(days=2)), "has not come yet"),
        ("received_on", "soon", "YYYY-MM-DD"),
        ("email", "rosa", "errors"),
        ("kind", "party", "Choose one of these"),
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
        ("extend", {"why": "ask rosa@example.org"}),
        ("assign", {"to": "nobody@example.com"}),
        ("close", {"outcome": "granted", "answer": ""}),
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
