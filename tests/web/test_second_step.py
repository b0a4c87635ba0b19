"""Signing in takes a second step where there is one, and nothing opens before it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import Config
from mailer import clock
from mailer.accounts import signing_in, users
from mailer.accounts.factor import enrolment, recovery, totp
from mailer.accounts.factor.demand import SignInRule
from mailer.accounts.factor.mails import About, FactorMail
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList
from mailer.links import Site
from mailer.web.access import ENROLLING, FRESH, PUBLIC, needed
from mailer.web.second_step import HALF, HALF_LIFE
from tests import world
from tests.conftest import PASSWORD, ConfigFor
from tests.visitors import post, sign_in
from tests.web.matrix import FORMS, SAFE, WAYS, path_of
from tests.web.test_accounts import is_signed_in, link
from tests.web.test_fresh import age

SECRET = b"12345678901234567890"
ASK = "/sign-in/code"


@pytest.fixture
def config(request: pytest.FixtureRequest, config_for: ConfigFor, sqlite_url: str) -> Config:
    """Rate limits are on in the test that tries too often."""
    return config_for(sqlite_url, rate_limits="limited" in request.fixturenames)


@pytest.fixture
def limited() -> None:
    """Ask for rate limits."""


@pytest.fixture
def codes(session: Session, site: Site, bob: User) -> list[str]:
    """Bob's recovery codes; his phone was set up an hour ago."""
    at = clock.now() - timedelta(hours=1)
    made = enrolment.set_up(session, site.keys, bob, SECRET, code(at), at)
    session.commit()
    return made


@pytest.fixture
def half(client: FlaskClient, bob: User, codes: list[str]) -> FlaskClient:
    """Bob, who has given his password and no code yet."""
    assert codes
    first(client, bob)
    return client


def code(at: datetime | None = None) -> str:
    """Return what bob's phone shows; the step that the test began in is good until its end."""
    return totp.code(SECRET, totp.step_of(at or clock.now()))


def first(client: FlaskClient, user: User, **fields: str) -> TestResponse:
    return post(client, "/sign-in", {"email": user.email, "password": PASSWORD, **fields})


def acts(session: Session) -> list[str]:
    return [one.action for one in session.query(AuditEntry).order_by(AuditEntry.id)]


@pytest.mark.usefixtures("codes")
def test_after_the_password_the_code_is_asked_and_lets_in(client: FlaskClient, bob: User) -> None:
    answer = first(client, bob)
    assert (answer.status_code, answer.location) == (303, ASK)
    assert not is_signed_in(client)
    page = client.get(ASK).text
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    answer = post(client, ASK, {"code": code()})
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_signed_in(client)
    with client.session_transaction() as cookie:
        assert HALF not in cookie


def test_a_wrong_code_lets_nobody_in_and_is_logged(half: FlaskClient, session: Session) -> None:
    answer = post(half, ASK, {"code": "000000"})
    assert (answer.status_code, "That did not match" in answer.text) == (422, True)
    assert not is_signed_in(half)
    assert acts(session) == ["factor.wrong"]


def test_no_code_at_all_lets_nobody_in(half: FlaskClient) -> None:
    for given in ({}, {"code": ""}, {"recovery": ""}, {"code": " ", "recovery": " "}):
        assert post(half, ASK, given).status_code == 422
    assert not is_signed_in(half)


def test_a_code_that_was_seen_opens_nothing_a_second_time(
    half: FlaskClient, app: Flask, bob: User
) -> None:
    seen = code()
    post(half, ASK, {"code": seen})
    thief = app.test_client()
    first(thief, bob)
    assert post(thief, ASK, {"code": seen}).status_code == 422
    assert not is_signed_in(thief)


def test_a_recovery_code_lets_in_once_and_its_owner_is_told(
    half: FlaskClient, app: Flask, session: Session, bob: User, codes: list[str]
) -> None:
    assert post(half, ASK, {"recovery": codes[3]}).status_code == 303
    assert is_signed_in(half)
    assert acts(session) == ["factor.recover"]
    assert [one.about for one in session.query(FactorMail)] == [About.recovered.name]
    again = app.test_client()
    first(again, bob)
    assert post(again, ASK, {"recovery": codes[3]}).status_code == 422
    assert recovery.left(session, bob) == 9


