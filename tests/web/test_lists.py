"""Lists in the hands of staff: made, changed, closed, and joined on a colleague's word."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import AuditEntry, User
from mailer.audience import suppressions
from mailer.audience.models import ConsentEvent, MailingList, Sender, Subscriber, Subscription
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope, SubscriptionStatus
from tests.conftest import MakeReader
from tests.visitors import post, sign_in

READER = {"email": "rosa@example.org", "name": "Rosa", "basis": "Asked at our stand on 3 May"}


@pytest.fixture
def bobs(client: FlaskClient, bob: User) -> FlaskClient:
    """Bob, signed in."""
    sign_in(client, bob)
    return client


def settings(sender: Sender, **changes: str) -> dict[str, str]:
    given = {"name": "Garden", "description": "", "optin": "double", "type": "public"}
    return {**given, "sender_id": str(sender.id), **changes}


def acts(session: Session) -> list[str]:
    return [entry.action for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_without_a_sender_the_page_says_where_to_begin(bobs: FlaskClient) -> None:
    page = bobs.get("/lists/").text
    assert "No lists yet" in page
    assert "Begin with the sender" in page


def test_a_new_list_is_shown_with_its_form_to_embed(
    bobs: FlaskClient, session: Session, sender: Sender
) -> None:
    assert post(bobs, "/lists/new", settings(sender)).status_code == 302
    made = session.query(MailingList).one()
    page = bobs.get(f"/lists/{made.id}").text
    assert made.public_id in page
    assert acts(session) == ["lists.create"]
    shown: Any = html.fromstring(page)
    form: Any = html.fromstring(shown.get_element_by_id("embed").text_content())
    assert form.get("action") == f"http://127.0.0.1:9/subscribe/{made.public_id}"
    assert set(form.fields) == {"email", "name", "website"}


def test_a_list_says_whom_it_addresses_by_codes_of_countries(
    bobs: FlaskClient, session: Session, sender: Sender
) -> None:
    page = post(bobs, "/lists/new", settings(sender, countries="DE, Austria"))
    assert page.status_code == 422
    assert "No country has the code AUSTRIA" in page.text
    post(bobs, "/lists/new", settings(sender, countries="de, at de"))
    made = session.query(MailingList).one()
    assert made.countries == "DE AT"
    assert 'value="DE AT"' in bobs.get(f"/lists/{made.id}/edit").text


def test_a_second_click_makes_no_second_list(
    bobs: FlaskClient, session: Session, sender: Sender
) -> None:
    post(bobs, "/lists/new", settings(sender))
    again = post(bobs, "/lists/new", settings(sender))
    assert again.status_code == 422
    assert "a list of that name already" in again.text
    assert session.query(MailingList).count() == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": " "}, "cannot be empty"),
        ({"name": "N" * 201}, "At most 200 characters"),
        ({"name": "Gar\x00den"}, "invisible"),
        ({"name": "Garden\r\nBcc: x"}, "line break"),
        ({"description": "d" * 1_000_000}, "At most 1000 characters"),
        ({"optin": "triple"}, "Choose one"),
        ({"type": ""}, "Choose one"),
        ({"sender_id": "999"}, "Choose who sends"),
        ({"sender_id": "x"}, "Choose who sends"),
    ],
)
def test_bad_settings_are_explained_and_kept(
    bobs: FlaskClient,
    session: Session,
    sender: Sender,
    changes: dict[str, str],
    complaint: str,
) -> None:
    page = post(bobs, "/lists/new", settings(sender, description="Kept text") | changes)
    assert page.status_code == 422
    assert complaint in page.text
    assert ("Kept text" in page.text) == ("description" not in changes)
    assert session.query(MailingList).count() == 0


def test_settings_are_changed_but_never_the_sender(
    bobs: FlaskClient, session: Session, letters: MailingList
) -> None:
    before = letters.sender_id
    page = bobs.get(f"/lists/{letters.id}/edit").text
    assert 'value="Harbor Letters"' in page
    changed = {"name": "Letters", "optin": "single", "type": "private", "sender_id": "999"}
    assert post(bobs, f"/lists/{letters.id}/edit", changed).status_code == 302
    session.refresh(letters)
    assert (letters.name, letters.optin, letters.type) == ("Letters", "single", "private")
    assert letters.sender_id == before
    assert "/subscribe/" not in bobs.get(f"/lists/{letters.id}").text
    assert post(bobs, f"/lists/{letters.id}/edit", {"name": ""}).status_code == 422


def test_a_name_that_would_keep_the_confirmation_mail_back_is_refused_when_it_is_given(
    bobs: FlaskClient, session: Session, sender: Sender, letters: MailingList
) -> None:
    made = post(bobs, "/lists/new", settings(sender, name="50% OFF TODAY"))
    renamed = post(bobs, f"/lists/{letters.id}/edit", settings(sender, name="50% OFF TODAY"))
    for page in (made, renamed):
        assert page.status_code == 422
        assert "With this name the gate refuses the mail that asks readers to confirm" in page.text
        assert "Give the list a plain name" in page.text
    session.refresh(letters)
    assert letters.name == "Harbor Letters"
    assert session.query(MailingList).count() == 1


def test_a_list_that_nobody_can_join_says_why_until_it_is_mended(
    bobs: FlaskClient, session: Session, sender: Sender, letters: MailingList
) -> None:
    sender.attested_on = clock.now().date()
    session.commit()
    url = f"/lists/{letters.id}"
    assert "No reader can join now" not in bobs.get(url).text
    letters.name = "50% OFF TODAY"  # named before names were judged
    session.commit()
    page = bobs.get(url).text
    assert "No reader can join now" in page
    assert "R25, the message is not of the kind" in page
    described = settings(sender, name="50% OFF TODAY", description="Weekly.")
    assert post(bobs, f"{url}/edit", described).status_code == 302
    assert post(bobs, f"{url}/edit", settings(sender, name="Tides")).status_code == 302
    assert "No reader can join now" not in bobs.get(url).text


def test_archiving_closes_the_form_and_can_be_taken_back(
    bobs: FlaskClient, session: Session, letters: MailingList
) -> None:
    for _ in range(2):
        assert post(bobs, f"/lists/{letters.id}/archive").status_code == 302
    assert bobs.get("/subscribe/letters").status_code == 404
    assert post(bobs, f"/lists/{letters.id}/readers", READER).status_code == 422
    post(bobs, f"/lists/{letters.id}/reopen")
    assert bobs.get("/subscribe/letters").status_code == 200
    assert acts(session) == ["lists.archive", "lists.reopen"]


def test_a_reader_is_added_on_a_named_basis_and_asked(
    app: Flask, bobs: FlaskClient, session: Session, letters: MailingList
) -> None:
    answer = post(bobs, f"/lists/{letters.id}/readers", READER, follow_redirects=True)
    assert "gets a mail with a link" in answer.text
    row = session.query(Subscription).one()
    assert (row.status, row.subscriber.name) == ("unconfirmed", "Rosa")
    (event,) = session.query(ConsentEvent)
    assert event.evidence is not None
    assert event.evidence["shown"] == READER["basis"]
    assert event.evidence["actor"] == "bob@example.com"
    assert acts(session) == ["subscribers.add"]
    assert app.extensions["broker"].queues["confirmations"].qsize() == 1
    again = post(bobs, f"/lists/{letters.id}/readers", READER, follow_redirects=True)
    assert "no second mail so soon" in again.text


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"email": "rosa"}, "@-sign"),
        ({"email": "röża@example.org"}, "plain letters"),
        ({"name": "www.casino.example"}, "web address"),
        ({"basis": ""}, "cannot be empty"),
        ({"basis": "b" * 1_000_000}, "At most 300"),
    ],
)
def test_a_reader_without_address_or_basis_is_not_added(
    bobs: FlaskClient,
    session: Session,
    letters: MailingList,
    changes: dict[str, str],
    complaint: str,
) -> None:
    page = post(bobs, f"/lists/{letters.id}/readers", READER | changes)
    assert page.status_code == 422
    assert complaint in page.text
    kept = set(READER) - set(changes)
    assert all(READER[name] in page.text for name in kept)
    assert session.query(Subscriber).count() == 0


def test_an_opt_out_is_never_undone_by_staff(
    bobs: FlaskClient, session: Session, letters: MailingList, make_reader: MakeReader
) -> None:
    rosa = make_reader("rosa", SubscriptionStatus.unsubscribed)
    refusal = Refusal(Scope.list, letters.id)
    suppressions.suppress(session, clock.now() - timedelta(days=1), rosa.address_key, refusal)
    page = post(bobs, f"/lists/{letters.id}/readers", READER)
    assert page.status_code == 422
    assert "suppressed for this list (unsubscribed)" in page.text
    assert session.query(Subscription).one().status == "unsubscribed"
    assert acts(session) == []


def test_the_numbers_lead_to_the_readers_they_count(
    bobs: FlaskClient, letters: MailingList, make_reader: MakeReader
) -> None:
    make_reader("rosa")
    make_reader("una", SubscriptionStatus.unconfirmed)
    page: Any = html.fromstring(bobs.get(f"/lists/{letters.id}").text)
    stats = {
        " ".join(one.text_content().split()): one.get("href")
        for one in page.xpath("//a[@class='stat']")
    }
    assert set(stats) == {"Unconfirmed 1", "Confirmed 1", "Unsubscribed 0"}
    found = bobs.get(stats["Unconfirmed 1"]).text
    assert "un…@example.org" in found
    assert "ro…@example.org" not in found
    assert "Harbor Letters" in bobs.get("/lists/").text


def test_a_viewer_sees_no_button_that_is_not_hers(
    client: FlaskClient, vera: User, letters: MailingList
) -> None:
    sign_in(client, vera)
    page = client.get(f"/lists/{letters.id}").text
    for words in ("Archive", "Edit", "Add the reader", "Export"):
        assert words not in page
    assert post(client, f"/lists/{letters.id}/archive").status_code == 403


def test_a_list_that_is_not_there_is_not_found(bobs: FlaskClient) -> None:
    assert bobs.get("/lists/999").status_code == 404
    assert post(bobs, "/lists/999/archive").status_code == 404


@pytest.mark.parametrize(("text", "kept"), [("24", 24), ("", None), ("0", 7), ("x", 7)])
def test_consent_may_last_for_some_months(
    client: FlaskClient, session: Session, letters: MailingList, bob: User, text: str, kept: int
) -> None:
    letters.consent_months = 7
    sign_in(client, bob)
    form = {"name": letters.name, "optin": "double", "type": "public", "consent_months": text}
    answer = post(client, f"/lists/{letters.id}/edit", form)
    session.expire_all()
    assert letters.consent_months == kept
    assert ("Give months" in answer.text) == (kept == 7)
