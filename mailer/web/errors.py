"""What a person or a program is told when something cannot be done."""

from collections.abc import Callable
from types import TracebackType
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from mailer.tokens import BadToken
from mailer.web import access

WORDS = {
    400: ("That could not be read", "The form was sent incompletely. Go back and try again."),
    401: ("Please sign in", "Sign in first, then try again."),
    403: ("Not allowed", "Your role does not allow this. An owner or admin can change that."),
    404: ("Nothing here", "The link is incomplete, or what it led to is gone."),
    405: ("Not this way", "This address only takes a form's button, not a plain visit."),
    413: ("Too large", "What you sent is larger than this page takes. Nothing was saved."),
    415: ("Not in this form", "This address takes a form, and no JSON."),
    429: ("Slow down", "Too many tries in a short time. Wait a few minutes and try again."),
    500: ("Something broke", "The fault is ours. Nothing was lost; please try again."),
    503: ("Not just now", "A part of the server is unreachable. Please try again in a minute."),
}


Raised = tuple[type, BaseException, TracebackType] | tuple[None, None, None]


class Discreet(Flask):
    """Logs where it broke by the view's name: readers' paths hold their tokens."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return what Flask is to call; no view or hook here is a coroutine."""
        return func

    def log_exception(self, exc_info: Raised) -> None:
        self.logger.error(
            "Exception in %s [%s]", request.endpoint, request.method, exc_info=exc_info
        )


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, explain)
    app.register_error_handler(BadToken, explain_token)
    app.register_error_handler(SecurityError, explain_name)


def explain(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    code = error.code or 500
    title, advice = WORDS.get(code, (error.name, ""))
    if access.wants_json():
        return make_response(jsonify(message=f"{title}. {advice}".strip()), code)
    response = make_response(
        render_template("error.html", code=code, title=title, advice=advice), code
    )
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def explain_token(error: BadToken) -> Response:
    del error
    title, advice = WORDS[404]
    page = render_template("error.html", code=404, title=title, advice=advice)
    return make_response(page, 404)


def explain_name(error: SecurityError) -> Response:
    """Answer in plain words: under a name that is not ours no page's links can be made."""
    del error
    words = "This server does not answer to that name. Use the address it was set up with.\n"
    response = make_response(words, 400)
    response.mimetype = "text/plain"
    return response
