"""Readers' tokens: changed in any place, used for another purpose, or signed by a lost key."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer import clock, tokens
from mailer.app import create_app
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.moving import changes
from mailer.db import db
from mailer.links import Site
from mailer.tokens import BadToken, Purpose
from tests.conftest import ConfigFor
from tests.databases import SECRET_KEY, digests

ROUTES = {
    "/u/": Purpose.unsubscribe,
    "/k/": Purpose.renewal,
    "/c/": Purpose.confirm,
    "/p/": Purpose.preferences,
    "/a/": Purpose.address,
}
SHAPES = {
    Purpose.unsubscribe: (1, 1, 77),
    Purpose.renewal: (1, 1, 77),
    Purpose.undo: (1,),
    Purpose.confirm: (1, 0),
    Purpose.address: (1,),
    Purpose.sign_in: (1, 0),
    Purpose.test: (1,),
    Purpose.reply_probe: (1,),
    Purpose.form: (0, 1_772_465_400),
    Purpose.challenge: (1,),
    Purpose.desk: (1,),
}
LASTING = {Purpose.unsubscribe, Purpose.renewal, Purpose.form}
# Neighbours in the alphabet, another case, separators, escapes, and signs that are not ASCII.
REPLACEMENTS = "0aA-_.~%/+= \x00é"


def token(site: Site, purpose: Purpose) -> str:
    expires = None if purpose in LASTING else clock.now() + timedelta(hours=1)
    return tokens.signed(site.keys, purpose, shape(site, purpose), expires=expires)


def shape(site: Site, purpose: Purpose) -> tuple[int, ...]:
    """Return the numbers in a token; one of them binds Rosa's preferences to her mailbox."""
    if purpose is Purpose.preferences:
        return 1, tokens.part(tokens.fingerprint(site.keys, "rosa@example.org"))
    return SHAPES[purpose]


@pytest.fixture
def moving(session: Session, site: Site, rosa: Subscriber) -> None:
    """Rosa has asked for another address: her letters have links, too."""
    changes.ask(session, clock.now(), site.keys, rosa.id, changes.addressed("kim@example.org"))
    session.commit()


def altered(text: str) -> set[str]:
    """Return the text with every character replaced, flipped bit by bit, left out or doubled."""
    found = set()
    for at, sign in enumerate(text):
        flipped = [chr(ord(sign) ^ 1 << bit) for bit in range(7)]
        for other in (*REPLACEMENTS, *flipped, "", sign * 2):
            found.add(text[:at] + other + text[at + 1 :])
    return found - {text}


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_token_changed_in_any_place_is_none_of_ours(site: Site, purpose: Purpose) -> None:
    good = token(site, purpose)
    accepted = []
    for bad in altered(good):
        try:
            accepted.append((bad, tokens.read(site.keys, purpose, bad)))
        except BadToken:
            continue
    assert accepted == []
    told = shape(site, purpose)
    assert tokens.read(site.keys, purpose, good)[: len(told)] == told


@pytest.mark.usefixtures("moving")
@pytest.mark.parametrize("route", ROUTES)
def test_a_changed_link_finds_nothing_and_does_nothing(
    client: FlaskClient, site: Site, rosa: Subscriber, letters: MailingList, route: str
) -> None:
    assert (rosa.id, letters.id) == (1, 1)
    db.session.commit()
    before = digests(db.engine)
    good = token(site, ROUTES[route])
    for at in range(len(good)):
        for other in "0aA-_.":
            bad = good[:at] + other + good[at + 1 :]
            if bad != good:
                assert client.post(f"{route}{bad}").status_code == 404, bad
    assert digests(db.engine) == before
    assert client.get(f"{route}{good}").status_code == 200


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.usefixtures("moving")
def test_a_token_opens_the_page_of_its_own_purpose_only(
    client: FlaskClient, site: Site, route: str, purpose: Purpose, method: str
) -> None:
    answer = client.open(route + token(site, purpose), method=method)
    assert (answer.status_code == 404) == (ROUTES[route] is not purpose)


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.undo])
@pytest.mark.usefixtures("rosa")
def test_only_an_undo_token_undoes(client: FlaskClient, site: Site, purpose: Purpose) -> None:
    path = "/u/" + token(site, Purpose.unsubscribe)
    client.post(path)
    assert client.post(f"{path}/undo", data={"undo": token(site, purpose)}).status_code == 404
    good = client.post(f"{path}/undo", data={"undo": token(site, Purpose.undo)})
    assert good.status_code == 200


@pytest.fixture
def app_with(config_for: ConfigFor, sqlite_url: str) -> Callable[..., Flask]:
    """``app_with("newer", "older")`` is the same installation after a change of its keys."""

    def make(*secrets: str) -> Flask:
        config: Config = config_for(sqlite_url, secret_keys=secrets)
        return create_app(config)

    return make


@pytest.mark.usefixtures("moving")
def test_old_links_live_through_a_change_of_keys_until_the_old_key_is_removed(
    site: Site, app_with: Callable[..., Flask]
) -> None:
    db.session.commit()
    paths = [route + token(site, purpose) for route, purpose in ROUTES.items()]
    newer, newest = "n" * 20 + "0123456789abcdef", "x" * 20 + "0123456789abcdef"
    for secrets, status in (
        ((newer, SECRET_KEY), 200),
        ((newest, newer, SECRET_KEY), 200),
        ((newest, newer), 404),
    ):
        visitor = app_with(*secrets).test_client()
        assert {visitor.get(path).status_code for path in paths} == {status}


def test_a_link_holds_no_address(site: Site, rosa: Subscriber) -> None:
    for purpose in Purpose:
        assert rosa.email.split("@")[0] not in token(site, purpose).lower()
