"""Signing in and out, one-time links, passwords, and how often one may guess."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from mailer import clock
from mailer.accounts import signing_in, users
from mailer.accounts.models import User
from mailer.app import create_app
from mailer.db import db
from mailer.links import Site
from tests.conftest import PASSWORD, ConfigFor
from tests.visitors import Visitor, form_token, post, sign_in

NEW = "a whole new passphrase"


@pytest.fixture
def config(request: pytest.FixtureRequest, config_for: ConfigFor, sqlite_url: str) -> Config:
    """Rate limits are on in tests that ask for them by the marker's name."""
    return config_for(sqlite_url, rate_limits="guessing" in request.fixturenames)


@pytest.fixture
def guessing(app: Flask) -> Callable[..., TestResponse]:
    """``guessing(email, ip)`` tries a wrong password from an address, with limits on."""

    def attempt(email: str, ip: str = "203.0.113.1", **fields: str) -> TestResponse:
        data = {"email": email, "password": "wrong", **fields}
        return post(app.test_client(), "/sign-in", data, environ_base={"REMOTE_ADDR": ip})

    return attempt


def link(session: Session, site: Site, user: User) -> str:
    url = signing_in.link(session, site, user, clock.now())
    session.commit()
    return url.removeprefix(site.public_url)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account/password").status_code == 200


@pytest.mark.usefixtures("bob")
def test_the_right_password_lets_in(client: FlaskClient) -> None:
    answer = post(client, "/sign-in", {"email": "BOB@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/")
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_look_alike(client: FlaskClient, bob: User) -> None:
    pages = []
    for email in (bob.email, "nob@example.com"):
        answer = post(client, "/sign-in", {"email": email, "password": "wrong"})
        assert answer.status_code == 200
        text = answer.text.replace(email, "")
        pages.append(re.sub(r'value="[^"]*"', "", text))
    assert pages[0] == pages[1]
    assert "That did not match." in pages[0]


def test_somebody_shut_out_gets_the_same_answer(
    client: FlaskClient, session: Session, bob: User
) -> None:
    users.deactivate(session, bob)
    answer = post(client, "/sign-in", {"email": bob.email, "password": PASSWORD})
    assert "That did not match." in answer.text
    assert not is_signed_in(client)


@pytest.mark.parametrize("ticked", [True, False])
def test_a_cookie_that_stays_is_set_only_when_ticked(
    client: FlaskClient, bob: User, *, ticked: bool
) -> None:
    data = {"email": bob.email, "password": PASSWORD} | ({"remember": "y"} if ticked else {})
    post(client, "/sign-in", data)
    assert (client.get_cookie("remember_token") is not None) == ticked


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "\\\\e.x",
    ],
)
def test_signing_in_leads_to_no_other_site(client: FlaskClient, bob: User, place: str) -> None:
    data = {"email": bob.email, "password": PASSWORD, "next": place}
    answer = post(client, "/sign-in", data, query_string={"next": place})
    parts = urlsplit(answer.location or "")
    assert (parts.scheme, parts.netloc) == ("", "")
    assert "\\" not in parts.path
    assert is_signed_in(client) == (answer.status_code == 302)


def test_signing_out_takes_a_button(client: FlaskClient, bob: User) -> None:
    sign_in(client, bob)
    assert client.get("/sign-out").status_code == 405
    assert is_signed_in(client)
    assert post(client, "/sign-out").location == "/sign-in"
    assert not is_signed_in(client)


def test_looking_at_a_link_signs_nobody_in(
    client: FlaskClient, session: Session, site: Site, bob: User
) -> None:
    path = link(session, site, bob)
    for _ in range(2):
        assert "Sign in as Bob?" in client.get(path).text
    assert not is_signed_in(client)


def test_a_link_lets_in_once_and_offers_a_password(
    client: FlaskClient, app: Flask, session: Session, site: Site, bob: User
) -> None:
    path = link(session, site, bob)
    answer = post(client, path)
    assert (answer.status_code, answer.location) == (302, "/account/new-password")
    assert is_signed_in(client)
    again = post(app.test_client(), path)
    assert again.status_code == 410
    assert "This link is over" in again.text


