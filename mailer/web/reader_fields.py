"""The fields that are kept about readers: all of them, and a new one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience.segments import fields as kept
from mailer.audience.segments.models import Field, FieldKind
from mailer.db import db
from mailer.privacy import reasons
from mailer.web import allowed, fields
from mailer.web.access import access

bp = Blueprint("fields", __name__, url_prefix="/fields")
allowed.register(bp)

UNPROCESSABLE = 422
LONGEST_CHOICES = 2000


@bp.route("/")
@access("subscribers:get")
def index() -> ResponseReturnValue:
    return shown(fields.Reading({}))


@bp.route("/", methods=["POST"])
@access("subscribers:manage")
def create() -> ResponseReturnValue:
    reading = fields.Reading(request.form)
    typed = reading.text("choices", LONGEST_CHOICES, required=False, lines=True)
    details = kept.Details(
        key=reading.text("key", 50),
        label=reading.text("label", 100),
        kind=reading.choice("kind", FieldKind),
        choices=tuple(dict.fromkeys(filter(None, map(str.strip, typed.splitlines())))),
        is_hers=request.form.get("is_hers") == "yes",
        exception=read_exception(reading),
    )
    if reading.errors:
        return shown(reading), UNPROCESSABLE
    try:
        number = kept.create(db.session(), clock.now(), details)
    except kept.BadField as error:
        reading.errors[error.where] = str(error)
        return shown(reading), UNPROCESSABLE
    why = db.session.get_one(Field, number).exception
    act = "fields.except" if why else "fields.create"
    audit.record(db.session(), clock.now(), current_user, act, f"field {number}", reason=why)
    db.session.commit()
    flash(f"“{details.label}” is kept about readers from now on.", "success")
    return redirect(url_for("fields.index"))


def read_exception(reading: fields.Reading) -> str:
    """Return why an owner allows a field that looks sensitive; nobody else's word counts."""
    text = request.form.get("exception", "")
    if not text.strip() or not allowed.may("owners:manage"):
        return ""
    try:
        return reasons.reason(text)
    except reasons.BadReason as error:
        reading.errors["exception"] = str(error)
        return ""


def shown(reading: fields.Reading) -> str:
    return render_template(
        "fields/index.html",
        known=kept.index(db.session()),
        kinds=[(kind.value, kind.value) for kind in FieldKind],
        values=reading.form,
        errors=reading.errors,
    )
