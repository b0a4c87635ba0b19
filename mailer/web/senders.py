"""Senders for staff: the identity and postal address that the law wants in every mail."""

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.compliance import gate
from mailer.compliance.candidate import AddressKind
from mailer.db import db
from mailer.web import allowed, fields, packing, postal_form, verdicts
from mailer.web.access import access
from mailer.web.reader_pages import site

bp = Blueprint("senders", __name__, url_prefix="/senders")
allowed.register(bp)

FIELDS = (
    *senders.POSTAL,
    *("from_name", "from_address", "reply_to", "ad_label", "other_names", "phone", "website"),
)
PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,38}[0-9]")
WEBSITE = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[\w-]{2,}(?:/[^\s<>\"]*)?")
POSTAL_FORM = ("address_lines", "city", "region", "postcode", "country")
OTHER_COUNTRY = "country"  # the button that only shows the fields anew


@bp.route("/")
@access("senders:get")
def index() -> ResponseReturnValue:
    rows = [(sender, judged(sender)) for sender in senders.index(db.session())]
    return render_template("senders/index.html", rows=rows, postal_line=senders.postal_line)


@bp.route("/new", methods=["GET", "POST"])
@access("senders:manage")
def new() -> ResponseReturnValue:
    reading = fields.Reading(request.form)
    if request.method != "POST" or request.form.get("step") == OTHER_COUNTRY:
        return form("senders/new.html", reading)
    details = read_details(reading)
    if reading.errors:
        return form("senders/new.html", reading), 422
    try:
        made = senders.create(db.session(), clock.now(), details)
    except senders.SenderKnown as error:
        reading.errors["legal_name"] = str(error)
        return form("senders/new.html", reading), 422
    return done(made, "senders.create")


@bp.route("/<int:sender_id>/edit", methods=["GET", "POST"])
@access("senders:manage")
def edit(sender_id: int) -> ResponseReturnValue:
    sender = db.get_or_404(Sender, sender_id)
    reading = fields.Reading(request.form)
    if request.method != "POST" or request.form.get("step") == OTHER_COUNTRY:
        return form("senders/edit.html", reading, sender)
    details = read_details(reading)
    if reading.errors:
        return form("senders/edit.html", reading, sender), 422
    try:
        senders.edit(db.session(), sender, details)
    except senders.SenderKnown as error:
        reading.errors["legal_name"] = str(error)
        return form("senders/edit.html", reading, sender), 422
    return done(sender, "senders.edit")


def done(sender: Sender, action: str) -> ResponseReturnValue:
    """Attest if the box was ticked, record the act, commit it, and show what the gate thinks."""
    session, now, subject = db.session(), clock.now(), f"sender {sender.id}"
    audit.record(session, now, current_user, action, subject)
    kept = packing.keep(sender)
    if kept:
        audit.record(session, now, current_user, "senders.packs", subject, reason=kept)
    if request.form.get("attest") == "yes":
        senders.attest(sender, current_user.email, now)
        audit.record(session, now, current_user, "senders.attest", subject)
    session.commit()
    flash("The sender is saved.", "success")
    return redirect(url_for("senders.show", sender_id=sender.id))


def read_details(reading: fields.Reading) -> senders.Details:
    development = site().development
    country = reading.text("country", 2).upper()
    is_known = country in postal_form.countries()
    if not is_known:
        reading.errors["country"] = "Choose a country."
    details = senders.Details(
        legal_name=reading.text("legal_name", 200),
        from_name=reading.text("from_name", 100),
        from_address=reading.address("from_address", test_environment=development).spelled,
        reply_to=reading.address("reply_to", test_environment=development).spelled,
        address_lines=reading.text("address_lines", 300, lines=True),
        city=reading.text("city", 100, required=False),
        region=reading.text("region", 100, required=False),
        postcode=reading.text("postcode", 20, required=False),
        country=country,
        address_kind=reading.choice("address_kind", AddressKind),
        ad_label=reading.text("ad_label", 100, required=False),
        other_names=reading.text("other_names", 500, required=False, lines=True),
        phone=reading.text("phone", 40, required=False),
        website=reading.text("website", 200, required=False),
    )
    if is_known:
        complain(reading, postal_form.complaints({n: getattr(details, n) for n in POSTAL_FORM}))
    complain(reading, contact_complaints(details))
    return details


def complain(reading: fields.Reading, complaints: dict[str, str]) -> None:
    """Add complaints to a form; what was found before is nearer to what was typed."""
    reading.errors.update({**complaints, **reading.errors})


def contact_complaints(details: senders.Details) -> dict[str, str]:
    found = {}
    if details.phone and not PHONE.fullmatch(details.phone):
        found["phone"] = "Write a telephone number in digits, such as +1 217 555 0142."
    if details.website and not WEBSITE.fullmatch(details.website):
        found["website"] = "Write a web address, such as https://www.example.com."
    return found


def form(template: str, reading: fields.Reading, sender: Sender | None = None) -> str:
    """Show the settings: as typed, else as they are."""
    kept = {name: getattr(sender, name) for name in FIELDS} if sender else {}
    values = {"country": "US", "address_kind": "street", **kept, **reading.form}
    return render_template(
        template,
        values=values,
        words=postal_form.labels(str(values["country"]), str(values.get("region", ""))),
        errors=reading.errors,
        sender=sender,
        packs=packing.rows(sender),
        countries=sorted(postal_form.countries().items(), key=lambda pair: pair[1]),
    )


def judged(sender: Sender) -> list[dict[str, object]]:
    """Return what the gate would say of this sender's record today, as pages show it."""
    found = gate.judge_sender(senders.record(sender), clock.now().date())
    return [verdicts.one(finding) for finding in found]
