"""Incidents for staff: the register, both clocks, whom it affected, and how they are told."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock, desk
from mailer.audience import lists, senders
from mailer.audience.models import Sender
from mailer.audience.segments import catalogue
from mailer.audience.segments.models import Segment
from mailer.db import db
from mailer.privacy import reasons
from mailer.privacy.incidents import affected, notice, register, uploads
from mailer.privacy.incidents.models import Incident
from mailer.privacy.incidents.register import Facts
from mailer.web import counting, fields
from mailer.web.access import access
from mailer.web.reader_pages import plain, site

bp = Blueprint("incidents", __name__, url_prefix="/incidents")

INCIDENTS = "privacy:incidents"
TIME = "%Y-%m-%dT%H:%M"
PROBLEMS = (register.BadTime, register.NotDone, register.Closed, reasons.BadReason)


class Unusable(Exception):  # noqa: N818 - errors are named for the situation
    """A form cannot be used; the message says why."""


@bp.context_processor
def words() -> dict[str, object]:
    return {"at": at, "zone": desk.where().zone, "now": clock.now()}


def at(moment: datetime | None) -> str:
    """Return a moment as a field for times holds it, on the desk's clocks."""
    return moment.astimezone(desk.where().zone).strftime(TIME) if moment else ""


@bp.route("/")
@access(INCIDENTS)
def index() -> ResponseReturnValue:
    found = register.everything(db.session())
    due = {one.id: register.deadlines(desk.where(), one) for one in found}
    told = register.told(db.session(), found)
    return render_template("incidents/index.html", rows=found, due=due, told=told)


@bp.route("/new", methods=["GET", "POST"])
@access(INCIDENTS)
def new() -> ResponseReturnValue:
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return render_template(
            "incidents/new.html", values={"aware_at": at(clock.now())}, errors={}
        )
    facts = read(reading)
    try:
        complete(reading)
        made = register.enter(db.session(), clock.now(), current_user, facts)
    except (*PROBLEMS, Unusable) as error:
        errors = {"": str(error), **reading.errors}
        return render_template("incidents/new.html", values=request.form, errors=errors), 422
    db.session.commit()
    flash("It is in the register, and both clocks run.", "success")
    return redirect(url_for("incidents.show", incident_id=made.id))


def read(reading: fields.Reading) -> Facts:
    longest = register.LONGEST_TEXT
    texts = {
        name: reading.text(name, longest, required=False, lines=True)
        for name in ("happened", "data", "consequences", "measures")
    }
    return Facts(
        title=reading.text("title", 200),
        noticed_at=moment(reading, "noticed_at"),
        aware_at=moment(reading, "aware_at"),
        people=number(reading, "people"),
        records=number(reading, "records"),
        contact=reading.text("contact", 300, required=False),
        **texts,
    )


def moment(reading: fields.Reading, name: str) -> datetime:
    try:
        found = datetime.strptime(reading.form.get(name, "")[:16], TIME)  # noqa: DTZ007
    except ValueError:
        reading.errors[name] = "Choose a day and a time."
        return clock.now()
    return found.replace(tzinfo=desk.where().zone).astimezone(UTC)


def number(reading: fields.Reading, name: str) -> int | None:
    text = reading.form.get(name, "").strip()
    try:
        return min(fields.number(text), 2**31 - 1) if text else None
    except ValueError:
        reading.errors[name] = "Write a number, or leave it empty."
        return None


@bp.route("/<int:incident_id>")
@access(INCIDENTS)
def show(incident_id: int) -> ResponseReturnValue:
    return shown(db.get_or_404(Incident, incident_id), {})


def shown(one: Incident, errors: dict[str, str]) -> str:
    session = db.session()
    authority, users = register.deadlines(desk.where(), one)
    return render_template(
        "incidents/show.html",
        one=one,
        authority=authority,
        users=users,
        told=register.told_at(session, one),
        count=affected.count(session, one.id),
        unreached=None if counting.is_later(session) else notice.unreached(session, one.id),
        asked=counting.ASKED,
        notices=notice.campaigns(session, one.id),
        acts=register.history(session, one.id),
        lists=[(one.id, one.name) for one in lists.index(session)],
        segments=[(one.id, one.name) for one in catalogue.index(session)],
        senders=[(one.id, one.legal_name) for one in senders.index(session)],
        errors=errors,
        values=request.form,
    )


@bp.route("/<int:incident_id>/form.txt")
@access(INCIDENTS)
def form(incident_id: int) -> ResponseReturnValue:
    """Answer with the draft of the report to the authority, as plain text to print or copy."""
    one = db.get_or_404(Incident, incident_id)
    names = [sender.legal_name for sender in senders.index(db.session())]
    return plain(notice.form(db.session(), desk.where(), one, ", ".join(names)))


