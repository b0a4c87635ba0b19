"""Refusals for staff: looked through, found by address, added, uploaded, and ended if our own."""

import io
from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience import addresses, effects, suppressions
from mailer.audience.effects import Channel
from mailer.audience.models import Suppression
from mailer.audience.suppressing import exchange, register, staff
from mailer.audience.suppressing.register import Search
from mailer.audience.suppressing.staff import Target
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope
from mailer.db import db
from mailer.web import allowed, fields, wording
from mailer.web.access import access
from mailer.web.reader_pages import site
from mailer.web.wording import ALSO_UPLOADED, REFUSED_FOR, SUPPRESSED_BY_STAFF

bp = Blueprint("suppressions", __name__, url_prefix="/suppressions")
allowed.register(bp)

LONGEST_NOTE = 300
SHOWN_LINES = 20
SHORT = 90  # s
# Of which the page tells how soon opt-outs held.
LATELY = timedelta(days=30)
CHANNELS = {
    Channel.one_click: "One click in the mail program",
    Channel.page: "The page behind the link",
    Channel.letter: "A letter by mail",
    Channel.complaint: "A complaint to the mailbox provider",
    Channel.your_data: "The page Your data",
    Channel.desk: "A letter or a call, entered by hand",
}


@bp.route("/")
@access("subscribers:get")
def index() -> ResponseReturnValue:
    search = asked()
    page = register.page(db.session(), search)
    since = clock.now().date() - LATELY
    soon = effects.known(db.session(), since)
    return shown(page.rows, search=search, next=page.next, soon=soon, channels=CHANNELS, took=took)


def took(seconds: float) -> str:
    """Return a time in words, exact while it is short."""
    if seconds < SHORT:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.0f} s"
    return wording.duration(timedelta(seconds=seconds))


def asked() -> Search:
    """Return what is searched for; whatever makes no sense is left out."""
    scope, reason = request.args.get("scope", ""), request.args.get("reason", "")
    return Search(
        scope=Scope(scope) if scope in set(Scope) else None,
        reason=reason if reason in REFUSED_FOR else "",
        before=request.args.get("before", 0, type=fields.number),
    )


@bp.route("/search", methods=["POST"])
@access("subscribers:get", reads=True)
def search() -> ResponseReturnValue:
    """Find by address: a POST, so that the address stands in no log, history or database."""
    reading = fields.Reading(request.form)
    about = target(reading)
    if about is None:
        return shown((), errors=reading.errors), 422
    return shown(register.about(db.session(), about), is_answer=True)


def target(reading: fields.Reading) -> Target | None:
    try:
        text = reading.form.get("target", "")
        return staff.target(site().keys, text, test_environment=site().development)
    except addresses.BadAddress as error:
        reading.errors["target"] = str(error)
        return None


def shown(rows: object, **further: object) -> str:
    return render_template(
        "suppressions/index.html", rows=rows, reasons=REFUSED_FOR, scopes=list(Scope), **further
    )


@bp.route("/new", methods=["GET", "POST"])
@access("subscribers:manage")
def new() -> ResponseReturnValue:
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return form("suppressions/new.html", reading)
    about, session, now = target(reading), db.session(), clock.now()
    is_domain = about is not None and about.is_domain
    refusal = read_refusal(reading, Scope.domain if is_domain else Scope.everything)
    if about is None or reading.errors:
        return form("suppressions/new.html", reading), 422
    try:
        made = staff.suppress(session, now, site().keys, about, refusal)
    except staff.BadOrder as error:
        reading.errors["reason"] = str(error)
        return form("suppressions/new.html", reading), 422
    if made is not None:
        note_act("suppressions.add", f"suppression {made}", refusal.reason)
    session.commit()
    flash(
        "It is suppressed, from this moment on." if made else "It was suppressed before.", "success"
    )
    return redirect(url_for("suppressions.index"))


def read_refusal(reading: fields.Reading, scope: Scope) -> Refusal:
    return Refusal(
        scope,
        reason=reading.form.get("reason", ""),
        note=reading.text("note", LONGEST_NOTE, required=False),
        actor=current_user.email,
        ends_at=ending(reading),
    )


def ending(reading: fields.Reading) -> datetime | None:
    """Return the end of the last day (UTC), or None where no end is given."""
    text = reading.form.get("last_day", "").strip()
    if not text:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time.max, tzinfo=UTC)
    except ValueError:
        reading.errors["last_day"] = "Write the day as YYYY-MM-DD."
        return None


@bp.route("/upload", methods=["GET", "POST"])
@access("subscribers:manage")
def upload() -> ResponseReturnValue:
    """Take a CSV file of addresses that must get no mail."""
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return form("suppressions/upload.html", reading)
    refusal, file = read_refusal(reading, Scope.everything), request.files.get("file")
    if refusal.reason not in ALSO_UPLOADED:
        reading.errors["reason"] = "Choose one of the reasons."
    if not file:
        reading.errors["file"] = "Choose a file."
    if file is None or reading.errors:
        return form("suppressions/upload.html", reading), 422
    text = io.TextIOWrapper(file.stream, encoding="utf-8-sig", errors="replace", newline="")
    db.session.rollback()
    listed = exchange.read(text, test_environment=site().development)
    new = exchange.take_in(db.session(), clock.now(), site().keys, listed.found, refusal)
    note_act("suppressions.upload", "suppressions", f"{refusal.reason}: {len(listed.found)} found")
    db.session.commit()
    flash(f"{new:,} newly suppressed, {len(listed.found) - new:,} were before.", "success")
    if listed.unusable:
        lines = ", ".join(map(str, listed.unusable[:SHOWN_LINES]))
        flash(f"{len(listed.unusable):,} lines hold no address, such as: {lines}.", "warning")
    return redirect(url_for("suppressions.index"))


def form(template: str, reading: fields.Reading) -> str:
    return render_template(
        template,
        values=reading.form,
        errors=reading.errors,
        reasons=SUPPRESSED_BY_STAFF,
        uploaded=list(ALSO_UPLOADED.items()),
    )


@bp.route("/<int:suppression_id>/end", methods=["GET", "POST"])
@access("suppressions:end")
def end(suppression_id: int) -> ResponseReturnValue:
    """Ask, then lift what was our own decision; the audit log keeps the reason."""
    held = db.get_or_404(Suppression, suppression_id)
    reading = fields.Reading(request.form)
    why = reading.text("why", LONGEST_NOTE) if request.method == "POST" else ""
    if request.method != "POST" or reading.errors:
        page = render_template(
            "suppressions/end.html",
            held=held,
            reasons=REFUSED_FOR,
            is_ours=held.reason in suppressions.OURS,
            errors=reading.errors,
        )
        return (page, 422) if reading.errors else page
    try:
        ended = staff.end(db.session(), clock.now(), suppression_id)
    except staff.NotOurs as error:
        flash(str(error), "error")
        return redirect(url_for("suppressions.index"))
    if ended is not None:
        note_act("suppressions.end", f"suppression {suppression_id}", why)
        db.session.commit()
        flash("It is ended. Whatever else stands against the address goes on.", "success")
    return redirect(url_for("suppressions.index"))


def note_act(action: str, subject: str, reason: str) -> None:
    audit.record(db.session(), clock.now(), current_user, action, subject, reason=reason)