def test_a_one_time_link_asks_for_the_code_as_well(
    client: FlaskClient, session: Session, site: Site, bob: User, codes: list[str]
) -> None:
    assert codes
    answer = post(client, link(session, site, bob))
    assert answer.location == ASK
    assert not is_signed_in(client)
    answer = post(client, ASK, {"code": code()})
    assert answer.location == "/account/new-password"
    assert client.get(answer.location).status_code == 200  # without the old one


@pytest.mark.parametrize(
    ("place", "leads_to"), [("/lists/", "/lists/"), ("//evil.example", "/"), ("/\\e.x", "/")]
)
def test_the_second_step_leads_where_the_first_was_going(
    client: FlaskClient, bob: User, codes: list[str], place: str, leads_to: str
) -> None:
    assert codes
    given = {"email": bob.email, "password": PASSWORD}
    answer = post(client, "/sign-in", given, query_string={"next": place})
    if answer.status_code == 200:  # Flask-Security has refused the place by itself
        return
    assert post(client, ASK, {"code": code()}).location == leads_to


@pytest.mark.parametrize("ticked", [True, False])
@pytest.mark.usefixtures("codes")
def test_the_cookie_that_stays_comes_after_the_code(
    client: FlaskClient, bob: User, *, ticked: bool
) -> None:
    first(client, bob, **({"remember": "y"} if ticked else {}))
    assert client.get_cookie("remember_token") is None
    post(client, ASK, {"code": code()})
    assert (client.get_cookie("remember_token") is not None) == ticked


def late(client: FlaskClient, session: Session, bob: User) -> None:
    del session, bob
    with client.session_transaction() as cookie:
        cookie[HALF] = {**cookie[HALF], "at": cookie[HALF]["at"] - HALF_LIFE.total_seconds() - 1}


def shut_out(client: FlaskClient, session: Session, bob: User) -> None:
    del client, session
    bob.active = False  # and no more: that ends sessions as well


def removed(client: FlaskClient, session: Session, bob: User) -> None:
    del client
    enrolment.remove(session, bob)


def elsewhere(client: FlaskClient, session: Session, bob: User) -> None:
    del client, session
    users.end_sessions(bob)


@pytest.mark.parametrize("what", [late, shut_out, removed, elsewhere])
def test_a_first_step_does_not_count_for_ever(
    half: FlaskClient,
    session: Session,
    bob: User,
    what: Callable[[FlaskClient, Session, User], None],
) -> None:
    what(half, session, bob)
    session.commit()
    assert half.get(ASK).location == "/sign-in"
    assert post(half, ASK, {"code": code()}).location == "/sign-in"
    assert not is_signed_in(half)


def test_without_a_first_step_there_is_no_second(client: FlaskClient) -> None:
    assert client.get(ASK).location == "/sign-in"
    assert post(client, ASK, {"code": code()}).location == "/sign-in"


@pytest.mark.usefixtures("limited")
def test_whoever_guesses_codes_is_slowed_down_and_a_link_still_opens(
    app: Flask, session: Session, site: Site, bob: User, codes: list[str]
) -> None:
    assert codes

    def attempt(number: int) -> int:
        client = app.test_client()
        first(client, bob)
        place = {"REMOTE_ADDR": f"10.0.{number}.1"}
        return post(client, ASK, {"code": "000000"}, environ_base=place).status_code

    assert [attempt(1) for _ in range(11)] == [422] * 10 + [429]
    assert [attempt(number) for number in range(2, 23)] == [422] * 20 + [429]
    client = app.test_client()
    post(client, link(session, site, bob))
    assert post(client, ASK, {"code": code()}).status_code == 303
    assert is_signed_in(client)


def test_half_signed_in_is_a_stranger_on_every_route(
    half: FlaskClient, app: Flask, session: Session, letters: MailingList, adam: User
) -> None:
    """One test over all routes: each would otherwise make the same world anew."""
    made, tried = world.fill(app, session, letters, adam), 0
    for rule, method in (one.values for one in WAYS):
        assert isinstance(rule, Rule)
        if needed(app, rule.endpoint) in {None, PUBLIC}:
            continue
        url = path_of(rule, made)
        answer = half.get(url) if method in SAFE else post(half, url)
        to_sign_in = (answer.location or "").startswith("/sign-in?next=")
        assert answer.status_code == 401 or to_sign_in, (method, url)
        tried += 1
    assert tried > 150


