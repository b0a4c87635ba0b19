"""A reader's own page in full, the way to it for who lost it, the question after leaving."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, tokens
from mailer.audience import subscriptions, suppressions
from mailer.audience.consent import Evidence
from mailer.audience.joining.models import AskedMail
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressions import Refusal
from mailer.audience.wishes import topics
from mailer.audience.wishes.models import Leaving
from mailer.audience.words import ConsentMethod, Scope, SubscriberStatus
from mailer.links import Site
from mailer.tokens import Purpose
from tests.conftest import MakeReader
from tests.sign_ups import take_up, ticket
from tests.web.test_public import preferences_path

DAY = timedelta(days=1)


def test_one_form_keeps_all_that_she_chooses(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, letters: MailingList
) -> None:
    topics.keep(session, letters.id, ["Beans", "Peas"])
    (beans, _) = topics.of_lists(session, [letters.id])
    until = (clock.now() + 30 * DAY).date()
    form = {
        "list": letters.id,
        "topic": beans.id,
        "weekly": letters.id,
        "pause": until.isoformat(),
        "language": "de",
        "name": "Rosa Luz",
    }
    path = preferences_path(site, rosa)
    page = client.post(path, data=form).text
    assert "Saved." in page
    session.refresh(rosa)
    assert rosa.paused_until is not None
    assert rosa.paused_until.date() == until
    assert (rosa.name, rosa.language) == ("Rosa Luz", "de")
    for part in (f'value="{beans.id}" checked', f'value="{until}"', 'value="de" selected'):
        assert part in page
    client.post(path, data={"list": letters.id, "pause": ""})
    session.refresh(rosa)
    assert rosa.language == "de"
    assert session.scalar(sa.select(Subscriber.paused_until)) is None


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"pause": "2026-13-45"}, "Choose a day"),
        ({"name": "www.casino.example"}, "web address"),
    ],
)
def test_what_cannot_be_used_is_explained_and_nothing_is_saved(
    client: FlaskClient,
    session: Session,
    site: Site,
    rosa: Subscriber,
    form: dict[str, str],
    words: str,
) -> None:
    answer = client.post(preferences_path(site, rosa), data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert next(iter(form.values())) in answer.text
    session.refresh(rosa)
    assert rosa.subscriptions[0].status == "confirmed"


def test_a_language_that_is_not_offered_changes_nothing(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, letters: MailingList
) -> None:
    client.post(preferences_path(site, rosa), data={"list": letters.id, "language": "xx<b>"})
    session.refresh(rosa)
    assert rosa.language == ""


def test_one_button_stops_all_mail_whoever_sends_it(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    """C7: removed from all correspondence."""
    assert (
        client.post(preferences_path(site, rosa), data={"leave": "everything"}).status_code == 200
    )
    (held,) = suppressions.in_force(session, rosa.address_key)
    assert held.scope is Scope.everything


def test_her_link_opens_nobody_elses_page(
    client: FlaskClient, site: Site, rosa: Subscriber, make_reader: MakeReader
) -> None:
    """S-07."""
    ines = make_reader("ines")
    hers, other = preferences_path(site, rosa), preferences_path(site, ines)
    payload, _, signature = hers.rpartition(".")
    swapped = f"{other.rpartition('.')[0]}.{signature}"
    assert client.post(swapped, data={"leave": "everything"}).status_code == 404
    assert payload
    assert "in…" not in client.get(hers).text


def ask(client: FlaskClient, site: Site, email: str) -> str:
    return client.post("/preferences", data={"email": email, "ticket": ticket(site)}).text


@pytest.mark.parametrize("kind", ["known", "off all lists", "unknown", "blocklisted", "complained"])
def test_a_lost_link_is_sent_to_who_gets_our_mail_and_to_nobody_else(
    app: Flask, client: FlaskClient, session: Session, site: Site, rosa: Subscriber, kind: str
) -> None:
    if kind == "blocklisted":
        rosa.status = SubscriberStatus.blocklisted
    if kind == "complained":
        refusal = Refusal(Scope.everything, 0, "complaint")
        suppressions.suppress(session, clock.now(), rosa.address_key, refusal)
    if kind == "off all lists":
        proof, opt_out = Evidence(), OptOut(rosa.subscriptions[0].list_id, rosa.id)
        subscriptions.unsubscribe(session, clock.now(), opt_out, ConsentMethod.link, proof)
    email = "nobody@example.org" if kind == "unknown" else rosa.email
    assert "Look into your mailbox" in ask(client, site, email)
    assert app.extensions["broker"].queues["confirmations"].qsize() == 1
    (owed,) = take_up(session, site)
    assert (owed.link_id is not None) == (kind in {"known", "off all lists"})


def test_a_lost_link_is_sent_once_a_day(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    for spelling in ("rosa", "rosa+a", "ROSA"):
        ask(client, site, f"{spelling}@example.org")
        take_up(session, site)
    assert session.query(AskedMail).count() == 1
    assert rosa.id


def test_the_form_for_a_lost_link_explains_what_it_cannot_use(client: FlaskClient) -> None:
    assert client.get("/preferences").status_code == 200
    answer = client.post("/preferences", data={"email": "rosa"})
    assert answer.status_code == 422
    assert "@-sign" in answer.text
    again = client.post("/preferences", data={"email": "rosa@example.org"})
    assert "One more press" in again.text


def test_the_question_comes_after_leaving_and_takes_one_press(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, letters: MailingList
) -> None:
    path = site.unsubscribe(letters.id, rosa.id, 1).removeprefix(site.public_url)
    assert "why" not in client.get(path).text
    page = client.post(path, data={"from": "page", "scope": "list"}).text
    assert "Would you tell us why?" in page
    undo = page.partition('name="undo" value="')[2].partition('"')[0]
    said = {"undo": undo, "reason": "too often"}
    assert "That helps" in client.post(f"{path}/reason", data=said).text
    assert [one.reason for one in session.query(Leaving)] == ["too often"]


@pytest.mark.parametrize("fault", ["late", "unknown", "missing"])
def test_a_reason_that_cannot_be_kept_troubles_nobody(
    client: FlaskClient,
    session: Session,
    site: Site,
    rosa: Subscriber,
    letters: MailingList,
    fault: str,
) -> None:
    path = site.unsubscribe(letters.id, rosa.id, 1).removeprefix(site.public_url)
    client.post(path)
    expires = clock.now() + (-DAY if fault == "late" else DAY)
    form = {
        "undo": tokens.signed(site.keys, Purpose.undo, (1,), expires=expires),
        "reason": {"unknown": "spite", "missing": ""}.get(fault, "other"),
    }
    assert client.post(f"{path}/reason", data=form).status_code == 200
    assert session.query(Leaving).count() == 0
