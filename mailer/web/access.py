"""Who may reach a route: every view names its permission, and what names none is shut."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import permissions
from mailer.accounts.factor import demand
from mailer.db import db

PUBLIC = "public"
SIGNED_IN = "signed in"
# Views that are not ours to decorate. Flask-Security's other views stay shut.
FOREIGN = {
    "static": PUBLIC,
    "security.login": PUBLIC,
    "security.logout": SIGNED_IN,
    "security.change_password": SIGNED_IN,
}

# When a session was signed in, in seconds; Flask-Security's own mark.
SIGNED_IN_AT = "fs_paa"
FRESH = timedelta(minutes=15)

# What is left to whoever must have a second factor and has none.
ENROLLING = frozenset(
    {
        *("factor.index", "factor.set_up", "accounts.confirm", "accounts.choose_password"),
        "security.logout",
    }
)
# Whoever knows a password alone makes no sign-in fresh by changing it.
ASKS_AGAIN = frozenset({"security.change_password"})
# The page with the button, by what its address names.
ABOVE = {"subscriber_id": "subscribers.show", "user_id": "users.edit"}

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def access(permission: str, *, reads: bool = False, fresh: bool = False) -> Callable[[View], View]:
    """Mark a view with the permission it needs; goes directly above the function.

    ``reads`` says that even its POST only reads: it then runs in a read-only transaction, and
    on SQLite keeps nobody waiting for the write lock, however long it thinks. ``fresh`` asks for
    a sign-in of the last minutes: nobody hands out people's data from a screen left open.
    """

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        view.reads_only = reads  # type: ignore[attr-defined]
        view.asks_again = fresh  # type: ignore[attr-defined]
        return view

    return mark


def needed(app: Flask, endpoint: str) -> str | None:
    """Return the permission an endpoint asks for; None means that nobody may reach it."""
    view = app.view_functions[endpoint]
    return FOREIGN.get(endpoint) or getattr(view, "permission", None)


def guard() -> ResponseReturnValue | None:
    """Turn away whoever may not see the page; runs before every view."""
    if request.endpoint is None:
        return None
    permission = needed(current_app, request.endpoint)
    if permission is None:
        abort(404)
    if permission == PUBLIC:
        return None
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    return turn_back(request.endpoint, permission)


def turn_back(endpoint: str, permission: str) -> ResponseReturnValue | None:
    """Lead somebody who is signed in to what must come first, or shut her out; None lets in."""
    if is_held() and endpoint not in ENROLLING:
        return redirect(url_for("factor.index"), 303)
    if permission != SIGNED_IN and not permissions.is_allowed(current_user.role, permission):
        abort(403)
    return ask_again() if asks_again(endpoint) and not is_fresh() else None


def is_held() -> bool:
    """Tell whether the person at hand reaches nothing before she has a second factor."""
    if "is_held" not in g:
        g.is_held = demand.is_lacked(db.session(), current_user)
    held: bool = g.is_held
    return held


def asks_again(endpoint: str) -> bool:
    if endpoint in ASKS_AGAIN:
        return current_user.factor_at is not None
    return getattr(current_app.view_functions[endpoint], "asks_again", False)


def is_fresh() -> bool:
    """Tell whether this session was signed in, or confirmed anew, a short time ago."""
    signed_in_at: float = session.get(SIGNED_IN_AT, 0)
    return clock.now().timestamp() - signed_in_at < FRESH.total_seconds()


def ask_again() -> ResponseReturnValue:
    """Lead to the page that asks who is there, and from there back to the form."""
    rule, back = request.url_rule, request.full_path.rstrip("?")
    if rule is None or "GET" not in (rule.methods or ()):  # a button, on the page above
        given = request.view_args or {}
        pages = [url_for(page, **{it: given[it]}) for it, page in ABOVE.items() if it in given]
        back = pages[0] if pages else url_for(f"{request.blueprint}.index")
    return redirect(url_for("accounts.confirm", next=back), 303)


def ask_to_sign_in() -> ResponseReturnValue:
    if request.method != "GET" or wants_json():
        abort(401)
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.is_json or best == "application/json"
