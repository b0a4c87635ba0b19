"""The table of promises for admins and auditors: what is promised, and the proof of this moment."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from mailer import desk
from mailer.privacy.promises import catalogue
from mailer.privacy.promises.proof import State
from mailer.web.access import access

BADGES = {State.kept: "pass", State.broken: "refused", State.absent: "warn"}

bp = Blueprint("promises", __name__, url_prefix="/promises")


@bp.route("/")
@access("audit:get")
def index() -> ResponseReturnValue:
    found = catalogue.rows(desk.ground())
    numbers = {state: sum(one.proof.state is state for one in found) for state in State}
    return render_template("promises/index.html", rows=found, numbers=numbers, badges=BADGES)
