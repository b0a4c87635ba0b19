"""Who may reach a route: every view names its permission, and what names none is shut."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

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

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def access(permission: str, *, reads: bool = False) -> Callable[[View], View]:
    """Mark a view with the permission it needs; goes directly above the function.

    ``reads`` says that even its POST only reads: it then runs in a read-only transaction, and
    on SQLite keeps nobody waiting for the write lock, however long it thinks.
    """

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        view.reads_only = reads  # type: ignore[attr-defined]
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
    return None


def ask_to_sign_in() -> ResponseReturnValue:
    if request.method != "GET" or wants_json():
        abort(401)
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.is_json or best == "application/json"
