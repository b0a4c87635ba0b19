"""One act on all readers that a search finds: shown, counted, asked back, and then done."""

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience import bulk as bulk_acts
from mailer.audience import lists
from mailer.audience.bulk import Order
from mailer.audience.bulk_models import BulkAct, Deed
from mailer.audience.models import MailingList
from mailer.audience.segments import fields as kept
from mailer.audience.segments.models import Field
from mailer.db import db
from mailer.privacy import reasons
from mailer.web import fields
from mailer.web.access import access
from mailer.web.subscribers import LONGEST_NOTE, arguments, asked, bp

CONFLICT, UNPROCESSABLE = 409, 422
WORDS = {
    Deed.unsubscribe: (
        "Unsubscribe them from a list",
        "As if each had asked. No colleague can undo it.",
    ),
    Deed.suppress: (
        "Suppress them",
        "They get no mail from here at all. No colleague can undo it.",
    ),
    Deed.disable: ("Disable them", "They get no mail until they are enabled again."),
    Deed.enable: ("Enable them", "Those who were disabled. Who has left stays away."),
    Deed.set_field: ("Set a field", "The same value for each; empty takes it out."),
}


@bp.route("/bulk", methods=["GET", "POST"])
@access("subscribers:manage")
def bulk() -> ResponseReturnValue:
    """Ask what is to be done and for the number of readers; then do it to exactly these."""
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return asking(reading)
    order = read(reading)
    if reading.errors:
        return asking(reading), UNPROCESSABLE
    session, now = db.session(), clock.now()
    try:
        act = bulk_acts.begin(session, now, asked(), request.form.get("mark", ""), order)
    except bulk_acts.SetChanged as error:
        db.session.rollback()
        return asking(reading, str(error)), CONFLICT
    reason = f"{order.deed.value}, {act.people} readers: {order.note}"
    audit.record(
        session, now, current_user, "subscribers.bulk", f"bulk act {act.id}", reason=reason
    )
    session.commit()
    return begun(act.id)


def begun(act_id: int) -> ResponseReturnValue:
    """Do the first portion at once, and leave the others to whoever sends."""
    if bulk_acts.portion(db.session(), clock.now(), act_id):
        db.session.commit()
        current_app.extensions["bell"].bulk(act_id)
    db.session.commit()
    return redirect(url_for("subscribers.bulk_progress", act_id=act_id))


@bp.route("/bulk/<int:act_id>")
@access("subscribers:get")
def bulk_progress(act_id: int) -> ResponseReturnValue:
    act = db.get_or_404(BulkAct, act_id)
    return render_template("subscribers/bulk_progress.html", act=act, title=WORDS[act.deed][0])


def read(reading: fields.Reading) -> Order:
    """Read what is to be done, and whether the number was typed."""
    deed = reading.choice("deed", Deed)
    note = why(reading)
    shown = request.form.get("mark", "").partition("-")[0]
    if request.form.get("confirmation", "").strip().replace(",", "") != shown:
        reading.errors["confirmation"] = "This is not the number of readers."
    if deed is Deed.unsubscribe:
        chosen = db.session.get(MailingList, request.form.get("list_id", 0, type=fields.number))
        if chosen is None:
            reading.errors["list_id"] = "Choose the list that they leave."
        return Order(deed, note, current_user.email, list_id=chosen.id if chosen else 0)
    if deed is Deed.set_field:
        key, value = field_and_value(reading)
        return Order(deed, note, current_user.email, key=key, value=value)
    return Order(deed, note, current_user.email)


def why(reading: fields.Reading) -> str:
    """Return the reason; it stays when somebody among the readers is erased, so it names nobody."""
    note = reading.text("note", LONGEST_NOTE)
    try:
        return reasons.reason(note) if note else ""
    except reasons.BadReason as error:
        reading.errors["note"] = str(error)
        return ""


def field_and_value(reading: fields.Reading) -> tuple[str, Any]:
    field = db.session.get(Field, request.form.get("field_id", 0, type=fields.number))
    if field is None:
        reading.errors["field_id"] = "Choose the field that is written."
        return "", None
    try:
        return field.key, kept.typed(field, request.form.get("value", ""))
    except kept.BadValue as error:
        reading.errors["value"] = str(error)
        return field.key, None


def asking(reading: fields.Reading, trouble: str = "") -> str:
    session, search = db.session(), asked()
    return render_template(
        "subscribers/bulk.html",
        mark=bulk_acts.mark(session, search),
        trouble=trouble,
        args=arguments(search),
        deeds=[(deed.value, *WORDS[deed]) for deed in Deed],
        lists=lists.index(session),
        known=kept.index(session),
        values=reading.form,
        errors=reading.errors,
    )
