"""Sign-up, confirmation and preferences as a reader meets them."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, tokens
from mailer.audience import consent, suppressions
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.receipts.texts import known, spelled_out
from mailer.audience.suppressions import Refusal
from mailer.audience.words import (
    ListStatus,
    ListType,
    Optin,
    Scope,
    SubscriberStatus,
    SubscriptionStatus,
)
from mailer.links import Site
from tests.conftest import MakeReader
from tests.sign_ups import sign_up, take_up

DAY = timedelta(days=1)


def confirm_path(site: Site, row: Subscription, life: timedelta = DAY) -> str:
    url = site.confirm(row.id, row.confirmation_serial, clock.now() + life)
    return url.removeprefix(site.public_url)


def preferences_path(site: Site, reader: Subscriber, life: timedelta = DAY) -> str:
    return site.preferences(reader.id, reader.address_key, clock.now() + life).removeprefix(
        site.public_url
    )


def test_the_form_names_the_sender_where_he_lives_and_what_is_agreed_to(
    client: FlaskClient, letters: MailingList
) -> None:
    page = client.get("/subscribe/letters")
    assert page.status_code == 200
    for words in ("Harbor Press LLC", "120 W Main St", "Springfield", consent.wording(letters)):
        assert words in page.text


def test_signing_up_keeps_what_was_shown_and_rings_for_the_mail(
    app: Flask, client: FlaskClient, session: Session, site: Site, letters: MailingList
) -> None:
    answer = sign_up(client, site, "Rosa@EXAMPLE.org", name="Rosa")
    assert answer.status_code == 200
    assert app.extensions["broker"].queues["confirmations"].qsize() == 1
    take_up(session, site)
    row = session.query(Subscription).one()
    assert (row.status, row.subscriber.email) == ("unconfirmed", "Rosa@example.org")
    assert row.confirmation_due_at is not None
    (event,) = session.query(ConsentEvent)
    assert event.evidence is not None
    texts = known(session, [event.evidence])
    assert spelled_out(event.evidence, texts) == {
        "shown": consent.wording(letters),
        "page": "http://127.0.0.1:9/subscribe/letters",
        "ip": "127.0.0.0/24",
        "user_agent": "another",
        "form": "letters",
        "language": "en",
    }


@pytest.mark.parametrize("optin", list(Optin))
def test_the_answer_is_the_same_whatever_the_address_is_to_us(
    client: FlaskClient,
    session: Session,
    site: Site,
    letters: MailingList,
    make_reader: MakeReader,
    optin: Optin,
) -> None:
    letters.optin = optin
    make_reader("confirmed")
    make_reader("pending", SubscriptionStatus.unconfirmed)
    left = make_reader("left", SubscriptionStatus.unsubscribed)
    suppressions.suppress(session, clock.now(), left.address_key, Refusal(Scope.list, letters.id))
    make_reader("off").status = SubscriberStatus.disabled
    make_reader("blocked").status = SubscriberStatus.blocklisted
    for name, reason in (("complained", "complaint"), ("erased", "erased")):
        key = tokens.fingerprint(site.keys, f"{name}@example.org")
        suppressions.suppress(session, clock.now(), key, Refusal(Scope.everything, 0, reason))
    names = ("unknown", "confirmed", "pending", "left", "off", "blocked", "complained", "erased")
    answers = []
    for name in (*names, *names):
        answers.append(sign_up(client, site, f"{name}@example.org"))
        take_up(session, site)
    seen = {
        (answer.status, answer.text, tuple(sorted(answer.headers.items()))) for answer in answers
    }
    assert len(seen) == 1
    assert answers[0].status_code == 200


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"email": ""}, "Enter an email address."),
        ({"email": "rosa@example.org\r\nBcc: x@example.com"}, "line break"),
        ({"email": "ro\0sa@example.org"}, "invisible"),
        ({"email": "rösa@example.org"}, "plain letters"),
        ({"email": "rosa"}, "@-sign"),
        ({"email": "rosa@example.org", "name": "https://casino.example"}, "web address"),
        ({"email": "rosa@example.org", "name": "Rosa\r\nBcc: x@example.com"}, "line break"),
        ({"email": "rosa@example.org", "name": "R" * 1_000_000}, "at most 100"),
        ({"email": "r" * 1_000_000, "name": "Rosa"}, "at most 254"),
    ],
)
@pytest.mark.usefixtures("letters")
def test_bad_input_is_explained_and_kept_in_the_form(
    client: FlaskClient, session: Session, fields: dict[str, str], complaint: str
) -> None:
    page = client.post("/subscribe/letters", data=fields)
    assert page.status_code == 422
    assert complaint in page.text
    assert all(value.strip("\r\n\0")[:20] in page.text for value in fields.values())
    assert session.query(Subscriber).count() == 0


@pytest.mark.usefixtures("letters")
def test_a_form_beyond_all_measure_is_refused(
    client: FlaskClient, session: Session, site: Site
) -> None:
    assert sign_up(client, site, "rosa@example.org", name="R" * 6_000_000).status_code == 413
    assert session.query(Subscriber).count() == 0


@pytest.mark.usefixtures("letters")
def test_a_machine_that_fills_every_field_gets_the_answer_and_nothing_else(
    client: FlaskClient, session: Session, site: Site
) -> None:
    honest = sign_up(client, site, "rosa@example.org")
    caught = sign_up(client, site, "bot@example.org", website="https://casino.example")
    assert caught.text == honest.text
    take_up(session, site)
    assert session.query(Subscriber).count() == 1


@pytest.mark.parametrize("closed", ["private", "archived", "unknown", "nul"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_list_that_is_not_open_has_no_form(
    client: FlaskClient, letters: MailingList, closed: str, method: str
) -> None:
    if closed == "private":
        letters.type = ListType.private
    if closed == "archived":
        letters.status = ListStatus.archived
    path = {"unknown": "/subscribe/x", "nul": "/subscribe/le%00"}.get(closed, "/subscribe/letters")
    assert client.open(path, method=method, data={"email": "a@example.org"}).status_code == 404


@pytest.fixture
def pending(make_reader: MakeReader) -> Subscription:
    """Rosa's place on the list, not confirmed."""
    return make_reader("rosa", SubscriptionStatus.unconfirmed).subscriptions[0]


