"""Processors for staff: who gets readers' data, on what terms, and who read them last."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock, desk
from mailer.accounts import audit
from mailer.compliance.readiness import Transfer
from mailer.compliance.rules.origin import REVIEW_DAYS
from mailer.db import db
from mailer.delivery.processors import register
from mailer.delivery.processors.models import Role, Service
from mailer.web import allowed, fields
from mailer.web.access import access
from mailer.web.postal_form import countries
from mailer.web.reader_pages import site
from mailer.web.relays import day, interval, noted
from mailer.web.wording import ROLES, TRANSFERS

FIELDS = tuple(register.Details.__dataclass_fields__)

bp = Blueprint("processors", __name__, url_prefix="/processors")
allowed.register(bp)


@bp.route("/")
@access("senders:get")
def index() -> ResponseReturnValue:
    session = db.session()
    return render_template(
        "processors/index.html",
        rows=register.entries(session, desk.settings().relays),
        ended=[one for one in register.index(session) if one.ended_on],
        development=site().development,
        roles=ROLES,
        transfers=TRANSFERS,
        today=clock.now().date(),
    )


@bp.route("/new", methods=["GET", "POST"])
@access("senders:manage")
def new() -> ResponseReturnValue:
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return form("processors/new.html", reading)
    details = read_details(reading)
    if reading.errors:
        return form("processors/new.html", reading), 422
    try:
        made = register.enter(db.session(), clock.now(), details)
    except register.NameTaken as error:
        reading.errors["name"] = str(error)
        return form("processors/new.html", reading), 422
    return done(made, "processors.enter", "It is registered. Now read its terms and review it.")


@bp.route("/<int:service_id>/edit", methods=["GET", "POST"])
@access("senders:manage")
def edit(service_id: int) -> ResponseReturnValue:
    service = db.get_or_404(Service, service_id)
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return form("processors/edit.html", reading, service)
    details = read_details(reading)
    if reading.errors:
        return form("processors/edit.html", reading, service), 422
    try:
        register.edit(db.session(), service, details)
    except register.NameTaken as error:
        reading.errors["name"] = str(error)
        return form("processors/edit.html", reading, service), 422
    return done(service, "processors.edit", "The record is saved.")


@bp.route("/<int:service_id>/review", methods=["GET", "POST"])
@access("senders:manage")
def review(service_id: int) -> ResponseReturnValue:
    """Say what a review is; note it once this person says that she has done it."""
    service, error = db.get_or_404(Service, service_id), ""
    if request.method == "POST":
        if request.form.get("reviewed") == "yes":
            register.review(service, current_user.email, clock.now())
            return done(service, "processors.review", "Your review is noted.", reason=noted())
        error = "Tick the box once you have read the terms."
    page = render_template(
        "processors/review.html", service=service, error=error, roles=ROLES, transfers=TRANSFERS
    )
    return (page, 422) if error else page


@bp.route("/<int:service_id>/end", methods=["POST"])
@access("senders:manage")
def end(service_id: int) -> ResponseReturnValue:
    service = db.get_or_404(Service, service_id)
    register.end(service, clock.now())
    return done(service, "processors.end", f"Nothing is handed to {service.name} any more.")


def done(service: Service, action: str, said: str, *, reason: str = "") -> ResponseReturnValue:
    subject = f"processor {service.id}"
    audit.record(db.session(), clock.now(), current_user, action, subject, reason=reason)
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("processors.index"))


def read_details(reading: fields.Reading) -> register.Details:
    country = reading.text("country", 2).upper()
    if country not in countries():
        reading.errors["country"] = "Choose a country."
    role = reading.choice("role", Role)
    return register.Details(
        name=reading.text("name", 100),
        role=role,
        services=reading.text("services", 300),
        legal_entity=reading.text("legal_entity", 200),
        country=country,
        transfer=reading.choice("transfer", Transfer),
        transfer_checked_on=day(reading, "transfer_checked_on"),
        contract=reading.text("contract", 500, required=role is not Role.controller),
        contract_on=day(reading, "contract_on"),
        review_days=interval(reading, register.LONGEST_REVIEW),
    )


def form(template: str, reading: fields.Reading, service: Service | None = None) -> str:
    """Show the record: as typed, else as it is, else as it is for a new one."""
    start = {"country": "US", "transfer": "none", "role": "processor", "review_days": REVIEW_DAYS}
    kept = {name: getattr(service, name) for name in FIELDS} if service else {}
    return render_template(
        template,
        values={**start, **kept, **reading.form},
        errors=reading.errors,
        service=service,
        countries=sorted(countries().items(), key=lambda pair: pair[1]),
        transfers=TRANSFERS,
        roles=ROLES,
    )
