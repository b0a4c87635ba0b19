"""Another address, on the pages: asked for, agreed to by two presses, and old links run out."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, tokens
from mailer.audience import suppressions
from mailer.audience.address_models import AddressChange, AddressLetter, Side
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope
from mailer.links import Site
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.words import Kind
from tests import world
from tests.conftest import MakeReader
from tests.web.test_public import preferences_path

NEW = "rosa@elsewhere.example"


def ask(client: FlaskClient, site: Site, reader: Subscriber, email: str = NEW) -> tuple[int, str]:
    path = f"{preferences_path(site, reader)}/address"
    answer = client.post(path, data={"email": email})
    return answer.status_code, answer.text


def path_of(session: Session, site: Site, side: Side) -> str:
    letter = session.query(AddressLetter).filter_by(side=side).one()
    expires = clock.now() + timedelta(hours=1)
    return site.agree(letter.id, expires).removeprefix(site.public_url)


def test_two_presses_in_two_mailboxes_change_the_address(
    app: Flask, client: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    before = preferences_path(site, rosa)
    session.add(world.relay(rosa.subscriptions[0].list))
    session.commit()
    status, page = ask(client, site, rosa)
    assert (status, "Look into both mailboxes" in page) == (200, True)
    assert app.extensions["broker"].queues["confirmations"].qsize() == 1
    old, new = (path_of(session, site, side) for side in Side)
    assert "ro…@elsewhere.example" in client.get(old).text
    shown = client.get(new).text
    assert "ro…@elsewhere.example" in shown
    assert "example.org" not in shown
    assert "One more mailbox" in client.post(old).text
    assert "One more mailbox" in client.get(old).text
    assert "Your address is corrected" in client.post(new).text
    assert "Your address is corrected" in client.get(old).text
    session.refresh(rosa)
    assert rosa.email == NEW
    (owed,) = session.query(Request)
    assert (owed.kind, owed.address_key) == (Kind.correction, rosa.address_key)
    # What lies in the old mailbox no longer opens her page, and changes nothing there.
    assert client.get(before).status_code == 410
    assert client.post(before, data={"leave": "everything"}).status_code == 410
    assert client.post(f"{before}/address", data={"email": "eve@example.com"}).status_code == 410
    assert client.get(preferences_path(site, rosa)).status_code == 200


@pytest.mark.parametrize("kind", ["unknown", "known", "left", "complained"])
def test_the_page_says_the_same_of_every_other_address(
    client: FlaskClient,
    session: Session,
    site: Site,
    rosa: Subscriber,
    make_reader: MakeReader,
    kind: str,
) -> None:
    ines = make_reader("ines")
    email = "nobody@example.org" if kind == "unknown" else ines.email
    if kind in {"left", "complained"}:
        reason = {"left": "unsubscribed", "complained": "complaint"}[kind]
        refusal = Refusal(Scope.everything, 0, reason)
        suppressions.suppress(session, clock.now(), ines.address_key, refusal)
        session.commit()
    status, page = ask(client, site, rosa, email)
    assert (status, page) == ask(client, site, rosa, "somebody@example.net")
    assert session.query(AddressChange).count() == 1


@pytest.mark.parametrize(
    ("email", "words"), [("rosa", "@-sign"), ("ROSA@example.org", "to this address already")]
)
def test_what_is_no_other_address_is_explained_beside_the_field(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, email: str, words: str
) -> None:
    status, page = ask(client, site, rosa, email)
    assert status == 422
    assert words in page
    assert f'value="{email}"' in page
    assert session.query(AddressChange).count() == 0


def test_an_address_of_somebody_else_is_not_merged(
    client: FlaskClient,
    session: Session,
    site: Site,
    rosa: Subscriber,
    make_reader: MakeReader,
    letters: MailingList,
) -> None:
    ines = make_reader("ines")
    ask(client, site, rosa, ines.email)
    client.post(path_of(session, site, Side.old))
    new = path_of(session, site, Side.new)
    assert "cannot be used" in client.post(new).text
    assert client.get(new).status_code == 410
    assert client.post(new).status_code == 410
    session.expire_all()
    assert {rosa.email, ines.email} == {"rosa@example.org", "ines@example.org"}
    assert letters.id


def test_a_link_that_is_late_or_of_nobody_changes_nothing(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    ask(client, site, rosa)
    letter = session.query(AddressLetter).filter_by(side=Side.old).one()
    late = site.agree(letter.id, clock.now() - timedelta(seconds=2))
    for url in (late, site.agree(999, clock.now() + timedelta(hours=1))):
        path = url.removeprefix(site.public_url)
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 410
            assert "no longer works" in answer.text
    session.refresh(letter)
    assert letter.pressed_at is None
    assert (
        client.post(
            f"/p/{tokens.signed(site.keys, tokens.Purpose.form, (1, 2))}/address"
        ).status_code
        == 404
    )