def test_confirming_takes_a_button_and_works_once(
    client: FlaskClient, session: Session, site: Site, pending: Subscription
) -> None:
    path = confirm_path(site, pending)
    assert "Yes, subscribe me" in client.get(path).text
    assert pending.status == "unconfirmed"
    assert "You are on the list" in client.post(path).text
    session.refresh(pending)
    assert pending.status == "confirmed"
    again = client.post(path)
    assert again.status_code == 200
    assert "before" in again.text
    assert "before" in client.get(path).text
    (event,) = session.query(ConsentEvent)
    assert event.evidence is not None
    assert event.evidence["page"] == "http://127.0.0.1:9/c/"
    assert event.evidence["message_id"].endswith("@harbor.example.com>")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("fault", ["expired", "replaced", "gone"])
def test_a_void_link_is_explained_with_a_way_to_ask_again(
    client: FlaskClient,
    session: Session,
    site: Site,
    pending: Subscription,
    method: str,
    fault: str,
) -> None:
    life = -timedelta(seconds=2) if fault == "expired" else DAY
    path = confirm_path(site, pending, life)
    if fault == "replaced":
        pending.confirmation_serial += 1
    if fault == "gone":
        session.delete(pending.subscriber)
    session.commit()
    page = client.open(path, method=method)
    assert page.status_code == 410
    assert "no longer works" in page.text
    assert ("/subscribe/letters" in page.text) == (fault != "gone")
    assert session.query(Subscription).filter_by(status="confirmed").count() == 0


def test_a_void_link_to_a_private_list_leads_to_its_sender(
    client: FlaskClient, site: Site, letters: MailingList, pending: Subscription
) -> None:
    letters.type = ListType.private
    page = client.get(confirm_path(site, pending, -DAY))
    assert "mailto:desk@harbor.example.com" in page.text


def test_the_page_after_confirming_leads_to_her_preferences(
    client: FlaskClient, site: Site, pending: Subscription
) -> None:
    page = client.post(confirm_path(site, pending)).text
    path = page.partition('href="http://127.0.0.1:9')[2].partition('"')[0]
    assert path.startswith("/p/")
    assert "ro…@example.org" in client.get(path).text


def test_she_changes_her_lists_on_her_own_page(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, letters: MailingList
) -> None:
    path = preferences_path(site, rosa)
    page = client.get(path).text
    assert f'value="{letters.id}" checked' in page
    assert rosa.email not in page
    assert "You have left “Harbor Letters”" in client.post(path).text
    session.refresh(rosa.subscriptions[0])
    assert rosa.subscriptions[0].status == "unsubscribed"
    back = client.post(path, data={"list": [str(letters.id), "x", "999", ""]})
    assert "You are now on “Harbor Letters”" in back.text
    assert "Saved." in client.post(path, data={"list": letters.id}).text
    session.refresh(rosa.subscriptions[0])
    assert rosa.subscriptions[0].status == "confirmed"


def test_one_button_stops_all_mail_from_a_sender(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, letters: MailingList
) -> None:
    path = preferences_path(site, rosa)
    assert "Stop all mail from Harbor Press LLC" in client.get(path).text
    assert client.post(path, data={"leave": letters.sender_id}).status_code == 200
    (held,) = suppressions.in_force(session, rosa.address_key)
    assert (held.scope, held.scope_id) == ("sender", letters.sender_id)


def test_a_page_of_somebody_who_is_gone_or_whose_link_has_run_out_shows_nothing(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    late = client.post(preferences_path(site, rosa, -DAY))
    assert late.status_code == 410
    assert "run out" in late.text
    path = preferences_path(site, rosa)
    session.delete(rosa)
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


@pytest.mark.parametrize("path", ["subscribe", "confirm", "preferences"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_readers_pages_set_no_cookie_and_tell_nobody(
    client: FlaskClient, site: Site, pending: Subscription, path: str, method: str
) -> None:
    url = {
        "subscribe": "/subscribe/letters",
        "confirm": confirm_path(site, pending),
        "preferences": preferences_path(site, pending.subscriber),
    }[path]
    answer = client.open(url, method=method)
    assert answer.status_code in {200, 422}
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
