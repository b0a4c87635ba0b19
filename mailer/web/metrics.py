"""The figures for Prometheus, behind a token of the settings; without one there is no such page."""

from flask import Blueprint, current_app, make_response
from flask.typing import ResponseReturnValue

from mailer import clock
from mailer.db import db
from mailer.delivery import metrics
from mailer.web import bearer
from mailer.web.access import PUBLIC, access

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

bp = Blueprint("metrics", __name__)


@bp.route("/metrics")
@access(PUBLIC)
def show() -> ResponseReturnValue:
    """Answer whoever shows the token; whether somebody is signed in does not matter."""
    turned_away = bearer.turned_away(current_app.extensions["config"].metrics_token, "metrics")
    if turned_away is not None:
        return turned_away
    budget = current_app.extensions["config"].confirmations_per_hour
    response = make_response(metrics.exposition(db.session(), clock.now(), budget))
    response.headers["Content-Type"] = CONTENT_TYPE
    return response