def test_a_link_leaves_nothing_of_the_strangers_session(
    client: FlaskClient, session: Session, site: Site, bob: User
) -> None:
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    post(client, link(session, site, bob))
    with client.session_transaction() as cookie:
        assert "planted" not in cookie


def test_a_link_needs_the_forms_token(
    client: FlaskClient, session: Session, site: Site, bob: User
) -> None:
    assert client.post(link(session, site, bob)).status_code == 400


@pytest.mark.usefixtures("bob")
def test_a_forged_link_is_nothing(client: FlaskClient) -> None:
    assert client.get("/enter/1-1-zzzzzz.aaaaaaaaaaaaaaaaaaaaaaaa").status_code == 404


def test_who_has_no_password_sets_one_without_an_old_one(
    client: FlaskClient, app: Flask, session: Session, site: Site, bob: User
) -> None:
    bob.password = None
    post(client, link(session, site, bob))
    answer = post(client, "/account/new-password", {"password": NEW, "repeated": NEW})
    assert answer.location == "/"
    assert is_signed_in(client)
    fresh = app.test_client()
    post(fresh, "/sign-in", {"email": bob.email, "password": NEW})
    assert is_signed_in(fresh)


def test_who_forgot_the_password_sets_a_new_one_by_link(
    client: FlaskClient, session: Session, site: Site, bob: User
) -> None:
    post(client, link(session, site, bob))
    post(client, "/account/new-password", {"password": NEW, "repeated": NEW})
    session.refresh(bob)
    answer = client.get("/account/new-password")  # the link's grace ends with its use
    assert (answer.status_code, answer.location) == (302, "/account/password")


def test_who_signed_in_by_password_must_give_it_to_change_it(
    client: FlaskClient, bob: User
) -> None:
    sign_in(client, bob)
    answer = post(client, "/account/new-password", {"password": NEW, "repeated": NEW})
    assert answer.location == "/account/password"
    wrong = {"password": "wrong", "new_password": NEW, "new_password_confirm": NEW}
    assert "Invalid password" in post(client, "/account/password", wrong).text


@pytest.mark.parametrize(
    ("password", "repeated", "words"),
    [("short", "short", "at least 12"), (NEW, NEW + "s", "not the same"), ("", "", "at least 12")],
)
def test_a_poor_password_is_told_why(
    client: FlaskClient,
    session: Session,
    site: Site,
    bob: User,
    password: str,
    repeated: str,
    words: str,
) -> None:
    post(client, link(session, site, bob))
    answer = post(client, "/account/new-password", {"password": password, "repeated": repeated})
    assert answer.status_code == 422
    assert words in answer.text


def test_a_new_password_signs_out_every_other_place(
    client: FlaskClient, app: Flask, bob: User
) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, bob)
    sign_in(client, bob)
    change = {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW}
    assert post(client, "/account/password", change).status_code == 302
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)


@pytest.mark.parametrize(
    "change", [lambda session, user: users.change_role(session, user, "viewer"), users.deactivate]
)
def test_a_new_role_and_shutting_out_end_sessions(
    client: FlaskClient, session: Session, bob: User, change: Callable[[Session, User], None]
) -> None:
    sign_in(client, bob)
    assert is_signed_in(client)
    change(session, bob)
    assert not is_signed_in(client)


