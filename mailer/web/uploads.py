"""How much a request may carry: a form little, a list of readers from signed-in staff much."""

from collections.abc import Callable
from typing import TypeVar

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer.accounts import permissions

FORM_AROUND = 100_000

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def takes(largest: int) -> Callable[[View], View]:
    """Mark a view with the bytes that a file for it may have; goes directly above the function."""

    def mark(view: View) -> View:
        view.largest_upload = largest + FORM_AROUND  # type: ignore[attr-defined]
        return view

    return mark


def allow() -> None:
    """Let those who may use a view send it what it takes; runs before the form is read."""
    view = current_app.view_functions.get(request.endpoint or "")
    largest: int | None = getattr(view, "largest_upload", None)
    if largest is None or not current_user.is_authenticated:
        return
    if permissions.is_allowed(current_user.role, getattr(view, "permission", "")):
        request.max_content_length = largest
