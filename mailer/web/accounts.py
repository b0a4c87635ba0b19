"""Signing in: one-time links, the first password, and how often a password may be guessed."""

from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, user_logged_out
from flask_security.changeable import change_user_password
from flask_security.utils import login_user, uia_email_mapper

from mailer import clock, tokens
from mailer.accounts import audit, signing_in, users
from mailer.accounts.models import User
from mailer.db import db
from mailer.web import second_step
from mailer.web.access import PUBLIC, SIGNED_IN, SIGNED_IN_AT, access
from mailer.web.limits import limiter, visitors_network

GUESSES = "10 per 15 minutes"
# From everywhere together: enough that a stranger does not shut the owner out in passing.
GUESSES_AT_ACCOUNT = "100 per hour"
ENTERED = "entered_by_link"

bp = Blueprint("accounts", __name__)


@bp.route("/enter/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def enter(token: str) -> ResponseReturnValue:
    site, now = current_app.extensions["site"], clock.now()
    try:
        if request.method != "POST":
            user = signing_in.invited(db.session(), site, token, now)
            return render_template("accounts/enter.html", user=user, token=token)
        user = signing_in.enter(db.session(), site, token, now)
    except signing_in.LinkOver:
        return render_template("accounts/enter.html", user=None), 410
    audit.record(db.session(), now, user, "accounts.enter", f"user {user.id}")
    db.session.commit()
    kept, back = {ENTERED: int(now.timestamp())}, url_for("accounts.choose_password")
    half = second_step.demand(user, "email", back, kept=kept)
    if half is not None:
        return half
    session.clear()  # nothing of a stranger's session lives on in the signed-in one
    login_user(user, remember=False, authn_via=["email"])
    session.update(kept)
    return redirect(back)


@bp.route("/account/new-password", methods=["GET", "POST"])
@access(SIGNED_IN)
def choose_password() -> ResponseReturnValue:
    """Set a password without the old one, for whoever has none or came by a one-time link."""
    if not may_choose():
        return redirect(url_for("security.change_password"))
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = password_errors(request.form.get("password", ""))
        if not errors:
            return keep_password(request.form["password"])
    page = render_template("accounts/choose_password.html", errors=errors)
    return page, 422 if errors else 200


@bp.route("/account/confirm", methods=["GET", "POST"])
@access(SIGNED_IN)
def confirm() -> ResponseReturnValue:
    """Ask for the password again, and for a code, before people's data is handed out."""
    back, is_wrong = own_path(request.args.get("next", "")), False
    if request.method == "POST":
        is_wrong = not is_it_me()
        db.session.commit()  # a password's hash may have been made anew, a code was used
        if not is_wrong:
            session[SIGNED_IN_AT] = clock.now().timestamp()
            return redirect(back, 303)
    is_on_paper = request.args.get("by") == "recovery"
    page = render_template(
        "accounts/confirm.html", back=back, is_wrong=is_wrong, is_on_paper=is_on_paper
    )
    return page, 422 if is_wrong else 200


def is_it_me() -> bool:
    """Tell whether the form holds the password, and a good code of whoever has a second factor."""
    password_util = current_app.extensions["security"].password_util
    password = password_util.normalize(request.form.get("password", ""))
    if not current_user.password or not current_user.verify_and_update_password(password):
        return False
    return current_user.factor_at is None or second_step.is_proven(current_user)


def own_path(text: str) -> str:
    """Return a path of ours as it is, and the first page for whatever leads elsewhere."""
    parts = urlsplit(text)
    is_own = text.startswith("/") and not (parts.scheme or parts.netloc or "\\" in text)
    return text if is_own and text.isprintable() else "/"


def may_choose() -> bool:
    since = clock.now().timestamp() - session.get(ENTERED, 0)
    return not current_user.password or since < signing_in.LINK_LIFE.total_seconds()


def password_errors(password: str) -> dict[str, str]:
    security = current_app.extensions["security"]
    problems, normal = security.password_util.validate(password, False, user=current_user)  # noqa: FBT003
    if problems:
        return {"password": " ".join(problems)}
    repeated = security.password_util.normalize(request.form.get("repeated", ""))
    return {} if repeated == normal else {"repeated": "The two passwords are not the same."}


def keep_password(password: str) -> ResponseReturnValue:
    normal = current_app.extensions["security"].password_util.normalize(password)
    user = current_user._get_current_object()  # noqa: SLF001 - Werkzeug's own way to unwrap
    at = session.get(SIGNED_IN_AT)
    # Ends every other session of the person, and signs this one in again.
    change_user_password(user, normal, notify=False)
    audit.record(db.session(), clock.now(), user, "accounts.choose_password", f"user {user.id}")
    db.session.commit()
    session.pop(ENTERED, None)
    if user.factor_at is not None:  # no sign-in is fresh for which no code was given
        session[SIGNED_IN_AT] = at
    flash("Your password is set. Other places where you were signed in are signed out.", "success")
    return redirect("/")


@bp.before_app_request
def demand_form() -> None:
    """Turn away JSON at Flask-Security's pages: they would take it, and answer in kind."""
    if request.blueprint == "security" and request.is_json:
        abort(415)


def prepare(app: Flask) -> None:
    """Bend Flask-Security to the house: forms alone, no bearer tokens, sign-out that holds."""
    security = app.extensions["security"]
    security.want_json(lambda _request: False)
    security.principal.identity_loaders.clear()  # nobody asks it, at the price of each request
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    security.two_factor_plugins.tf_enter = ask_second_step
    user_logged_out.connect(end_sessions, app)


def ask_second_step(
    user: User,
    remember_me: bool | None,  # noqa: FBT001 - Flask-Security's own form
    primary_authn_via: str,
    next_loc: str | None,
) -> ResponseReturnValue | None:
    """Stand between Flask-Security's right password and its signing in; None lets in."""
    del next_loc  # as Flask-Security spells it; ours says where it may lead
    back = own_path(request.args.get("next") or request.form.get("next", ""))
    return second_step.demand(user, primary_authn_via, back, remember=bool(remember_me))


def end_sessions(app: Flask, user: User) -> None:
    """Make the cookies of whoever signs out worthless, also copies of them made before."""
    del app
    users.end_sessions(user)
    db.session.commit()


def limit_guesses(app: Flask) -> None:
    """Slow down whoever guesses passwords; what was right is free.

    Counted are the guesses of a visitor, of her network at one account, and of everybody at one
    account. Nobody is locked out for good, and a one-time link lets its owner in meanwhile.
    """
    view: Any = app.view_functions["security.login"]
    limits = ((GUESSES, None), (GUESSES, account_from_here), (GUESSES_AT_ACCOUNT, account_tried))
    for limit, key in limits:
        view = limiter.limit(
            limit, key_func=key, methods=["POST"], deduct_when=was_wrong, override_defaults=False
        )(view)
    app.view_functions["security.login"] = view
    again: Any = app.view_functions["accounts.confirm"]
    for limit in (GUESSES, second_step.GUESSES_AT_ACCOUNT):
        again = limiter.limit(limit, key_func=whoever, methods=["POST"], deduct_when=was_wrong)(
            again
        )
    app.view_functions["accounts.confirm"] = again


def whoever() -> str:
    """Return the account that is signed in: whoever holds its screen may not try for long."""
    return f"again:{current_user.get_id()}"


def account_from_here() -> str:
    return f"{account_tried()} from {visitors_network()}"


def account_tried() -> str:
    """Return the fingerprint of the account that a sign-in names, however it is spelled."""
    account = uia_email_mapper(request.form.get("email", "").strip()) or ""
    keys = current_app.extensions["site"].keys
    return "account:" + tokens.fingerprint(keys, account.lower()).hex()


def was_wrong(response: Response) -> bool:
    return response.status_code not in {302, 303}  # a right password redirects
