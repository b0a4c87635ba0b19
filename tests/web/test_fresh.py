"""What hands out people's data asks for a sign-in of the last minutes; a file leaves once."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList, Subscriber
from mailer.web.access import FRESH
from tests.conftest import PASSWORD, ConfigFor
from tests.visitors import post, sign_in

EXPORTS = {
    "/subscribers/{reader}/export": "/subscribers/{reader}/export",
    "/lists/{list}/export": "/lists/{list}/export",
    "/subscribers/export?list=1": "/subscribers/export?list%3D1",
    "/subscribers/{reader}/receipts/{list}": "/subscribers/{reader}",
}


@pytest.fixture
def config(request: pytest.FixtureRequest, config_for: ConfigFor, sqlite_url: str) -> Config:
    """Rate limits are on in the test that tries too often."""
    return config_for(sqlite_url, rate_limits="limited" in request.fixturenames)


@pytest.fixture
def limited() -> None:
    """Ask for rate limits."""


@pytest.fixture
def late(client: FlaskClient, adam: User) -> FlaskClient:
    """Adam, who signed in a quarter of an hour ago."""
    sign_in(client, adam)
    age(client, FRESH.total_seconds() + 1)
    return client


def age(client: FlaskClient, seconds: float) -> None:
    with client.session_transaction() as session:
        session["fs_paa"] = time.time() - seconds


@pytest.mark.parametrize("path", EXPORTS)
def test_an_export_asks_for_the_password_and_leads_back(
    late: FlaskClient, session: Session, rosa: Subscriber, letters: MailingList, path: str
) -> None:
    numbers = {"reader": rosa.id, "list": letters.id}
    answer = post(late, path.format(**numbers), {"reason": "her request"})
    assert answer.status_code == 303
    back = EXPORTS[path].format(**numbers)
    assert answer.location == f"/account/confirm?next={back}"
    assert session.query(AuditEntry).count() == 0
    wrong = post(late, answer.location, {"password": "a wrong passphrase"})
    assert (wrong.status_code, "That did not match." in wrong.text) == (422, True)
    assert post(late, path.format(**numbers), {"reason": "her request"}).status_code == 303
    right = post(late, answer.location, {"password": PASSWORD})
    assert (right.status_code, right.location.partition("?")[0]) == (
        303,
        EXPORTS[path].format(**numbers).partition("?")[0],
    )
    assert post(late, path.format(**numbers), {"reason": "her request"}).status_code == 200


def test_every_route_that_answers_with_peoples_data_as_a_file_asks(app: Flask) -> None:
    asking = {name for name, view in app.view_functions.items() if getattr(view, "asks_again", 0)}
    exports = {name for name in app.view_functions if "export" in name}
    assert exports == {
        "privacy.export_list",
        "privacy.export_person",
        "privacy.export_readers",
        "receipts.export",
    }
    assert asking - exports == {
        "factor.remove",
        "factor.renew_codes",
        "factor.set_up",
        "users.demand_factor",
        "users.remove_factor",
    }


def test_a_session_that_a_cookie_kept_alive_is_not_fresh(
    client: FlaskClient, adam: User, letters: MailingList
) -> None:
    sign_in(client, adam)
    with client.session_transaction() as session:
        del session["fs_paa"]
    assert client.get(f"/lists/{letters.id}/export").status_code == 303
    assert client.get("/lists/").status_code == 200


@pytest.mark.parametrize(
    "place", ["//evil.example", "/\\evil.example", "https://evil.example/", ""]
)
def test_confirming_leads_to_no_other_site(late: FlaskClient, place: str) -> None:
    answer = post(late, "/account/confirm", {"password": PASSWORD}, query_string={"next": place})
    assert (answer.status_code, answer.location) == (303, "/")


def test_who_has_no_password_is_told_to_choose_one(
    late: FlaskClient, session: Session, adam: User
) -> None:
    adam.password = None
    session.commit()
    assert "Choose a password" in late.get("/account/confirm").text
    assert post(late, "/account/confirm", {"password": ""}).status_code == 422


@pytest.mark.usefixtures("limited")
def test_whoever_finds_a_screen_may_not_guess_for_long(late: FlaskClient) -> None:
    tries = [post(late, "/account/confirm", {"password": "wrong"}).status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]


def test_each_export_is_made_by_a_press_and_kept_nowhere(
    late: FlaskClient, session: Session, letters: MailingList
) -> None:
    age(late, 0)
    path = f"/lists/{letters.id}/export"
    for number in (1, 2):
        answer = post(late, path, {"reason": "to the printer"})
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert session.query(AuditEntry).count() == number  # each file is an act of its own
    assert "attachment" not in late.get(path).headers.get("Content-Disposition", "")
