"""How long data is kept: periods with their bounds, runs and their reports, legal holds."""

from datetime import UTC, date, datetime, time

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock, desk, tokens
from mailer.db import db
from mailer.privacy import reasons, waiting
from mailer.privacy.keeping import holds, periods, runs
from mailer.privacy.keeping.classes import RULES, Class
from mailer.privacy.keeping.models import Held, Run
from mailer.web import fields
from mailer.web.access import access
from mailer.web.reader_pages import site

bp = Blueprint("keeping", __name__, url_prefix="/retention")

RETENTION = "privacy:retention"
HELD = {Held.person: "A person", Held.list: "A list", Held.campaign: "A campaign"}


@bp.route("/")
@access(RETENTION)
def index() -> ResponseReturnValue:
    return shown({})


def shown(errors: dict[str, str]) -> str:
    session, now, zone = db.session(), clock.now(), desk.where().zone
    return render_template(
        "keeping/index.html",
        rules=RULES,
        lengths=periods.in_force(session),
        edges=runs.edges_now(session, zone, now),
        runs=runs.latest(session),
        total=runs.total,
        current=runs.under_way(session),
        holds=holds.everything(session),
        waiting=waiting.number(session),
        kinds=HELD,
        now=now,
        zone=zone,
        errors=errors,
        values=request.form,
    )


@bp.route("/periods/<period>", methods=["POST"])
@access(RETENTION)
def change(period: str) -> ResponseReturnValue:
    """Set one period within its bounds."""
    if period not in set(Class):
        abort(404)
    try:
        length = fields.number(request.form.get("length", ""))
        periods.change(db.session(), clock.now(), current_user, Class(period), length)
    except periods.BadPeriod as error:
        return shown({period: str(error)}), 422
    except ValueError:
        return shown({period: "Write a number."}), 422
    db.session.commit()
    flash("The period is set. The audit log keeps the change.", "success")
    return redirect(url_for("keeping.index"))


@bp.route("/runs", methods=["POST"])
@access(RETENTION)
def run() -> ResponseReturnValue:
    """Begin a run, which a worker takes up within seconds; or only count."""
    session, now, zone = db.session(), clock.now(), desk.where().zone
    if request.form.get("dry"):
        number: int | None = runs.rehearse(session, now, zone, current_user).id
    else:
        number = runs.begin(session, now, zone, current_user) or runs.under_way(session)
    session.commit()
    if number is None:
        return redirect(url_for("keeping.index"))
    return redirect(url_for("keeping.show", run_id=number))


@bp.route("/runs/<int:run_id>")
@access(RETENTION)
def show(run_id: int) -> ResponseReturnValue:
    """Show what a run threw away, or how far it is; the bar asks for the page's part alone."""
    one = db.get_or_404(Run, run_id)
    part = "keeping/progress.html" if request.headers.get("HX-Request") else "keeping/show.html"
    page = render_template(part, run=one, rules=RULES, zone=desk.where().zone)
    is_through = part == "keeping/progress.html" and one.finished_at is not None
    return (page, 200, {"HX-Refresh": "true"}) if is_through else page


@bp.route("/holds", methods=["POST"])
@access(RETENTION)
def hold() -> ResponseReturnValue:
    """Put a person, a list or a campaign on hold."""
    reading = fields.Reading(request.form)
    wanted = read(reading)
    if reading.errors:
        return shown(reading.errors), 422
    try:
        holds.place(db.session(), clock.now(), current_user, wanted)
    except (holds.BadHold, reasons.BadReason) as error:
        db.session.rollback()
        return shown({"hold": str(error)}), 422
    db.session.commit()
    flash("It is on hold: nothing of it is thrown away.", "success")
    return redirect(url_for("keeping.index"))


def read(reading: fields.Reading) -> holds.Wanted:
    held, until = reading.choice("held", Held), reading.day("until")
    reason, key, number = reading.text("reason", reasons.LONGEST), None, None
    if held is Held.person:
        found = reading.address("which", test_environment=site().development)
        key = tokens.fingerprint(site().keys, found.normalised)
    else:
        try:
            number = fields.number(reading.form.get("which", ""))
        except ValueError:
            reading.errors["which"] = "Write its number; it stands in the address of its page."
    return holds.Wanted(held, reason, key, number, midnight(until))


def midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, desk.where().zone).astimezone(UTC) if day else None


@bp.route("/holds/<int:hold_id>/end", methods=["POST"])
@access(RETENTION)
def end_hold(hold_id: int) -> ResponseReturnValue:
    """End a hold, with the reason."""
    try:
        reason = request.form.get("reason", "")
        is_ended = holds.end(db.session(), clock.now(), current_user, hold_id, reason=reason)
    except reasons.BadReason as error:
        db.session.rollback()
        return shown({f"end-{hold_id}": str(error)}), 422
    db.session.commit()
    flash("The hold has ended." if is_ended else "It had ended before.", "success")
    return redirect(url_for("keeping.index"))
