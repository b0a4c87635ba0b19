"""Imports for staff: upload, say what it is, look at the dry run, run, and undo."""

import csv
import io
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience import lists
from mailer.audience.imports import arrivals, batches, rows
from mailer.audience.imports.batches import BadChoice, Choices, Forbidden, WrongState
from mailer.audience.imports.models import AT_WORK, Fault, Import
from mailer.audience.imports.reading import chunks
from mailer.audience.imports.reading.archives import BadFile
from mailer.compliance.finding import Finding
from mailer.db import db
from mailer.privacy import tables
from mailer.web import allowed, fields, import_forms
from mailer.web.access import access
from mailer.web.import_forms import LONGEST_EVIDENCE, words
from mailer.web.uploads import takes

bp = Blueprint("imports", __name__, url_prefix="/imports")
allowed.register(bp)

SHOWN_FAULTS = 20
WORDS = {
    "pause": "The import is paused. What is done stays, and it can go on at any time.",
    "resume": "The import goes on where it was.",
    "cancel": "The import is cancelled. What it has added stays until you undo it.",
    "undo": "What this import added is being taken out again. Every opt-out stays.",
}
TOO_LATE = "That could not be done any more: the import has moved on."


@bp.route("/")
@access("subscribers:import")
def index() -> ResponseReturnValue:
    newest = sa.select(Import).order_by(Import.id.desc()).limit(100)
    found = db.session.scalars(newest).all()
    return render_template("imports/index.html", batches=found, **words())


@bp.route("/new", methods=["GET", "POST"])
@takes(chunks.LARGEST)
@access("subscribers:import")
def new() -> ResponseReturnValue:
    if request.method != "POST":
        return render_template("imports/new.html", error="")
    file = request.files.get("file")
    if file is None or not file.filename:
        return render_template("imports/new.html", error="Choose a file."), 422
    session, now = db.session(), clock.now()
    try:
        with file.stream as stream:
            batch = arrivals.create(session, now, current_user.email, file.filename, stream)
    except BadFile as error:
        session.rollback()
        return render_template("imports/new.html", error=str(error)), 422
    note("imports.upload", batch.id)
    session.commit()
    return redirect(url_for("imports.columns", import_id=batch.id))


@bp.route("/<int:import_id>/columns", methods=["GET", "POST"])
@access("subscribers:import")
def columns(import_id: int) -> ResponseReturnValue:
    """Ask what each column is, which lists are meant, and where these people come from."""
    batch = db.get_or_404(Import, import_id)
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return import_forms.form(batch, reading)
    choices = import_forms.choices(batch, reading)
    forbidden = () if reading.errors else arranged(batch, choices, reading)
    if reading.errors or forbidden:
        return import_forms.form(batch, reading, [one.as_dict() for one in forbidden]), 422
    return done("imports.check", import_id)


def arranged(batch: Import, choices: Choices, reading: fields.Reading) -> Sequence[Finding]:
    """Let a file be checked; return what the law says against it, or note what makes no sense."""
    try:
        batches.arrange(db.session(), clock.now(), current_user.email, batch, choices)
    except Forbidden as forbidden:
        return forbidden.findings
    except BadChoice as error:
        reading.errors[error.field] = str(error)
    except WrongState:
        reading.errors["mapping"] = TOO_LATE
    return ()


@bp.route("/<int:import_id>")
@access("subscribers:import")
def show(import_id: int) -> ResponseReturnValue:
    return shown(db.get_or_404(Import, import_id))


def shown(batch: Import, error: str = "") -> str:
    chosen = sa.select(Fault).where(Fault.import_id == batch.id).order_by(Fault.id)
    named = {one.id: one.name for one in lists.index(db.session())}
    return render_template(
        "imports/show.html",
        batch=batch,
        sheets=rows.sheets(batch),
        faults=db.session.scalars(chosen.limit(SHOWN_FAULTS)).all(),
        lists=[named.get(number, "") for number in batch.list_ids],
        is_at_work=batch.state in AT_WORK,
        error=error,
        **words(),
    )


