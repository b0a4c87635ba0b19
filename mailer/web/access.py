"""Who may reach a route: every view names its permission, and what names none is shut."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import permissions

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
    if permission != SIGNED_IN and not permissions.is_allowed(current_user.role, permission):
        abort(403)
    asks_again = getattr(current_app.view_functions[request.endpoint], "asks_again", False)
    return ask_again() if asks_again and not is_fresh() else None


def is_fresh() -> bool:
    """Tell whether this session was signed in, or its password given again, a short time ago."""
    signed_in_at: float = session.get(SIGNED_IN_AT, 0)
    return clock.now().timestamp() - signed_in_at < FRESH.total_seconds()


def ask_again() -> ResponseReturnValue:
    """Lead to the page that asks for the password, and from there back to the form."""
    rule, back = request.url_rule, request.full_path.rstrip("?")
    if rule is None or "GET" not in (rule.methods or ()):  # a button, on the page above
        back = url_for("subscribers.show", subscriber_id=(request.view_args or {})["subscriber_id"])
    return redirect(url_for("accounts.confirm", next=back), 303)


def ask_to_sign_in() -> ResponseReturnValue:
    if request.method != "GET" or wants_json():
        abort(401)
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.is_json or best == "application/json"
