"""Relays for staff: who carries the mail, who read their terms, and what came back through them."""

from datetime import date

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.compliance.readiness import Transfer
from mailer.compliance.rules.origin import REVIEW_DAYS, SEED_DAYS
from mailer.db import db
from mailer.delivery import relays, seeds
from mailer.delivery.relay_models import RegisteredRelay
from mailer.web import allowed, evidence, fields
from mailer.web.access import access
from mailer.web.postal_form import countries
from mailer.web.reader_pages import site
from mailer.web.wording import SEEDS, TRANSFERS

MOST_SEEDS = 10
OWN, PROCESSOR = "own", "processor"
FIELDS = (
    *("name", "host", "legal_entity", "country", "transfer", "transfer_checked_on"),
    *("contract", "contract_on", "review_days"),
)

bp = Blueprint("relays", __name__, url_prefix="/relays")
allowed.register(bp)


@bp.route("/")
@access("senders:get")
def index() -> ResponseReturnValue:
    session, host = db.session(), site().relay_host
    return render_template(
        "relays/index.html",
        rows=relays.index(session),
        host=host,
        in_use=relays.of_host(session, host),
        standing=seeds.standing(session, host),
        seeds=seeds.latest(session, host, MOST_SEEDS),
        seed_address=current_app.extensions["config"].seed_address,
        development=site().development,
        states=SEEDS,
        today=clock.now().date(),
        review_days=REVIEW_DAYS,
        seed_days=SEED_DAYS,
    )


@bp.route("/new", methods=["GET", "POST"])
@access("senders:manage")
def new() -> ResponseReturnValue:
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return form("relays/new.html", reading)
    details = read_details(reading)
    if reading.errors:
        return form("relays/new.html", reading), 422
    try:
        made = relays.register(db.session(), clock.now(), details)
    except relays.RelayKnown as error:
        reading.errors["host"] = str(error)
        return form("relays/new.html", reading), 422
    return done(made, "relays.register", "It is registered. Now read its terms and review it.")


@bp.route("/<int:relay_id>/edit", methods=["GET", "POST"])
@access("senders:manage")
def edit(relay_id: int) -> ResponseReturnValue:
    relay = db.get_or_404(RegisteredRelay, relay_id)
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return form("relays/edit.html", reading, relay)
    details = read_details(reading)
    if reading.errors:
        return form("relays/edit.html", reading, relay), 422
    try:
        relays.edit(db.session(), relay, details)
    except relays.RelayKnown as error:
        reading.errors["host"] = str(error)
        return form("relays/edit.html", reading, relay), 422
    return done(relay, "relays.edit", "The relay is saved.")


@bp.route("/<int:relay_id>/review", methods=["GET", "POST"])
@access("senders:manage")
def review(relay_id: int) -> ResponseReturnValue:
    """Say what a review is; note it once this person says that she has done it."""
    relay = db.get_or_404(RegisteredRelay, relay_id)
    error = ""
    if request.method == "POST":
        if request.form.get("reviewed") == "yes":
            relays.review(relay, current_user.email, clock.now())
            return done(relay, "relays.review", "Your review is noted.", reason=noted())
        error = "Tick the box once you have read the terms."
    page = render_template("relays/review.html", relay=relay, error=error, transfers=TRANSFERS)
    return (page, 422) if error else page


def noted() -> str:
    """Return the reviewer's remark, in one line."""
    return evidence.visible(request.form.get("note", ""))


def done(
    relay: RegisteredRelay, action: str, said: str, *, reason: str = ""
) -> ResponseReturnValue:
    audit.record(
        db.session(), clock.now(), current_user, action, f"relay {relay.id}", reason=reason
    )
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("relays.index"))


def read_details(reading: fields.Reading) -> relays.Details:
    country = reading.text("country", 2).upper()
    if country not in countries():
        reading.errors["country"] = "Choose a country."
    is_own = reading.form.get("role") == OWN
    if reading.form.get("role") not in (OWN, PROCESSOR):
        reading.errors["role"] = "Choose one of these."
    return relays.Details(
        name=reading.text("name", 100),
        host=reading.text("host", 253).lower(),
        legal_entity=reading.text("legal_entity", 200),
        country=country,
        is_own=is_own,
        transfer=reading.choice("transfer", Transfer),
        transfer_checked_on=day(reading, "transfer_checked_on"),
        contract=reading.text("contract", 500, required=not is_own),
        contract_on=day(reading, "contract_on"),
        review_days=interval(reading, REVIEW_DAYS),
    )


def day(reading: fields.Reading, name: str) -> date | None:
    """Return a day that is not still to come, or None if none was given."""
    text = reading.form.get(name, "").strip()
    if not text:
        return None
    try:
        given = date.fromisoformat(text)
    except ValueError:
        reading.errors[name] = "Write the day as YYYY-MM-DD."
        return None
    if given > clock.now().date():
        reading.errors[name] = "This day is still to come."
    return given


def interval(reading: fields.Reading, longest: int) -> int:
    """Return after how many days terms are read again."""
    text = reading.form.get("review_days", "").strip()
    if text.isdecimal() and 1 <= int(text) <= longest:
        return int(text)
    reading.errors["review_days"] = f"Give days, from 1 to {longest}."
    return longest


def form(template: str, reading: fields.Reading, relay: RegisteredRelay | None = None) -> str:
    """Show the record: as typed, else as it is, else as the settings suggest."""
    start = {
        "host": site().relay_host,
        "country": "US",
        "transfer": "none",
        "role": PROCESSOR,
        "review_days": REVIEW_DAYS,
    }
    kept = {name: getattr(relay, name) for name in FIELDS} if relay else {}
    if relay is not None:
        kept["role"] = OWN if relay.is_own else PROCESSOR
    return render_template(
        template,
        values={**start, **kept, **reading.form},
        errors=reading.errors,
        relay=relay,
        countries=sorted(countries().items(), key=lambda pair: pair[1]),
        transfers=TRANSFERS,
    )
