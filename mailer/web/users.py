"""People: who may sign in, in which role, and the one-time links that let them in."""

from collections.abc import Callable

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit, permissions, scopes, signing_in, users
from mailer.accounts.factor import demand, enrolment, mails
from mailer.accounts.factor.mails import About
from mailer.accounts.models import User
from mailer.audience import lists
from mailer.db import db
from mailer.web import fields
from mailer.web.access import access

bp = Blueprint("users", __name__, url_prefix="/people")


@bp.route("/")
@access("users:manage")
def index() -> ResponseReturnValue:
    return render_template(
        "users/index.html",
        people=users.everyone(db.session()),
        is_demanded=demand.is_on(db.session()),
        is_owner=permissions.is_allowed(current_user.role, "owners:manage"),
    )


@bp.route("/second-factor", methods=["POST"])
@access("owners:manage", fresh=True)
def demand_factor() -> ResponseReturnValue:
    """Demand a second factor of everybody, or no longer."""
    on = request.form.get("demand") == "yes"
    try:
        demand.turn(db.session(), clock.now(), current_user, on=on)
    except users.Refused as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        held = "Whoever has no second factor is led to it and reaches nothing else until then."
        flash(held if on else "A second factor is left to each person.", "success")
    return redirect(url_for("users.index"), 303)


@bp.route("/add", methods=["GET", "POST"])
@access("users:manage")
def add() -> ResponseReturnValue:
    if request.method != "POST":
        return form()
    role = request.form.get("role", "")
    try:
        users.demand_reach(current_user, role)
        user = users.add(
            db.session(),
            clock.now(),
            request.form.get("email", ""),
            request.form.get("name", ""),
            role,
        )
    except users.Refused as refusal:
        db.session.rollback()
        return form(str(refusal)), 422
    record(user, "users.add", role)
    return shown_link(user)


def form(error: str = "") -> str:
    return render_template("users/add.html", error=error, roles=roles())


@bp.route("/<int:user_id>")
@access("users:manage")
def edit(user_id: int) -> ResponseReturnValue:
    user = db.get_or_404(User, user_id)
    reach = users.is_within_reach(current_user.role, user.role)
    return render_template(
        "users/edit.html",
        user=user,
        roles=roles(),
        reach=reach,
        lists=[(one.id, one.name) for one in lists.index(db.session())],
        members=scopes.members(db.session(), user),
        is_narrowable=user.role in scopes.NARROWABLE,
        is_owner=permissions.is_allowed(current_user.role, "owners:manage"),
    )


@bp.route("/<int:user_id>/role", methods=["POST"])
@access("users:manage")
def change_role(user_id: int) -> ResponseReturnValue:
    role = request.form.get("role", "")

    def change(user: User) -> str:
        users.demand_reach(current_user, role)
        users.change_role(db.session(), user, role)
        return f"{user.email} is now {role}. Every session of theirs is signed out."

    return changed(user_id, "users.change_role", change, role)


@bp.route("/<int:user_id>/lists", methods=["POST"])
@access("users:manage")
def narrow(user_id: int) -> ResponseReturnValue:
    """Let somebody work on some lists alone, or on all again."""
    session, is_narrow = db.session(), request.form.get("reach") == "some"
    known = {one.id for one in lists.index(session)}
    chosen = sorted(known & set(request.form.getlist("list_ids", type=fields.number)))

    def change(user: User) -> str:
        if not is_narrow:
            scopes.widen(session, user)
            return f"{user.email} works on all lists."
        scopes.narrow(session, clock.now(), user, chosen)
        return f"{user.email} works on {len(chosen)} of {len(known)} lists and sees no others."

    detail = "lists " + (", ".join(map(str, chosen)) or "none") if is_narrow else "all lists"
    return changed(user_id, "users.narrow", change, detail[:500])


@bp.route("/<int:user_id>/deactivate", methods=["POST"])
@access("users:manage")
def deactivate(user_id: int) -> ResponseReturnValue:
    def change(user: User) -> str:
        users.deactivate(db.session(), user)
        return f"{user.email} can no longer sign in."

    return changed(user_id, "users.deactivate", change)


@bp.route("/<int:user_id>/activate", methods=["POST"])
@access("users:manage")
def activate(user_id: int) -> ResponseReturnValue:
    def change(user: User) -> str:
        users.activate(user)
        return f"{user.email} can sign in again."

    return changed(user_id, "users.activate", change)


@bp.route("/<int:user_id>/second-factor", methods=["POST"])
@access("owners:manage", fresh=True)
def remove_factor(user_id: int) -> ResponseReturnValue:
    """Take away the second factor of somebody who has lost it; she is told by mail."""

    def change(user: User) -> str:
        if user.id == current_user.id:
            raise users.Refused("Your own second factor stands under Your sign-in.")
        if not enrolment.remove(db.session(), user):
            raise users.Refused(f"{user.email} has no second factor.")
        mails.owe(db.session(), clock.now(), user, About.reset)
        return f"{user.email} signs in by the password alone, and is told so by mail."

    return changed(user_id, "factor.reset", change)


@bp.route("/<int:user_id>/link", methods=["POST"])
@access("users:manage")
def link(user_id: int) -> ResponseReturnValue:
    user = db.get_or_404(User, user_id)
    if not user.active or not users.is_within_reach(current_user.role, user.role):
        flash(
            "A link can only be made for active people, and for an owner only by an owner.", "error"
        )
        return redirect(url_for("users.edit", user_id=user.id))
    record(user, "users.link")
    return shown_link(user)


def changed(
    user_id: int, action: str, change: Callable[[User], str], detail: str = ""
) -> ResponseReturnValue:
    """Apply a change within the actor's reach, record it, and say what happened."""
    user = db.get_or_404(User, user_id)
    try:
        users.demand_reach(current_user, user.role)
        done = change(user)
    except users.Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        record(user, action, detail)
        db.session.commit()
        flash(done, "success")
    return redirect(url_for("users.edit", user_id=user_id))


def shown_link(user: User) -> ResponseReturnValue:
    """Make a link and show it once: it is never stored, logged or mailed."""
    url = signing_in.link(db.session(), current_app.extensions["site"], user, clock.now())
    db.session.commit()
    return render_template("users/link.html", user=user, url=url)


def record(user: User, action: str, detail: str = "") -> None:
    audit.record(db.session(), clock.now(), current_user, action, f"user {user.id}", reason=detail)


def roles() -> list[tuple[str, str]]:
    """Return the roles that the signed-in person may give, with what each may do."""
    return [
        (role, WORDS[role])
        for role in permissions.ROLES
        if users.is_within_reach(current_user.role, role)
    ]


WORDS = {
    "viewer": "Reads campaigns, lists and readers",
    "marketer": "Also writes and sends campaigns, and keeps lists and readers",
    "admin": "Also keeps senders and people, and exports or erases a reader on request",
    "owner": "Also makes and changes owners",
}
