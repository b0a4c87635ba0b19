"""Which blueprints there are, and which of their posts need no form token."""

from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter

from mailer.web import (
    accounts,
    archives,
    audit,
    bulk,
    campaigns,
    certificates,
    checking,
    composing,
    desk,
    former_links,
    hooks,
    imports,
    inbox,
    incidents,
    joining,
    keeping,
    launching,
    letters,
    lists,
    looking,
    metrics,
    moving,
    opt_out_trials,
    overview,
    own_factor,
    policy,
    policy_pages,
    preferences,
    privacy,
    processors,
    promises,
    public,
    reader_fields,
    receipts,
    relay_limits,
    relays,
    renewing,
    reports,
    restricting,
    second_step,
    segments,
    sender_page,
    senders,
    sending_side,
    setup,
    subscribers,
    suppressions,
    unknowns,
    users,
    your_data,
)

MODULES = (
    overview,
    campaigns,
    composing,
    checking,
    launching,
    unknowns,
    reports,
    certificates,
    lists,
    subscribers,
    looking,
    bulk,
    segments,
    reader_fields,
    receipts,
    suppressions,
    desk,
    incidents,
    keeping,
    senders,
    relays,
    relay_limits,
    processors,
    setup,
    opt_out_trials,
    sender_page,
    sending_side,
    privacy,
    letters,
    restricting,
    public,
    archives,
    joining,
    preferences,
    moving,
    renewing,
    accounts,
    own_factor,
    users,
    your_data,
    policy_pages,
    policy,
    promises,
    audit,
    metrics,
    hooks,
    imports,
    former_links,
)


class RowNumber(IntegerConverter):
    """A number in an address: beyond what a database can hold there is nothing to be found."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Werkzeug's own
        super().__init__(*args, **{"max": 2**63 - 1, **kwargs})


def register(app: Flask, csrf: CSRFProtect, *, development: bool) -> None:
    """Add every blueprint.

    Exempt from the form token are only the readers' routes and the programs': they carry a token
    of their own and know no session, and RFC 8058 demands that the readers' work without cookies.
    """
    app.url_map.converters["int"] = RowNumber
    for blueprint in dict.fromkeys(module.bp for module in MODULES):  # some modules share one
        app.register_blueprint(blueprint)
    accounts.limit_guesses(app)
    second_step.limit_guesses(app)
    if development:
        app.register_blueprint(inbox.bp)
    csrf.exempt(public.bp)
    csrf.exempt(hooks.bp)
    csrf.exempt(former_links.bp)
