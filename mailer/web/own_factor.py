"""One's own second factor: set up with a first code, replaced, taken away, new recovery codes."""

import segno
from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security.utils import login_user
from markupsafe import Markup

from mailer import clock
from mailer.accounts import audit
from mailer.accounts.factor import enrolment, mails, recovery, totp
from mailer.accounts.factor.mails import About
from mailer.accounts.models import User
from mailer.db import db
from mailer.tokens import Keys
from mailer.web.access import SIGNED_IN, SIGNED_IN_AT, access, is_held
from mailer.web.second_step import bp


@bp.route("/account/")
@access(SIGNED_IN)
def index() -> ResponseReturnValue:
    left = recovery.left(db.session(), current_user) if current_user.factor_at else 0
    return render_template(
        "factor/index.html", left=left, number=recovery.NUMBER, is_held=is_held()
    )


@bp.route("/account/factor", methods=["GET", "POST"])
@access(SIGNED_IN, fresh=True)
def set_up() -> ResponseReturnValue:
    """Show a new secret, and keep it once its first code is given; it waits sealed in the form."""
    if request.method != "POST":
        return offer(totp.new_secret())
    user, now = person(), clock.now()
    try:
        secret = enrolment.opened(keys(), user, request.form.get("sealed", ""))
    except enrolment.Unreadable:
        return redirect(url_for("factor.set_up"), 303)
    try:
        given = request.form.get("code", "")
        codes = enrolment.set_up(db.session(), keys(), user, secret, given, now)
    except enrolment.WrongCode:
        return offer(secret, is_wrong=True), 422
    told("factor.set_up", About.set_up)
    return shown(codes)


@bp.route("/account/factor/codes", methods=["POST"])
@access(SIGNED_IN, fresh=True)
def renew_codes() -> ResponseReturnValue:
    user = person()
    if user.factor_at is None:
        return redirect(url_for("factor.index"), 303)
    codes = recovery.renew(db.session(), user)
    told("factor.renew_codes", About.renewed)
    return render_template("factor/codes.html", codes=codes)


@bp.route("/account/factor/remove", methods=["POST"])
@access(SIGNED_IN, fresh=True)
def remove() -> ResponseReturnValue:
    if enrolment.remove(db.session(), person()):
        told("factor.remove", About.removed)
        stay()
        flash("Your password alone signs you in again.", "success")
    return redirect(url_for("factor.index"), 303)


def offer(secret: bytes, *, is_wrong: bool = False) -> str:
    """Return the page with the picture; what it shows is kept nowhere until a code is right."""
    user = person()
    picture = segno.make(totp.uri(secret, user.email), error="m", micro=False)
    return render_template(
        "factor/set_up.html",
        picture=Markup(picture.svg_inline(omitsize=True, light="#fff", svgclass="qr")),  # noqa: S704 - made here, of numbers
        secret=totp.spelled(secret),
        sealed=enrolment.sealed(keys(), user, secret),
        is_wrong=is_wrong,
    )


def shown(codes: list[str]) -> str:
    """Sign in anew, for the change has ended every session, and show the codes this once."""
    stay()
    return render_template("factor/codes.html", codes=codes, is_new=True)


def stay() -> None:
    """Keep this session, alone of all; it grows no fresher by that."""
    at = session.get(SIGNED_IN_AT)
    login_user(person(), remember=False, authn_via=["code"])
    session[SIGNED_IN_AT] = at


def told(action: str, about: About) -> None:
    """Log the act and owe the mail about it; the clock rings for that."""
    user, now = person(), clock.now()
    audit.record(db.session(), now, user, action, f"user {user.id}")
    mails.owe(db.session(), now, user, about)
    db.session.commit()


def person() -> User:
    user: User = current_user._get_current_object()  # noqa: SLF001 - Werkzeug's own way to unwrap
    return user


def keys() -> Keys:
    found: Keys = current_app.extensions["site"].keys
    return found
