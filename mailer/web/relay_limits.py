"""Limits for staff: how fast mail is handed to each relay, and what the relays have asked for."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from config import Config
from mailer import clock
from mailer.accounts import audit
from mailer.db import db
from mailer.delivery import allowances, rates
from mailer.delivery.allowances import Allowance, BadLimit
from mailer.delivery.pace_models import About, Limit
from mailer.web import allowed, fields
from mailer.web.access import access

MOST = 1_000_000_000
ABOUTS = {
    About.relay: "All mail to this relay",
    About.recipients: "Mail to readers of one domain",
    About.sender: "Mail from one sender domain",
}

bp = Blueprint("relay_limits", __name__, url_prefix="/relays/limits")
allowed.register(bp)


@bp.route("/")
@access("senders:get")
def index() -> ResponseReturnValue:
    return page(fields.Reading({}))


@bp.route("/", methods=["POST"])
@access("senders:manage")
def put() -> ResponseReturnValue:
    """Set a limit, in place of the one about the same."""
    reading = fields.Reading(request.form)
    given = read(reading)
    if reading.errors:
        return page(reading), 422
    try:
        made = allowances.put(db.session(), given)
    except BadLimit as error:
        reading.errors["about"] = str(error)
        return page(reading), 422
    told = f"{allowances.place(made)}: {allowances.told(made, clock.now().date())}"
    return done(made.host, "relays.limit", told, "The limit holds from now on.")


@bp.route("/<int:limit_id>/lift", methods=["POST"])
@access("senders:manage")
def lift(limit_id: int) -> ResponseReturnValue:
    limit = db.get_or_404(Limit, limit_id)
    allowances.lift(db.session(), limit)
    return done(limit.host, "relays.unlimit", allowances.place(limit), "The limit is lifted.")


def done(host: str, action: str, reason: str, said: str) -> ResponseReturnValue:
    audit.record(db.session(), clock.now(), current_user, action, f"relay {host}", reason=reason)
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("relay_limits.index"))


def read(reading: fields.Reading) -> Allowance:
    host = reading.text("host", 253).lower()
    if host not in hosts():
        reading.errors["host"] = "Choose one of these."
    about = reading.choice("about", About)
    whole = about is not About.relay
    connections, per_day = number(reading, "connections"), number(reading, "per_day")
    return Allowance(
        host=host,
        about=about,
        domain=reading.text("domain", 253, required=whole).lower() if whole else "",
        per_second=number(reading, "per_second"),
        connections=None if connections is None else int(connections),
        per_day=None if per_day is None else int(per_day),
        warm_from=clock.now().date() if reading.form.get("warm_up") == "yes" else None,
    )


def number(reading: fields.Reading, name: str) -> float | None:
    """Return a number above nothing, None if the field is empty."""
    text = reading.form.get(name, "").strip()
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= MOST or (name != "per_second" and found != int(found)):
        reading.errors[name] = "Write a number, or leave it empty for no limit."
        return None
    return found


def hosts() -> list[str]:
    config: Config = current_app.extensions["config"]
    return [host for host, _ in config.relays]


def page(reading: fields.Reading) -> str:
    session, now = db.session(), clock.now()
    return render_template(
        "relay_limits/index.html",
        limits=allowances.index(session),
        slowed=allowances.slowed(session, now),
        place=allowances.place,
        told=allowances.told,
        rate=rates.rate,
        now=now,
        hosts=[(host, host) for host in hosts()],
        abouts=ABOUTS,
        values=reading.form,
        errors=reading.errors,
    )
