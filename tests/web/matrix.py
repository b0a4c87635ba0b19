"""Who may reach which route: one row for each, and how to ask for it as a page of ours would.

A new route needs one row in ROWS. What stands in its address comes from tests.world; a route
with a token names the token's purpose in PURPOSES; a form that must not be empty stands in FORMS.
"""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import ROOT
from mailer.app import create_app
from mailer.tokens import Purpose
from tests.databases import settings
from tests.visitors import TOKEN_FIELD, form_token
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