@bp.route("/<int:incident_id>/<deed>", methods=["POST"])
@access(INCIDENTS)
def take(incident_id: int, deed: str) -> ResponseReturnValue:
    """Take one step; what cannot be done is explained on the incident's own page."""
    does, one = DEEDS.get(deed), register.locked(db.session(), incident_id)
    if does is None or one is None:
        abort(404)
    try:
        where = does(one)
    except (*PROBLEMS, Unusable) as error:
        db.session.rollback()
        return shown(db.get_or_404(Incident, incident_id), {deed: str(error)}), 422
    db.session.commit()
    flash("Done. The audit log keeps it.", "success")
    return redirect(where or url_for("incidents.show", incident_id=incident_id))


def complete(reading: fields.Reading) -> None:
    if reading.errors:
        raise Unusable(" ".join(f"{name}: {why}" for name, why in reading.errors.items()))


def edit(one: Incident) -> None:
    reading = fields.Reading(request.form)
    facts = read(reading)
    complete(reading)
    register.edit(db.session(), clock.now(), current_user, one, facts)


def report(one: Incident) -> None:
    reading = fields.Reading(request.form)
    told = moment(reading, "reported_at")
    reference = reading.text("reference", 200, required=False)
    why = reading.text("why", register.LONGEST_TEXT, required=False, lines=True)
    complete(reading)
    said = register.Report(told, reference, why)
    register.report(db.session(), clock.now(), current_user, one, said)


def leave_unreported(one: Incident) -> None:
    reading = fields.Reading(request.form)
    why = reading.text("why", register.LONGEST_TEXT, lines=True)
    complete(reading)
    register.leave_unreported(db.session(), clock.now(), current_user, one, why)


def choose(one: Incident) -> None:
    """Add to the affected: everybody, a list, a segment, or addresses one a line."""
    session, now = db.session(), clock.now()
    register.demand_open(one)
    who = request.form.get("who", "")
    which = request.form.get("which", 0, type=fields.number)
    segment = session.get(Segment, which) if who == "segment" else None
    if who == "everybody":
        said = f"everybody: {affected.add_everybody(session, one.id)} new"
    elif who == "list":
        said = f"list {which}: {affected.add_list(session, one.id, which)} new"
    elif segment is not None:
        said = f"segment {which}: {affected.add_segment(session, one.id, segment, now)} new"
    elif who == "addresses":
        said = uploaded(one)
    else:
        raise Unusable("Say who is affected.")
    register.note(session, now, current_user, one, "choose", said)


def uploaded(one: Incident) -> str:
    file = request.files.get("file")
    text = file.read().decode("utf-8", "replace") if file else ""
    rings = uploads.rings(site().keys, text, test_environment=site().development)
    if not rings:
        raise Unusable("No address was found in that file.")
    known, unknown = affected.add_addresses(db.session(), one.id, rings)
    return f"a file: {known} are readers, {unknown} are not known here"


def clear(one: Incident) -> None:
    register.demand_open(one)
    affected.clear(db.session(), one.id)
    register.note(
        db.session(), clock.now(), current_user, one, "clear", "nobody is chosen any more"
    )


def announce(one: Incident) -> None:
    reading = fields.Reading(request.form)
    text = reading.text("text", register.LONGEST_BANNER)
    span = moment(reading, "from"), moment(reading, "until")
    complete(reading)
    register.announce(db.session(), clock.now(), current_user, one, text, span)


def withdraw(one: Incident) -> None:
    register.withdraw(db.session(), clock.now(), current_user, one)


def draft(one: Incident) -> str:
    """Make the draft of the notice, and go on with it as with any campaign."""
    session = db.session()
    register.demand_open(one)
    sender = session.get(Sender, request.form.get("sender", 0, type=fields.number))
    if sender is None:
        raise Unusable("Choose who tells them.")
    try:
        made = notice.draft(session, clock.now(), current_user, one, sender)
    except notice.NobodyAffected as error:
        raise Unusable("None of the affected is on an open list of this sender.") from error
    return url_for("campaigns.show", campaign_id=made.id)


def close(one: Incident) -> None:
    register.close(db.session(), clock.now(), current_user, one)


DEEDS: dict[str, Callable[[Incident], str | None]] = {
    "edit": edit,
    "report": report,
    "leave-unreported": leave_unreported,
    "choose": choose,
    "clear": clear,
    "announce": announce,
    "withdraw": withdraw,
    "draft": draft,
    "close": close,
}