def test_whoever_must_have_one_reaches_nothing_before(
    client: FlaskClient, app: Flask, session: Session, letters: MailingList, alice: User
) -> None:
    """Not even an owner; one test over all routes, as above."""
    made, tried = world.fill(app, session, letters, alice), 0
    session.add(SignInRule(needs_factor=True))
    session.commit()
    for rule, method in (one.values for one in WAYS):
        assert isinstance(rule, Rule)
        if needed(app, rule.endpoint) in {None, PUBLIC} or rule.endpoint in ENROLLING:
            continue
        sign_in(client, alice)
        url = path_of(rule, made)
        form = FORMS[rule.endpoint](made) if rule.endpoint in FORMS else {}
        answer = client.get(url) if method in SAFE else post(client, url, form)
        assert (answer.status_code, answer.location) == (303, "/account/"), (method, url)
        tried += 1
    assert tried > 150
    page = client.get("/account/").text
    assert "A second factor is needed here." in page
    assert 'href="/campaigns/"' not in page


def test_once_it_is_set_up_everything_opens(
    client: FlaskClient, session: Session, site: Site, bob: User
) -> None:
    session.add(SignInRule(needs_factor=True))
    session.commit()
    sign_in(client, bob)
    sealed = enrolment.sealed(site.keys, bob, SECRET)
    assert post(client, "/account/factor", {"sealed": sealed, "code": code()}).status_code == 200
    assert client.get("/campaigns/").status_code == 200


def test_a_fresh_sign_in_takes_the_code_too(
    client: FlaskClient, session: Session, site: Site, adam: User, letters: MailingList
) -> None:
    at = clock.now() - timedelta(hours=1)
    codes = enrolment.set_up(session, site.keys, adam, SECRET, code(at), at)
    session.commit()
    sign_in(client, adam)
    age(client, FRESH.total_seconds() + 1)
    path = f"/lists/{letters.id}/export"
    confirm = client.get(path).location
    assert 'name="code"' in client.get(confirm).text
    for given in (
        {"password": PASSWORD},
        {"password": PASSWORD, "code": "000000"},
        {"password": "a wrong passphrase", "recovery": codes[0]},
        {"code": code()},
    ):
        assert post(client, confirm, given).status_code == 422
    assert recovery.left(session, adam) == 10  # a wrong password uses none up
    assert client.get(path).status_code == 303
    assert post(client, confirm, {"password": PASSWORD, "code": code()}).status_code == 303
    assert client.get(path).status_code == 200
    age(client, FRESH.total_seconds() + 1)
    assert post(client, confirm, {"password": PASSWORD, "recovery": codes[0]}).status_code == 303
    assert client.get(path).status_code == 200


def test_changing_the_password_makes_no_sign_in_fresh(
    client: FlaskClient, session: Session, site: Site, bob: User, codes: list[str]
) -> None:
    assert codes
    sign_in(client, bob)
    age(client, FRESH.total_seconds() + 1)
    answer = client.get("/account/password")
    assert answer.location == "/account/confirm?next=/account/password"
    post(client, link(session, site, bob))
    post(client, ASK, {"code": code()})
    age(client, FRESH.total_seconds() + 1)
    new = "a whole new passphrase"
    post(client, "/account/new-password", {"password": new, "repeated": new})
    assert client.get("/account/factor").status_code == 303


def test_no_page_and_no_cookie_shows_the_secret_again(
    half: FlaskClient, session: Session, bob: User
) -> None:
    pages = [half.get(ASK).text]
    post(half, ASK, {"code": code()})
    pages += [half.get(path).text for path in ("/account/", "/account/password", "/")]
    cookies = [cookie.value for name in ("session",) if (cookie := half.get_cookie(name))]
    session.refresh(bob)
    for text in (*pages, *cookies):
        for secret in (totp.spelled(SECRET), SECRET.hex(), bob.factor_secret or ""):
            assert secret not in text


def test_signing_in_tells_nothing_of_the_second_step_to_who_lacks_the_first(
    client: FlaskClient, bob: User, adam: User, codes: list[str]
) -> None:
    assert codes
    pages = []
    for user in (bob, adam):
        answer = post(client, "/sign-in", {"email": user.email, "password": "wrong"})
        assert answer.status_code == 200
        pages.append(re.sub(r'value="[^"]*"', "", answer.text.replace(user.email, "")))
    assert pages[0] == pages[1]


def test_the_link_alone_is_used_up_by_the_first_step(
    client: FlaskClient, session: Session, site: Site, bob: User, codes: list[str]
) -> None:
    assert codes
    path = link(session, site, bob)
    post(client, path)
    with pytest.raises(signing_in.LinkOver):
        signing_in.invited(session, site, path.rpartition("/")[2], clock.now())
