"""The privacy desk for staff: what people ask for, by when, and each step towards the answer."""

from datetime import datetime, time

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock, desk
from mailer.accounts import disclosures, users
from mailer.accounts.models import AuditEntry
from mailer.audience import effects
from mailer.audience.turning import incoming
from mailer.audience.words import ConsentMethod
from mailer.db import db
from mailer.privacy import homes, objection, reasons, restriction, self_service
from mailer.privacy.authorities import ALL
from mailer.privacy.clocks import Regime
from mailer.privacy.requests import figures, notices, recipients, register, steps
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.register import Asked, Filter
from mailer.privacy.requests.steps import WrongState
from mailer.privacy.requests.words import NO_MAIL, TO_STAFF, Channel, Kind, Outcome, State, Way
from mailer.web import allowed, desk_steps, fields
from mailer.web.access import access
from mailer.web.evidence import evidence
from mailer.web.reader_pages import site
from mailer.web.wording_of_requests import (
    ABOUTS,
    CHANNELS,
    KINDS,
    OUTCOMES,
    PROOFS,
    REGIMES,
    STATES,
    WAYS,
    endings,
)

bp = Blueprint("desk", __name__, url_prefix="/requests")
allowed.register(bp)

SOON = 7  # days
DSAR = "privacy:dsar"


@bp.context_processor
def words() -> dict[str, object]:
    return {
        "kinds": KINDS,
        "regimes": REGIMES,
        "channels": CHANNELS,
        "states": STATES,
        "proofs": PROOFS,
        "ways": WAYS,
        "abouts": ABOUTS,
        "urgency": urgency,
        "by_each_law": by_each_law,
        "zone": desk.where().zone,
    }


@bp.route("/")
@access(DSAR)
def index() -> ResponseReturnValue:
    wanted, now = asked(), clock.now()
    found = register.page(db.session(), wanted)
    return render_template(
        "desk/index.html",
        rows=found,
        wanted=wanted,
        figures=figures.counted(db.session(), now),
        next=found[-1].id if len(found) == register.PAGE else 0,
        disclosures=disclosures.waiting_for(db.session(), now, current_user),
    )


@bp.route("/disclosures/<int:case_id>", methods=["POST"])
@access(DSAR)
def decide(case_id: int) -> ResponseReturnValue:
    """Say yes or no to a legal disclosure for which a colleague has named this one."""
    is_yes = request.form.get("answer") == "yes"
    session, now = db.session(), clock.now()
    if not disclosures.decide(session, now, current_user, case_id, is_yes=is_yes):
        abort(404)
    session.commit()
    flash("It is approved, for a day." if is_yes else "It is refused.", "success")
    return redirect(url_for("desk.index"))


def asked() -> Filter:
    """Return what is looked for; whatever makes no sense is left out."""
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    return Filter(
        kind=Kind(kind) if kind in set(Kind) else None,
        state=State(state) if state in set(State) else None,
        is_untold=bool(request.args.get("untold")),
        after=request.args.get("after", 0, type=fields.number),
    )


def urgency(one: Request) -> tuple[str, str]:
    """Return how much time is left, in words, and the tone in which to say it."""
    if not one.is_open:
        return "Done" if one.channel is Channel.own else STATES[one.state], "neutral"
    if one.paused_at is not None:
        return STATES[one.state], "info"
    now, until = clock.now(), one.confirm_until
    if until is not None and until < one.due_at and not one.is_overdue(now):
        words = (
            "Receipt not confirmed" if now > until else f"Confirm in {days(days_to(until, now))}"
        )
        return words, "bad" if now > until else "warn"
    return time_left(one, now)


def time_left(one: Request, now: datetime) -> tuple[str, str]:
    left = days_to(one.due_at, now)
    if one.is_overdue(now):
        return f"Overdue by {days(-left)}", "bad"
    return f"{days(left)} left" if left else "Due today", "warn" if left < SOON else "good"


def by_each_law(one: Request) -> str:
    """Say by when each law, and our own word, wants an answer; the earliest of them holds."""
    where = desk.where()
    named = {law: law.value for law in Regime} | {Regime.policy: "our own word"}
    return "; ".join(
        f"{named[law]}: {each.at.astimezone(where.zone):%d %B %Y}"
        for law, each in steps.deadlines(where, one).items()
    )


def days_to(at: datetime, now: datetime) -> int:
    zone = desk.where().zone
    return (at.astimezone(zone).date() - now.astimezone(zone).date()).days


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


@bp.route("/<int:request_id>")
@access(DSAR)
def show(request_id: int) -> ResponseReturnValue:
    return shown(db.get_or_404(Request, request_id), {})


