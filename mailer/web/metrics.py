"""The figures for Prometheus, behind a token of the settings; without one there is no such page."""

import hmac

from flask import Blueprint, abort, current_app, make_response, request
from flask.typing import ResponseReturnValue

from mailer import clock
from mailer.db import db
from mailer.delivery import metrics
from mailer.web.access import PUBLIC, access

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SCHEME = "Bearer "

bp = Blueprint("metrics", __name__)


@bp.route("/metrics")
@access(PUBLIC)
def show() -> ResponseReturnValue:
    """Answer whoever shows the token; whether somebody is signed in does not matter."""
    token: str = current_app.extensions["config"].metrics_token
    if not token:
        abort(404)
    if not is_shown(token):
        response = make_response("A bearer token is needed.\n", 401)
        response.mimetype = "text/plain"
        response.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return response
    response = make_response(metrics.exposition(db.session(), clock.now()))
    response.headers["Content-Type"] = CONTENT_TYPE
    return response


def is_shown(token: str) -> bool:
    given = request.headers.get("Authorization", "")
    return given.startswith(SCHEME) and hmac.compare_digest(
        given.removeprefix(SCHEME).encode(), token.encode()
    )