def test_guessing_one_account_from_many_places_is_slowed_down(
    guessing: Callable[..., TestResponse], bob: User
) -> None:
    answers = [guessing(bob.email, f"203.0.113.{number}") for number in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert guessing("alice@example.com", "203.0.113.99").status_code == 200


def test_guessing_many_accounts_from_one_place_is_slowed_down(
    guessing: Callable[..., TestResponse],
) -> None:
    answers = [guessing(f"person{number}@example.com") for number in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


def test_right_passwords_are_not_counted(guessing: Callable[..., TestResponse], bob: User) -> None:
    answers = [guessing(bob.email, password=PASSWORD) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {302}


def test_a_link_opens_for_who_is_slowed_down(
    guessing: Callable[..., TestResponse],
    client: FlaskClient,
    session: Session,
    site: Site,
    bob: User,
) -> None:
    for number in range(11):
        guessing(bob.email, f"203.0.113.{number}")
    assert post(client, link(session, site, bob)).status_code == 302


FULL_WIDTH = "bob@\uff45xample.com"
SPELLINGS = ["BOB@example.com", "bob@Example.COM", FULL_WIDTH, "bob@example\u3002com"]


def test_guessing_counts_however_the_account_is_spelled(
    guessing: Callable[..., TestResponse], bob: User
) -> None:
    for number in range(10):
        guessing(SPELLINGS[number % len(SPELLINGS)], f"203.0.113.{number}")
    assert guessing(bob.email, "203.0.113.99").status_code == 429


def test_strangers_elsewhere_do_not_shut_the_owner_out(
    guessing: Callable[..., TestResponse], bob: User
) -> None:
    for number in range(30):
        assert guessing(bob.email, f"10.0.{number}.1", password="").status_code == 200
    assert guessing(bob.email, password=PASSWORD).status_code == 302


def test_guessing_one_account_from_everywhere_ends_as_well(
    guessing: Callable[..., TestResponse], bob: User
) -> None:
    answers = [guessing(bob.email, f"10.0.{number}.1", password="") for number in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]


def test_guessing_from_one_ipv6_network_is_slowed_down(
    guessing: Callable[..., TestResponse],
) -> None:
    answers = [
        guessing(f"person{number}@example.com", f"2001:db8::{number:x}:1") for number in range(11)
    ]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert guessing("person@example.com", "2001:db8:0:1::1").status_code == 200


@pytest.mark.parametrize("email", ["bob@example.com", ["bob@example.com"]])
def test_json_is_not_read_at_the_sign_in(app: Flask, bob: User, email: object) -> None:
    assert bob.email == "bob@example.com"
    client = app.test_client()
    answer = client.post(
        "/sign-in?include_auth_token",
        json={"email": email, "password": PASSWORD},
        headers={"X-CSRFToken": form_token(client)},
    )
    assert answer.status_code == 415
    assert not is_signed_in(client)


def test_no_answer_holds_a_bearer_token(client: FlaskClient, bob: User) -> None:
    data = {"email": bob.email, "password": PASSWORD}
    answer = post(
        client, "/sign-in?include_auth_token", data, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 302
    assert "authentication_token" not in answer.text


@pytest.mark.parametrize("way", ["header", "query", "json"])
def test_a_bearer_token_opens_nothing(app: Flask, bob: User, way: str) -> None:
    with app.test_request_context():
        token = bob.get_auth_token()
    given: dict[str, dict[str, Any]] = {
        "header": {"headers": {"Authentication-Token": token}},
        "query": {"query_string": {"auth_token": token}},
        "json": {"json": {"auth_token": token}},
    }
    answer = app.test_client().open("/lists/", method="GET", **given[way])
    assert answer.status_code in {302, 401}


def test_signing_out_ends_copies_of_the_cookies_too(
    client: FlaskClient, app: Flask, bob: User
) -> None:
    post(client, "/sign-in", {"email": bob.email, "password": PASSWORD, "remember": "y"})
    names = ("session", "remember_token")
    copies = {name: cookie.value for name in names if (cookie := client.get_cookie(name))}
    assert set(copies) == set(names)
    assert post(client, "/sign-out").status_code == 302
    for name, value in copies.items():
        thief = app.test_client()
        thief.set_cookie(name, value)
        assert not is_signed_in(thief)


def test_being_remembered_ends_after_thirty_days(client: FlaskClient, bob: User) -> None:
    post(client, "/sign-in", {"email": bob.email, "password": PASSWORD, "remember": "y"})
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    assert cookie.expires is not None
    assert timedelta(days=29) < cookie.expires - clock.now() < timedelta(days=31)


def test_a_password_outlives_the_key_it_was_set_under(config: Config, bob: User) -> None:
    newer = create_app(replace(config, secret_keys=(config.suppression_key[::-1],)))
    newer.test_client_class = Visitor
    client = newer.test_client()
    post(client, "/sign-in", {"email": bob.email, "password": PASSWORD})
    assert is_signed_in(client)
    with newer.app_context():
        db.engine.dispose()
    newer.extensions["broker"].close()