def shown(one: Request, errors: dict[str, str]) -> str:
    session = db.session()
    about = AuditEntry.subject == register.subject(one.id)
    acts = session.scalars(sa.select(AuditEntry).where(about).order_by(AuditEntry.id.desc()))
    key = one.address_key
    reader = restriction.reader_of(session, key) if key is not None else None
    return render_template(
        "desk/show.html",
        one=one,
        acts=acts.all(),
        reader=reader,
        authority=ALL.get(one.home),
        endings=endings(one.kind) | {Outcome.moot: OUTCOMES[Outcome.moot]},
        told=notices.of(session, one),
        recipients=recipients.of(session, one),
        usual_way=Way.post if one.kind in NO_MAIL or not one.email else Way.mail,
        colleagues=[(user.email, user.email) for user in users.everyone(session) if user.active],
        errors=errors,
        values=request.form,
    )


@bp.route("/new", methods=["GET", "POST"])
@access(DSAR)
def new() -> ResponseReturnValue:
    """Enter what came by letter or phone; no more mail is granted at once."""
    reading, session, now = fields.Reading(request.form), db.session(), clock.now()
    if request.method != "POST":
        return form(reading)
    wanted = read(reading, now)
    if wanted is None or reading.errors:
        return form(reading), 422
    try:
        made = register.receive(session, now, desk.where(), wanted, current_user)
    except register.FromTheFuture:
        reading.errors["received_on"] = "That day has not come yet."
        return form(reading), 422
    if wanted.kind in NO_MAIL:
        proof = evidence(said(made), request.base_url, actor=current_user.email)
        if objection.stop_mail(session, now, wanted.address_key, ConsentMethod.staff, proof):
            took = (now - made.received_at).total_seconds()
            effects.note(session, now.date(), [(effects.Channel.desk, took)])
    session.commit()
    flash("It is entered, and its clock runs.", "success")
    return redirect(url_for("desk.show", request_id=made.id))


def said(made: Request) -> str:
    return f"{KINDS[made.kind]}, request {made.id}: {CHANNELS[made.channel]}"


def read(reading: fields.Reading, now: datetime) -> Asked | None:
    """Read what was asked; it counts from the beginning of the day on which it came."""
    address = reading.address("email", test_environment=site().development)
    wish = reading.text("wish", register.LONGEST_WISH, required=False, lines=True)
    agent = reading.text("agent", register.LONGEST_AGENT, required=False)
    kind, home = reading.choice("kind", Kind), reading.form.get("home", homes.ELSEWHERE)
    channel, at = reading.choice("channel", Channel), received(reading, now)
    named = reading.choice("regime", Regime) if reading.form.get("regime") else None
    if channel not in TO_STAFF:
        reading.errors["channel"] = "Choose one of these."
    if home not in homes.HOMES:
        reading.errors["home"] = "Choose one."
    if reading.errors:
        return None
    session = db.session()
    key = incoming.key(session, now, site().keys, address.normalised)
    reader = restriction.reader_of(session, key)
    there = self_service.established(session, reader)
    regime, also = homes.bound(named, there) if named else homes.laws(home, there)
    return Asked(kind, regime, channel, at, key, address.spelled, wish, home, agent, also)


def received(reading: fields.Reading, now: datetime) -> datetime:
    try:
        day = datetime.strptime(reading.form.get("received_on", ""), "%Y-%m-%d")  # noqa: DTZ007
    except ValueError:
        reading.errors["received_on"] = "Write the day as YYYY-MM-DD."
        return now
    return datetime.combine(day, time.min, desk.where().zone)


def form(reading: fields.Reading) -> str:
    today = clock.now().astimezone(desk.where().zone).date()
    return render_template(
        "desk/new.html",
        values=reading.form,
        errors=reading.errors,
        today=today,
        ways_in=[(one, CHANNELS[one]) for one in TO_STAFF],
        homes=homes.CHOICES,
        home=homes.likely(self_service.established(db.session())),
    )


@bp.route("/<int:request_id>/<step>", methods=["POST"])
@access(DSAR)
def take(request_id: int, step: str) -> ResponseReturnValue:
    """Take one step; what cannot be done is explained on the request's own page."""
    does, one = desk_steps.STEPS.get(step), steps.locked(db.session(), request_id)
    if does is None or one is None:
        abort(404)
    try:
        does(one)
    except (WrongState, reasons.BadReason) as error:
        db.session.rollback()
        again = db.get_or_404(Request, request_id)
        return shown(again, {step: str(error)}), 422
    db.session.commit()
    flash("Done. The audit log keeps it.", "success")
    return redirect(url_for("desk.show", request_id=request_id))
