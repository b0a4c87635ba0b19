"""Every route by every role, and the proof that looking changes nothing."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from mailer import clock
from mailer.accounts import cases
from mailer.accounts.cases import Ground, Why
from mailer.accounts.models import AuditEntry, User
from mailer.app import create_app
from mailer.audience.models import MailingList
from mailer.db import db
from mailer.privacy.policy.cookies import COOKIES
from tests import world
from tests.conftest import ConfigFor
from tests.databases import digests
from tests.visitors import sign_in
from tests.web.matrix import (
    DEVELOPMENT,
    EVERYBODY,
    FOR_STAFF,
    LOOKED_AT,
    LOOKS,
    PURPOSES,
    ROLES,
    ROWS,
    RULES,
    SAFE,
    WAYS,
    visit,
)
from tests.world import World


@pytest.fixture
def made(
    app: Flask, session: Session, letters: MailingList, dora: User, staff: dict[str, User]
) -> World:
    """One of everything; the pages about staff are about dora, who does nothing else.

    Everybody has said why she looks at the reader.
    """
    made = world.fill(app, session, letters, dora)
    for user in staff.values():
        about, why = f"subscriber {made.parts['subscriber_id']}", Why(Ground.problem, "A call")
        cases.begin(session, clock.now(), user, about, why)
    session.commit()
    return made


@pytest.fixture
def dora(make_user: Callable[[str, str], User]) -> User:
    return make_user("dora", "marketer")


@pytest.fixture
def staff(vera: User, bob: User, adam: User, alice: User) -> dict[str, User]:
    """Who holds which role."""
    return {"viewer": vera, "marketer": bob, "admin": adam, "owner": alice}


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert {rule.endpoint for rule in RULES} == set(ROWS)


def test_routes_with_a_token_name_its_purpose() -> None:
    with_token = {rule.endpoint for rule in RULES if "token" in rule.arguments}
    assert with_token <= set(PURPOSES)


def test_production_has_every_route_but_those_for_development(config_for: ConfigFor) -> None:
    app = create_app(config_for("sqlite://", production=True))
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ROWS) - DEVELOPMENT


@pytest.mark.parametrize(("rule", "method"), WAYS)
def test_each_role_gets_in_where_it_may_and_nowhere_else(
    app: Flask, staff: dict[str, User], made: World, rule: Rule, method: str
) -> None:
    allowed = ROWS[rule.endpoint]
    for role in sorted(ROLES, key=lambda role: role in allowed):
        client = visitor(app, staff.get(role))
        response = visit(client, rule, method, made)
        assert verdict(response, role, allowed) == expected(role, allowed)
        assert cookies(response) <= cookies_told(rule, role)
        if role in allowed and method == "GET":
            assert response.status_code < 400


def cookies(response: TestResponse) -> set[str]:
    return {one.partition("=")[0] for one in response.headers.getlist("Set-Cookie")}


def cookies_told(rule: Rule, role: str) -> set[str]:
    """Return what the page about cookies allows a route: readers get none on pages of theirs."""
    is_hers = ROWS[rule.endpoint] == EVERYBODY and rule.endpoint not in FOR_STAFF
    return set() if is_hers and role == "stranger" else {one.name for one in COOKIES}


@pytest.mark.parametrize("rule", LOOKS)
def test_looking_changes_nothing_but_the_log_of_looks(
    app: Flask, session: Session, staff: dict[str, User], made: World, rule: Rule
) -> None:
    before, last = state(), session.query(AuditEntry).count()
    for user in (None, staff["owner"]):
        for method in SAFE:
            response = visit(visitor(app, user), rule, method, made)
            assert response.status_code < 500
            assert state() == before, f"{method} wrote"
    new = session.query(AuditEntry).filter(AuditEntry.id > last)
    assert {one.action for one in new} <= {cases.LOOKED}


def state() -> dict[str, str]:
    """Return what a look may not change: everything but the log of looks."""
    return {name: one for name, one in digests(db.engine).items() if name not in LOOKED_AT}


def test_a_digest_shows_a_single_changed_row(session: Session, made: World, dora: User) -> None:
    assert made
    before = digests(db.engine)
    dora.name = "Dorothea"
    session.commit()
    after = digests(db.engine)
    assert {name for name in before if before[name] != after[name]} == {"users"}


def visitor(app: Flask, user: User | None) -> FlaskClient:
    client = app.test_client()
    if user is not None:
        sign_in(client, user)
    return client


def expected(role: str, allowed: frozenset[str]) -> str:
    if not allowed:
        return "not there"
    if role in allowed:
        return "in"
    return "asked to sign in" if role == "stranger" else "forbidden"


def verdict(response: TestResponse, role: str, allowed: frozenset[str]) -> str:
    """Name what became of a request, by its status."""
    to_sign_in = response.location is not None and response.location.startswith("/sign-in?next=")
    if response.status_code == 401 or to_sign_in:
        return "asked to sign in"
    if response.status_code == 403:
        return "forbidden"
    if response.status_code in {404, 405}:
        # Somebody before may have removed what the route is about.
        return "in" if is_later(role, allowed) else "not there"
    return "in" if response.status_code != 500 else "broken"


def is_later(role: str, allowed: frozenset[str]) -> bool:
    """Has another role that is let in had its turn before this one?"""
    return role in allowed and role != next(name for name in ROLES if name in allowed)
