"""The second step of signing in: a code from the phone, or a recovery code, after the password.

Until then nobody is signed in: the session says who has passed the first step, and nothing asks
it but this page. No other route needs to know of it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security.utils import login_user

from mailer import clock
from mailer.accounts import audit
from mailer.accounts.factor import enrolment, mails, recovery
from mailer.accounts.factor.mails import About
from mailer.accounts.models import User
from mailer.db import db
from mailer.web.access import PUBLIC, access
from mailer.web.limits import limiter, visitors_network

HALF = "half_signed_in"
HALF_LIFE = timedelta(minutes=10)
GUESSES = "10 per 15 minutes"
WRONG = 422
# A code in a million, three of them good at a time: 30 guesses a day find one in thirty years.
# Links are counted apart, so that whoever knows a password shuts nobody out for good.
GUESSES_AT_ACCOUNT = "30 per day"

bp = Blueprint("factor", __name__)


def demand(
    user: User,
    via: str,
    back: str,
    *,
    remember: bool = False,
    kept: Mapping[str, object] | None = None,
) -> ResponseReturnValue | None:
    """Ask for the second step, if there is one; None lets in. ``kept`` stays in the session."""
    if user.factor_at is None:
        return None
    session.clear()  # nothing of a stranger's session lives on in the signed-in one
    session[HALF] = {
        "number": user.id,
        "who": user.fs_uniquifier,
        "at": clock.now().timestamp(),
        "via": via,
        "remember": remember,
        "back": back,
        "kept": kept or {},
    }
    return redirect(url_for("factor.ask"), 303)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@access(PUBLIC)
def ask() -> ResponseReturnValue:
    user = half_signed_in()
    if user is None:
        session.pop(HALF, None)
        return redirect(url_for("security.login"), 303)
    if request.method != "POST":
        return render_template("factor/ask.html", is_wrong=False)
    if not is_proven(user):
        audit.record(db.session(), clock.now(), user, "factor.wrong", f"user {user.id}")
        db.session.commit()
        return render_template("factor/ask.html", is_wrong=True), WRONG
    db.session.commit()
    half = session[HALF]
    session.clear()
    login_user(user, remember=half["remember"], authn_via=[half["via"], "code"])
    session.update(half["kept"])
    return redirect(half["back"], 303)


def half_signed_in() -> User | None:
    """Return who has passed the first step a short time ago, if that still counts."""
    half: dict[str, Any] = session.get(HALF) or {}
    if clock.now().timestamp() - half.get("at", 0) > HALF_LIFE.total_seconds():
        return None
    chosen = sa.select(User).where(
        User.fs_uniquifier == half["who"], User.active, User.factor_at.is_not(None)
    )
    return db.session.scalar(chosen)


def is_proven(user: User) -> bool:
    """Tell whether the form holds a good code, and use it up; the caller commits."""
    now, keys = clock.now(), current_app.extensions["site"].keys
    code, spare = request.form.get("code", ""), request.form.get("recovery", "")
    if code:
        return enrolment.accept(db.session(), keys, user, code, now)
    if not spare or not recovery.use(db.session(), user, spare, now):
        return False
    audit.record(db.session(), now, user, "factor.recover", f"user {user.id}")
    mails.owe(db.session(), now, user, About.recovered)
    return True


def limit_guesses(app: Flask) -> None:
    """Slow down whoever guesses codes, as whoever guesses passwords; what was right is free."""
    view: Any = app.view_functions["factor.ask"]
    limits = ((GUESSES, None), (GUESSES, account_from_here), (GUESSES_AT_ACCOUNT, account))
    for limit, key in limits:
        view = limiter.limit(
            limit,
            key_func=key,
            methods=["POST"],
            deduct_when=was_wrong,
            override_defaults=False,
        )(view)
    app.view_functions["factor.ask"] = view


def was_wrong(response: Response) -> bool:
    return response.status_code == WRONG


def account() -> str:
    """Return whose code is guessed, and by which first step; the session names her, signed."""
    half = session.get(HALF) or {}
    return f"code:{half.get('number')} via {half.get('via')}"


def account_from_here() -> str:
    return f"{account()} from {visitors_network()}"
