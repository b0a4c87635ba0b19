"""Every route by every role, and the proof that looking changes nothing.

A new route needs one row in ROWS. What stands in its address comes from tests.world; a route
with a token names the token's purpose in PURPOSES; a form that must not be empty stands in FORMS.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import ROOT
from mailer import clock
from mailer.accounts import cases
from mailer.accounts.cases import Ground, Why
from mailer.accounts.models import AuditEntry, User
from mailer.app import create_app
from mailer.audience.models import MailingList
from mailer.db import db
from mailer.privacy.policy.cookies import COOKIES
from mailer.tokens import Purpose
from tests import world
from tests.conftest import ConfigFor
from tests.databases import digests, settings
from tests.visitors import TOKEN_FIELD, form_token, sign_in
from tests.world import World

ROLES = ("stranger", "viewer", "marketer", "admin", "owner")
EVERYBODY = frozenset(ROLES)
STAFF = EVERYBODY - {"stranger"}
MARKETERS = STAFF - {"viewer"}
ADMINS = MARKETERS - {"marketer"}
OWNERS = frozenset({"owner"})
NOBODY: frozenset[str] = frozenset()

ROWS = {
    "accounts.choose_password": STAFF,
    "accounts.confirm": STAFF,
    "accounts.enter": EVERYBODY,
    "audit.chain": ADMINS,
    "audit.index": ADMINS,
    "campaigns.cancel": MARKETERS,
    "campaigns.check": STAFF,
    "campaigns.findings": STAFF,
    "campaigns.duplicate": MARKETERS,
    "campaigns.edit": MARKETERS,
    "campaigns.index": STAFF,
    "campaigns.new": MARKETERS,
    "campaigns.pause": MARKETERS,
    "campaigns.preview": STAFF,
    "campaigns.resend": MARKETERS,
    "campaigns.resume": MARKETERS,
    "campaigns.schedule": MARKETERS,
    "campaigns.seed": MARKETERS,
    "campaigns.settle": MARKETERS,
    "campaigns.show": STAFF,
    "campaigns.start": MARKETERS,
    "campaigns.test": MARKETERS,
    "campaigns.unknown": STAFF,
    "campaigns.unschedule": MARKETERS,
    "desk.decide": ADMINS,
    "desk.index": ADMINS,
    "desk.new": ADMINS,
    "desk.show": ADMINS,
    "desk.take": ADMINS,
    "factor.ask": EVERYBODY,
    "factor.index": STAFF,
    "factor.remove": STAFF,
    "factor.renew_codes": STAFF,
    "factor.set_up": STAFF,
    "fields.create": MARKETERS,
    "fields.index": STAFF,
    "former_links.unsubscribe": EVERYBODY,
    "hooks.deliveries": NOBODY,  # no token is set
    "incidents.form": ADMINS,
    "incidents.index": ADMINS,
    "incidents.new": ADMINS,
    "incidents.show": ADMINS,
    "incidents.take": ADMINS,
    "keeping.change": ADMINS,
    "keeping.end_hold": ADMINS,
    "keeping.hold": ADMINS,
    "keeping.index": ADMINS,
    "keeping.run": ADMINS,
    "keeping.show": ADMINS,
    "imports.begin": MARKETERS,
    "imports.cancel": MARKETERS,
    "imports.columns": MARKETERS,
    "imports.faults": MARKETERS,
    "imports.index": MARKETERS,
    "imports.new": MARKETERS,
    "imports.pause": MARKETERS,
    "imports.progress": MARKETERS,
    "imports.resume": MARKETERS,
    "imports.show": MARKETERS,
    "imports.undo": MARKETERS,
    "inbox.index": EVERYBODY,
    "inbox.part": EVERYBODY,
    "inbox.show": EVERYBODY,
    "letters.index": ADMINS,
    "letters.opt_out": ADMINS,
    "letters.show": ADMINS,
    "letters.something_else": ADMINS,
    "lists.add_reader": MARKETERS,
    "lists.archive": MARKETERS,
    "lists.edit": MARKETERS,
    "lists.index": STAFF,
    "lists.new": MARKETERS,
    "lists.reopen": MARKETERS,
    "lists.show": STAFF,
    "metrics.show": NOBODY,  # no token is set
    "overview.drafts": STAFF,
    "overview.index": STAFF,
    "privacy.erase_person": ADMINS,
    "privacy.export_list": ADMINS,
    "privacy.export_person": ADMINS,
    "public.agree": EVERYBODY,
    "public.authorities": EVERYBODY,
    "privacy.restrict_person": ADMINS,
    "public.ask_for_link": EVERYBODY,
    "privacy.export_readers": ADMINS,
    "public.act_on_data": EVERYBODY,
    "public.confirm": EVERYBODY,
    "public.fetch_archive": EVERYBODY,
    "public.person_schema": EVERYBODY,
    "public.correct_address": EVERYBODY,
    "public.open_data": EVERYBODY,
    "public.open_lists": EVERYBODY,
    "public.preferences": EVERYBODY,
    "public.prove_mailbox": EVERYBODY,
    "public.reason": EVERYBODY,
    "public.renew": EVERYBODY,
    "public.subscribe": EVERYBODY,
    "public.subscribe_by_json": EVERYBODY,
    "public.undo": EVERYBODY,
    "public.unsubscribe": EVERYBODY,
    "certificates.show": STAFF,
    "certificates.download": STAFF,
    "receipts.export": ADMINS,
    "relay_limits.index": STAFF,
    "relay_limits.lift": ADMINS,
    "relay_limits.put": ADMINS,
    "policy.edit": ADMINS,
    "policy.index": STAFF,
    "policy.notify": MARKETERS,
    "policy.show": STAFF,
    "processors.edit": ADMINS,
    "processors.end": ADMINS,
    "processors.index": STAFF,
    "processors.new": ADMINS,
    "processors.review": ADMINS,
    "promises.index": ADMINS,
    "relays.edit": ADMINS,
    "relays.index": STAFF,
    "relays.new": ADMINS,
    "relays.review": ADMINS,
    "reports.people": STAFF,
    "reports.progress": STAFF,
    "reports.show": STAFF,
    "security.change_password": STAFF,
    "security.login": EVERYBODY,
    "security.logout": STAFF,
    "security.static": NOBODY,
    "segments.delete": MARKETERS,
    "segments.edit": MARKETERS,
    "segments.index": STAFF,
    "segments.new": MARKETERS,
    "segments.show": STAFF,
    "segments.sketch": MARKETERS,
    "senders.edit": ADMINS,
    "senders.index": STAFF,
    "senders.look_again": ADMINS,
    "senders.make_keys": ADMINS,
    "senders.new": ADMINS,
    "setup.go_on": ADMINS,
    "setup.index": STAFF,
    "senders.try_opt_out": ADMINS,
    "senders.prove_mailbox": ADMINS,
    "senders.show": STAFF,
    "static": EVERYBODY,
    "subscribers.bulk": MARKETERS,
    "subscribers.bulk_progress": STAFF,
    "subscribers.disable": MARKETERS,
    "subscribers.enable": MARKETERS,
    "subscribers.edit": MARKETERS,
    "subscribers.index": STAFF,
    "subscribers.look": STAFF,
    "subscribers.show": STAFF,
    "subscribers.unsubscribe": MARKETERS,
    "suppressions.end": ADMINS,
    "suppressions.index": STAFF,
    "suppressions.new": MARKETERS,
    "suppressions.search": STAFF,
    "suppressions.upload": MARKETERS,
    "public.cookies": EVERYBODY,
    "public.privacy": EVERYBODY,
    "public.your_data": EVERYBODY,
    "users.activate": ADMINS,
    "users.add": ADMINS,
    "users.change_role": ADMINS,
    "users.demand_factor": OWNERS,
    "users.deactivate": ADMINS,
    "users.edit": ADMINS,
    "users.index": ADMINS,
    "users.link": ADMINS,
    "users.narrow": ADMINS,
    "users.remove_factor": OWNERS,
}
PURPOSES = {
    "accounts.enter": Purpose.sign_in,
    "public.agree": Purpose.address,
    "public.confirm": Purpose.confirm,
    "public.correct_address": Purpose.preferences,
    "public.open_data": Purpose.challenge,
    "public.preferences": Purpose.preferences,
    "public.prove_mailbox": Purpose.reply_probe,
    "public.reason": Purpose.unsubscribe,
    "public.renew": Purpose.renewal,
    "public.undo": Purpose.unsubscribe,
    "public.unsubscribe": Purpose.unsubscribe,
}
FORMS: dict[str, Callable[[World], dict[str, str]]] = {
    "campaigns.check": lambda _: {"body": "Hello"},
    "campaigns.findings": lambda _: {"body": "Hello"},
    "campaigns.preview": lambda _: {"body": "Hello"},
    "desk.take": lambda _: {"proof": "mailbox"},
    "keeping.change": lambda _: {"length": "8"},
    "keeping.end_hold": lambda _: {"reason": "settled"},
    "relay_limits.put": lambda _: {"host": "127.0.0.1", "about": "relay", "per_second": "5"},
    "public.correct_address": lambda _: {"email": "rosa@other.example"},
    "public.reason": lambda made: {"undo": made.tokens[Purpose.undo], "reason": "too often"},
    "public.act_on_data": lambda made: {
        "visit": made.tokens[Purpose.desk],
        "kind": "complaint",
        "wish": "Too many mails",
    },
    "public.undo": lambda made: {"undo": made.tokens[Purpose.undo]},
}
# Where it is written that somebody has looked; nothing else may change by a look.
LOOKED_AT = {"audit_entries", "cases"}
# Present on a development machine alone.
DEVELOPMENT = {"inbox.index", "inbox.part", "inbox.show"}
# Open to everybody, and meant for people who work here.
FOR_STAFF = {"accounts.enter", "factor.ask", "security.login", *DEVELOPMENT}

RULES = list(create_app(settings(ROOT, "sqlite://")).url_map.iter_rules())
SAFE = ("GET", "HEAD", "OPTIONS")
WAYS = [
    pytest.param(rule, method, id=f"{method} {rule.rule}")
    for rule in RULES
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
]
LOOKS = [pytest.param(rule, id=rule.rule) for rule in RULES if "GET" in (rule.methods or ())]


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


def visit(client: FlaskClient, rule: Rule, method: str, made: World) -> TestResponse:
    """Request the route as a page of ours would, with what its form needs and no more."""
    url = path_of(rule, made)
    if method in SAFE:
        return client.open(url, method=method)
    form = {TOKEN_FIELD: form_token(client)}
    if rule.endpoint in FORMS:
        form |= FORMS[rule.endpoint](made)
    return client.open(url, method=method, data=form)


def path_of(rule: Rule, made: World) -> str:
    values = dict(made.parts)
    if "token" in rule.arguments:
        values["token"] = made.tokens[PURPOSES[rule.endpoint]]
    built = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None
    return built[1]


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
