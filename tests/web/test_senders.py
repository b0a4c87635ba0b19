"""Senders in the hands of admins: entered, judged by the gate, and vouched for by name."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import Sender
from tests.visitors import post, sign_in

PRESS = {
    "legal_name": "Garden Press LLC",
    "from_name": "Garden Letters",
    "from_address": "letters@garden.example.com",
    "reply_to": "desk@garden.example.com",
    "address_lines": "1600 W Main St\r\nSuite 4",
    "city": "Springfield",
    "region": "IL",
    "postcode": "62701",
    "country": "US",
    "address_kind": "street",
    "ad_label": "",
}


@pytest.fixture
def adams(client: FlaskClient, adam: User) -> FlaskClient:
    """Adam the admin, signed in."""
    sign_in(client, adam)
    return client


def acts(session: Session) -> list[str]:
    return [entry.action for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_the_first_page_says_what_a_sender_is_for(adams: FlaskClient) -> None:
    assert "No senders yet" in adams.get("/senders/").text


def test_a_sender_is_entered_and_refused_until_vouched_for(
    adams: FlaskClient, session: Session
) -> None:
    page = post(adams, "/senders/new", PRESS, follow_redirects=True)
    assert "cannot be sent yet" in page.text
    assert "R15" in page.text
    assert "refused by the gate" in adams.get("/senders/").text
    made = session.query(Sender).one()
    page = post(
        adams, f"/senders/{made.id}/edit", {**PRESS, "attest": "yes"}, follow_redirects=True
    )
    assert "The record is complete" in page.text
    session.refresh(made)
    assert made.attested_by == "adam@example.com"
    assert "by adam@example.com on" in page.text
    assert "Vouched for by adam@example.com" in adams.get(f"/senders/{made.id}/edit").text
    assert acts(session) == ["senders.create", "senders.edit", "senders.attest"]
    assert "complete" in adams.get("/senders/").text


def test_a_second_click_makes_no_second_sender(adams: FlaskClient, session: Session) -> None:
    post(adams, "/senders/new", PRESS)
    again = post(adams, "/senders/new", PRESS)
    assert again.status_code == 422
    assert "There is a sender of this name" in again.text
    assert session.query(Sender).count() == 1


def test_a_moved_sender_needs_a_new_word(
    adams: FlaskClient, session: Session, sender: Sender
) -> None:
    assert sender.attested_on is not None
    moved = {**PRESS, "legal_name": sender.legal_name, "city": "Chicago", "postcode": "60601"}
    page = post(adams, f"/senders/{sender.id}/edit", moved, follow_redirects=True)
    assert "cannot be sent yet" in page.text
    session.refresh(sender)
    assert (sender.city, sender.attested_by) == ("Chicago", "")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"legal_name": ""}, "cannot be empty"),
        ({"legal_name": "L" * 1_000_000}, "At most 200"),
        ({"from_name": "Garden\r\nBcc: x@example.com"}, "line break"),
        ({"from_address": "letters"}, "@-sign"),
        ({"reply_to": "a@example.com\r\nBcc: b@example.com"}, "line break"),
        ({"address_lines": "1 Main\x00 St"}, "invisible"),
        ({"city": ""}, "An address in this country needs a town."),
        ({"postcode": ""}, "An address in this country needs a ZIP code."),
        ({"region": ""}, "needs a state."),
        ({"postcode": "6270"}, "“6270” is not a ZIP code of IL. One looks like"),
        ({"postcode": "90210"}, "“90210” is not a ZIP code of IL."),
        ({"region": "Bavaria"}, "“Bavaria” is not a state of this country."),
        ({"country": "DE", "region": "", "postcode": "1011"}, "“1011” is not a postcode of"),
        ({"country": "GB", "region": "", "city": ""}, "needs a post town."),
        ({"phone": "call us"}, "in digits"),
        ({"website": "javascript:alert(1)"}, "Write a web address"),
        ({"other_names": "Ana\x00Ruiz"}, "invisible"),
        ({"country": "XX"}, "Choose a country"),
        ({"country": "../../etc"}, "Choose a country"),
        ({"address_kind": "castle"}, "Choose one"),
    ],
)
def test_bad_input_is_explained_and_kept(
    adams: FlaskClient, session: Session, changes: dict[str, str], complaint: str
) -> None:
    page = post(adams, "/senders/new", PRESS | changes)
    assert page.status_code == 422
    assert complaint in page.text
    kept = {"legal_name", "from_address", "city", "postcode"} - set(changes)
    assert all(PRESS[name] in page.text for name in kept)
    assert session.query(Sender).count() == 0


def test_bad_changes_leave_the_sender_as_it_was(
    adams: FlaskClient, session: Session, sender: Sender
) -> None:
    page = post(adams, f"/senders/{sender.id}/edit", {**PRESS, "city": ""})
    assert page.status_code == 422
    session.refresh(sender)
    assert (sender.legal_name, sender.city) == ("Harbor Press LLC", "Springfield")


def test_a_marketer_reads_senders_and_changes_none(
    client: FlaskClient, bob: User, sender: Sender
) -> None:
    sign_in(client, bob)
    page = client.get("/senders/").text
    assert sender.legal_name in page
    assert "/edit" not in page
    assert client.get(f"/senders/{sender.id}/edit").status_code == 403
    assert post(client, "/senders/new", PRESS).status_code == 403


def test_a_sender_who_is_not_there_is_not_found(adams: FlaskClient) -> None:
    assert adams.get("/senders/999/edit").status_code == 404
