"""Nobody looks at a person without a reason, and each look stands in the audit log."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, ledger
from mailer.accounts import cases
from mailer.accounts.cases import Case, Ground, Why
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList, Subscriber
from mailer.privacy import record
from tests.conftest import MakeReader
from tests.visitors import look_at, post, sign_in

PAGES = ("", "/edit", "/export", "/erase", "/restrict")
ASKED = "Why do you look?"


@pytest.fixture
def adams(client: FlaskClient, adam: User) -> FlaskClient:
    """Adam, signed in."""
    sign_in(client, adam)
    return client


def looks(session: Session) -> list[tuple[str, str]]:
    found = sa.select(AuditEntry).where(AuditEntry.action == cases.LOOKED)
    return [(one.subject, one.reason) for one in session.scalars(found.order_by(AuditEntry.id))]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_about_a_reader_asks_first_and_tells_nothing_of_her(
    adams: FlaskClient, session: Session, rosa: Subscriber, page: str
) -> None:
    asked = adams.get(f"/subscribers/{rosa.id}{page}").text
    assert ASKED in asked
    assert rosa.email not in asked
    assert rosa.name not in asked
    assert looks(session) == []
    look_at(adams, rosa.id)
    assert ASKED not in adams.get(f"/subscribers/{rosa.id}{page}").text


@pytest.mark.usefixtures("database")
def test_the_reason_is_asked_once_and_each_page_is_logged(
    adams: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    look_at(adams, rosa.id)
    adams.get(f"/subscribers/{rosa.id}/edit")
    about = f"subscriber {rosa.id}"
    pages = ("subscribers.show", "subscribers.edit")
    assert looks(session) == [(about, f"case 1: {page}") for page in pages]
    case = session.get_one(Case, 1)
    assert (case.looks, case.role, case.actor) == (2, "admin", "adam@example.com")
    assert case.reason == "problem: She asked by phone"
    assert ledger.first_broken(session, AuditEntry) is None


def test_a_case_is_one_person_one_reader_and_one_day(
    client: FlaskClient, session: Session, rosa: Subscriber, bob: User, adam: User
) -> None:
    about, why = f"subscriber {rosa.id}", Why(Ground.problem, "His case")
    cases.begin(session, clock.now() - cases.LASTS, bob, about, why)
    cases.begin(session, clock.now(), adam, about, why)
    cases.begin(session, clock.now(), bob, "subscriber 99", why)
    sign_in(client, bob)
    assert ASKED in client.get(f"/subscribers/{rosa.id}").text
    just = clock.now() - cases.LASTS + timedelta(minutes=1)
    cases.begin(session, just, bob, about, why)
    assert ASKED not in client.get(f"/subscribers/{rosa.id}").text


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"ground": ""}, "ground"),
        ({"ground": "curiosity", "reason": "x"}, "ground"),
        ({"ground": "problem"}, "reason"),
        ({"ground": "problem", "reason": "rosa@example.org called"}, "reason"),
        ({"ground": "request", "reason": "she asked"}, "reference"),
        ({"ground": "request", "reference": "rosa@example.org"}, "reference"),
        ({"ground": "request", "reference": "7" * 101}, "reference"),
        ({"ground": "legal disclosure", "reason": "Court", "approver": "alice@example.com"}, "ref"),
        ({"ground": "legal disclosure", "reason": "Court", "reference": "4 K 1/26"}, "approver"),
        (
            {
                "ground": "legal disclosure",
                "reason": "Court",
                "reference": "4 K 1/26",
                "approver": "adam@example.com",  # nobody approves what she does herself
            },
            "approver",
        ),
    ],
)
@pytest.mark.usefixtures("alice")
def test_a_reason_that_lacks_something_opens_no_case(
    adams: FlaskClient, session: Session, rosa: Subscriber, given: dict[str, str], where: str
) -> None:
    answer = post(adams, f"/subscribers/{rosa.id}/look", given)
    assert answer.status_code == 422
    assert f'id="field-{where}' in answer.text
    assert 'class="error"' in answer.text
    assert session.query(Case).count() == session.query(AuditEntry).count() == 0


@pytest.mark.usefixtures("alice")
def test_a_legal_disclosure_names_its_reference_and_who_approved_it(
    adams: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    given = {
        "reason": "Order of the court",
        "reference": "4 K 1/26",
        "approver": "alice@example.com",
    }
    post(adams, f"/subscribers/{rosa.id}/look", {"ground": "legal disclosure", **given})
    (entry,) = session.query(AuditEntry)
    assert (entry.action, entry.reason) == (
        "cases.ask",
        "case 1: legal disclosure 4 K 1/26, for alice@example.com to approve: Order of the court",
    )


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_disclosure_shows_nothing_before_the_approver_has_said_yes_herself(
    adams: FlaskClient, app: Flask, session: Session, rosa: Subscriber, alice: User, answer: str
) -> None:
    given = {"reason": "Order of the court", "reference": "4 K 1/26", "approver": alice.email}
    path = f"/subscribers/{rosa.id}"
    post(adams, f"{path}/look", {"ground": "legal disclosure", **given})
    page = adams.get(path).text
    assert "Waits for approval" in page
    assert rosa.email not in page
    assert "Order of the court" not in adams.get("/requests/").text
    assert post(adams, "/requests/disclosures/1", {"answer": "yes"}).status_code == 404
    alices = app.test_client()
    sign_in(alices, alice)
    assert "Order of the court" in alices.get("/requests/").text
    assert post(alices, "/requests/disclosures/1", {"answer": answer}).status_code == 302
    assert post(alices, "/requests/disclosures/1", {"answer": "yes"}).status_code == 404
    assert (rosa.email in adams.get(path).text) is (answer == "yes")
    acts = [one.action for one in session.query(AuditEntry).order_by(AuditEntry.id)]
    assert acts[:2] == ["cases.ask", "cases.approve" if answer == "yes" else "cases.refuse"]
    (case,) = session.query(Case)
    assert (case.approved_at is not None, case.approver) == (answer == "yes", alice.email)


def test_who_looked_and_why_stands_on_her_timeline_and_time_and_role_in_her_archive(
    adams: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    look_at(adams, rosa.id)
    page = adams.get(f"/subscribers/{rosa.id}").text
    assert "Record looked at" in page
    assert "adam@example.com (admin), 1 page since" in page
    told = record.acts_on(session, rosa)
    assert [what for _, what in told] == ["cases.open", "cases.look: admin"]
    assert "adam" not in str(told)


def test_a_form_sent_without_a_case_answers_with_the_question_and_not_with_her_data(
    adams: FlaskClient, rosa: Subscriber
) -> None:
    answer = post(adams, f"/subscribers/{rosa.id}/erase", {"confirmation": "x", "reason": ""})
    assert (answer.status_code, ASKED in answer.text) == (422, True)
    assert rosa.email not in answer.text


def test_a_list_names_in_full_whom_one_has_named_or_has_a_case_about(
    adams: FlaskClient, rosa: Subscriber, make_reader: MakeReader
) -> None:
    una = make_reader("una")
    page = adams.get("/subscribers/").text
    assert "ro…@example.org" in page
    assert rosa.email not in page
    assert rosa.email in adams.get("/subscribers/?q=ROSA@example.org").text
    look_at(adams, una.id)
    page = adams.get("/subscribers/").text
    assert (una.email in page, rosa.email in page) == (True, False)


def test_a_letter_and_a_request_are_reasons_in_themselves_and_the_look_is_logged(
    adams: FlaskClient, session: Session, letters: MailingList
) -> None:
    wish = {
        "email": "rosa@example.org",
        "kind": "access",
        "regime": "GDPR",
        "channel": "letter",
        "received_on": "2026-03-02",
    }
    assert letters
    assert post(adams, "/requests/new", wish).status_code == 302
    assert adams.get("/requests/1").status_code == 200
    assert looks(session) == [("request 1", "desk.show")]