@bp.route("/<int:import_id>/progress")
@access("subscribers:import")
def progress(import_id: int) -> ResponseReturnValue:
    """Answer with the bar, asked every second; when the work is over, let the page come anew."""
    batch = db.get_or_404(Import, import_id)
    page = render_template("imports/progress.html", batch=batch, **words())
    response = make_response(page)
    if batch.state not in AT_WORK:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.route("/<int:import_id>/begin", methods=["POST"])
@access("subscribers:import")
def begin(import_id: int) -> ResponseReturnValue:
    batch = db.get_or_404(Import, import_id)
    reading = fields.Reading(request.form)
    reason = reading.text("reason", LONGEST_EVIDENCE, required=False)
    try:
        batches.begin(db.session(), clock.now(), batch, reason=reason)
    except BadChoice as error:
        return shown(batch, str(error)), 422
    except WrongState:
        return too_late(import_id)
    return done("imports.begin", import_id, reason)


@bp.route("/<int:import_id>/pause", methods=["POST"])
@access("subscribers:import")
def pause(import_id: int) -> ResponseReturnValue:
    return steered(import_id, "pause")


@bp.route("/<int:import_id>/resume", methods=["POST"])
@access("subscribers:import")
def resume(import_id: int) -> ResponseReturnValue:
    return steered(import_id, "resume")


@bp.route("/<int:import_id>/cancel", methods=["POST"])
@access("subscribers:import")
def cancel(import_id: int) -> ResponseReturnValue:
    return steered(import_id, "cancel")


@bp.route("/<int:import_id>/undo", methods=["GET", "POST"])
@access("subscribers:import")
def undo(import_id: int) -> ResponseReturnValue:
    if request.method != "POST":
        return render_template("imports/undo.html", batch=db.get_or_404(Import, import_id))
    return steered(import_id, "undo")


def steered(import_id: int, verb: str) -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    db.get_or_404(Import, import_id)
    try:
        if verb == "cancel":
            batches.cancel(session, now, import_id)
        else:
            {"pause": batches.pause, "resume": batches.resume, "undo": batches.undo}[verb](
                session, import_id
            )
    except WrongState:
        return too_late(import_id)
    flash(WORDS[verb], "success")
    return done(f"imports.{verb}", import_id)


@bp.route("/<int:import_id>/faults")
@access("subscribers:import")
def faults(import_id: int) -> ResponseReturnValue:
    """Answer with each row that was not simply taken, as CSV: file, line, outcome, reason."""
    batch = db.get_or_404(Import, import_id)
    names = [sheet.name for sheet in rows.sheets(batch)]
    chosen = sa.select(Fault.part, Fault.line, Fault.outcome, Fault.reason).where(
        Fault.import_id == import_id
    )
    found = db.session.execute(chosen.order_by(Fault.id).execution_options(yield_per=1000))

    def lines() -> Iterator[str]:
        yield "file,line,outcome,reason\r\n"
        for part, line, outcome, reason in found:
            file = io.StringIO()
            name = names[part] if part < len(names) else ""
            cells = (tables.guarded(name), line, outcome, tables.guarded(reason))
            csv.writer(file).writerow(cells)
            yield file.getvalue()

    response = Response(stream_with_context(lines()), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{import_id}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def done(action: str, import_id: int, reason: str = "") -> ResponseReturnValue:
    """Record the act, commit it, ring for a worker, and show the batch."""
    note(action, import_id, reason)
    db.session.commit()
    current_app.extensions["bell"].take_in(import_id)
    return redirect(url_for("imports.show", import_id=import_id))


def too_late(import_id: int) -> ResponseReturnValue:
    db.session.rollback()
    flash(TOO_LATE, "error")
    return redirect(url_for("imports.show", import_id=import_id))


def note(action: str, import_id: int, reason: str = "") -> None:
    subject = f"import {import_id}"
    audit.record(db.session(), clock.now(), current_user, action, subject, reason=reason)
