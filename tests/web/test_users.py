"""The people page: adding, changing, shutting out; owners are for owners."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts import users
from mailer.accounts.models import AuditEntry, User
from tests.visitors import post, sign_in

MakeUser = Callable[[str, str], User]


def acts(session: Session) -> list[tuple[str, str, str]]:
    found = session.execute(
        sa.select(AuditEntry.action, AuditEntry.subject, AuditEntry.actor).order_by(AuditEntry.id)
    )
    return [tuple(row) for row in found]  # type: ignore[misc]


def test_everybody_is_listed(client: FlaskClient, alice: User, bob: User) -> None:
    sign_in(client, alice)
    page = client.get("/people/").text
    assert alice.email in page
    assert bob.email in page


def test_an_added_person_gets_a_link_that_lets_in(
    client: FlaskClient, app: Flask, session: Session, adam: User
) -> None:
    sign_in(client, adam)
    person = {"email": "nora@example.com", "name": "Nora <b>", "role": "marketer"}
    page = post(client, "/people/add", person)
    assert page.status_code == 200
    assert "Nora &lt;b&gt;" in page.text
    found = re.search(r"http://127\.0\.0\.1:9(/enter/[\w.-]+)", page.text)
    assert found
    assert post(app.test_client(), found[1]).status_code == 302
    nora = users.by_email(session, "nora@example.com")
    assert nora is not None
    assert acts(session)[0] == ("users.add", f"user {nora.id}", adam.email)


def test_a_second_click_adds_nobody_twice(client: FlaskClient, adam: User) -> None:
    sign_in(client, adam)
    person = {"email": "nora@example.com", "role": "viewer"}
    post(client, "/people/add", person)
    again = post(client, "/people/add", person)
    assert again.status_code == 422
    assert "Somebody already signs in with nora@example.com." in again.text


def test_an_admin_makes_no_owner(client: FlaskClient, session: Session, adam: User) -> None:
    sign_in(client, adam)
    answer = post(client, "/people/add", {"email": "nora@example.com", "role": "owner"})
    assert answer.status_code == 422
    assert users.by_email(session, "nora@example.com") is None
    assert 'value="owner"' not in client.get("/people/add").text


@pytest.mark.parametrize("act", ["role", "deactivate", "activate", "link"])
def test_an_admin_does_nothing_to_an_owner(
    client: FlaskClient, session: Session, alice: User, adam: User, act: str
) -> None:
    sign_in(client, adam)
    before = (alice.fs_uniquifier, alice.link_serial, alice.role, alice.active)
    answer = post(client, f"/people/{alice.id}/{act}", {"role": "viewer"})
    assert answer.status_code == 302
    assert "/enter/" not in answer.text
    session.refresh(alice)
    assert (alice.fs_uniquifier, alice.link_serial, alice.role, alice.active) == before
    assert acts(session) == []


def test_an_admin_lifts_nobody_to_owner(
    client: FlaskClient, session: Session, adam: User, bob: User
) -> None:
    sign_in(client, adam)
    for person in (adam, bob):
        before = person.role
        post(client, f"/people/{person.id}/role", {"role": "owner"})
        session.refresh(person)
        assert person.role == before


def test_the_last_owner_is_told_why_she_stays(
    client: FlaskClient, session: Session, alice: User
) -> None:
    sign_in(client, alice)
    post(client, f"/people/{alice.id}/role", {"role": "admin"})
    assert "This is the last owner." in client.get(f"/people/{alice.id}").text
    post(client, f"/people/{alice.id}/deactivate")
    session.refresh(alice)
    assert (alice.role, alice.active) == ("owner", True)


def test_an_owner_makes_another(
    client: FlaskClient, session: Session, alice: User, bob: User
) -> None:
    sign_in(client, alice)
    post(client, f"/people/{bob.id}/role", {"role": "owner"})
    session.refresh(bob)
    assert bob.role == "owner"
    assert acts(session) == [("users.change_role", f"user {bob.id}", alice.email)]


def test_who_is_shut_out_can_be_let_in_again(
    client: FlaskClient, session: Session, adam: User, bob: User
) -> None:
    sign_in(client, adam)
    for act, active in (("deactivate", False), ("activate", True)):
        post(client, f"/people/{bob.id}/{act}")
        session.refresh(bob)
        assert bob.active is active


def test_no_link_is_made_for_who_is_shut_out(
    client: FlaskClient, session: Session, adam: User, bob: User
) -> None:
    users.deactivate(session, bob)
    sign_in(client, adam)
    assert post(client, f"/people/{bob.id}/link").status_code == 302


def test_a_marketer_sees_no_people(client: FlaskClient, bob: User) -> None:
    sign_in(client, bob)
    assert client.get("/people/").status_code == 403
    assert post(client, f"/people/{bob.id}/role", {"role": "admin"}).status_code == 403


def test_an_unknown_person_is_nothing(client: FlaskClient, adam: User) -> None:
    sign_in(client, adam)
    assert client.get("/people/999").status_code == 404
    assert post(client, "/people/999/deactivate").status_code == 404


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["No\0ra", "No\u202era"])
def test_a_name_that_cannot_be_kept_is_told_so(client: FlaskClient, adam: User, name: str) -> None:
    sign_in(client, adam)
    person = {"email": "nora@example.com", "name": name, "role": "viewer"}
    answer = post(client, "/people/add", person)
    assert answer.status_code == 422
    assert "The name holds an invisible character." in answer.text
