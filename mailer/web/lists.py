"""Mailing lists for staff: who is on them, how to join them, and their settings."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience import consent, expiry, lists, readers, senders
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Sender
from mailer.audience.segments import fields as kept_fields
from mailer.audience.wishes import topics
from mailer.audience.words import ListStatus, ListType, Optin
from mailer.db import db
from mailer.delivery import list_names
from mailer.web import allowed, attributes, fields, scoping
from mailer.web.access import access
from mailer.web.evidence import evidence
from mailer.web.postal_form import countries
from mailer.web.reader_pages import TRAP, site

bp = Blueprint("lists", __name__, url_prefix="/lists")
allowed.register(bp)

LONGEST_BASIS = 300
OLDEST = 99
MOST_ASKED = 10
ADDED = {
    readers.Added.confirmed: "{} is on the list.",
    readers.Added.asked: "{} gets a mail with a link to confirm, and is on the list after that.",
    readers.Added.already_asked: "{} was asked to confirm lately and gets no second mail so soon.",
}


@bp.route("/")
@access("lists:get")
def index() -> ResponseReturnValue:
    session = db.session()
    return render_template(
        "lists/index.html",
        lists=[one for one in lists.index(session) if scoping.seen(one.id)],
        counts=lists.counts(session),
        nobody=lists.no_one(),
        has_sender=bool(senders.index(session)),
    )


@bp.route("/new", methods=["GET", "POST"])
@access("lists:manage")
def new() -> ResponseReturnValue:
    session = db.session()
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return form("lists/new.html", reading)
    sender = session.get(Sender, request.form.get("sender_id", 0, type=fields.number))
    if sender is None:
        reading.errors["sender_id"] = "Choose who sends to this list."
    details, named = read_details(reading), read_topics(reading)
    if sender is None or reading.errors:
        return form("lists/new.html", reading), 422
    try:
        list_names.demand_good(session, site(), sender, details.name, clock.now())
        made = lists.create(session, clock.now(), sender.id, details)
        topics.keep(session, made.id, named)
    except (list_names.BadName, lists.NameTaken) as error:
        return form("lists/new.html", unusable(reading, error)), 422
    return done(made, "lists.create", f"“{made.name}” is ready for its first readers.")


@bp.route("/<int:list_id>")
@access("lists:get")
def show(list_id: int) -> ResponseReturnValue:
    return shown(db.get_or_404(MailingList, list_id), fields.Reading({}))


@bp.route("/<int:list_id>/edit", methods=["GET", "POST"])
@access("lists:manage")
def edit(list_id: int) -> ResponseReturnValue:
    mailing_list = db.get_or_404(MailingList, list_id)
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return form("lists/edit.html", reading, mailing_list)
    details, named = read_details(reading), read_topics(reading)
    if reading.errors:
        return form("lists/edit.html", reading, mailing_list), 422
    try:
        if details.name != mailing_list.name:
            sender = mailing_list.sender
            list_names.demand_good(db.session(), site(), sender, details.name, clock.now())
        lists.edit(db.session(), mailing_list, details)
        topics.keep(db.session(), mailing_list.id, named)
    except (list_names.BadName, lists.NameTaken) as error:
        return form("lists/edit.html", unusable(reading, error), mailing_list), 422
    return done(mailing_list, "lists.edit", "The list is saved.")


@bp.route("/<int:list_id>/archive", methods=["POST"])
@access("lists:manage")
def archive(list_id: int) -> ResponseReturnValue:
    return steered(list_id, ListStatus.archived, "lists.archive", "The list is archived.")


@bp.route("/<int:list_id>/reopen", methods=["POST"])
@access("lists:manage")
def reopen(list_id: int) -> ResponseReturnValue:
    return steered(list_id, ListStatus.active, "lists.reopen", "The list is in use again.")


@bp.route("/<int:list_id>/readers", methods=["POST"])
@access("subscribers:manage")
def add_reader(list_id: int) -> ResponseReturnValue:
    """Put a person on a list on a colleague's word, with the basis of that word."""
    mailing_list = db.get_or_404(MailingList, list_id)
    reading = fields.Reading(request.form)
    address = reading.address("email", test_environment=site().development)
    person = Person(address, reading.person_name("name"))
    basis = reading.text("basis", LONGEST_BASIS)
    if mailing_list.status is ListStatus.archived:
        reading.errors["email"] = "This list is archived and takes no readers."
    if reading.errors:
        return shown(mailing_list, reading), 422
    try:
        return added(mailing_list, person, basis)
    except (readers.Unwilling, readers.AlreadyThere) as error:
        db.session.rollback()
        reading.errors["email"] = str(error)
        return shown(mailing_list, reading), 422


def added(mailing_list: MailingList, person: Person, basis: str) -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    proof = evidence(basis, request.base_url, actor=current_user.email)
    subscription, outcome = readers.add(session, now, site().keys, mailing_list, person, proof)
    subject = f"subscriber {subscription.subscriber_id}, list {mailing_list.id}"
    audit.record(session, now, current_user, "subscribers.add", subject)
    subscription_id = subscription.id
    session.commit()
    if outcome is readers.Added.asked:
        current_app.extensions["bell"].confirm(subscription_id)
    flash(ADDED[outcome].format(person.address.spelled), "success")
    return redirect(url_for("lists.show", list_id=mailing_list.id))


def steered(list_id: int, status: ListStatus, action: str, words: str) -> ResponseReturnValue:
    mailing_list = db.get_or_404(MailingList, list_id)
    if lists.set_status(mailing_list, status, clock.now()):
        return done(mailing_list, action, words)
    return redirect(url_for("lists.show", list_id=list_id))


def done(mailing_list: MailingList, action: str, words: str) -> ResponseReturnValue:
    """Record the act, commit it and say so."""
    subject = f"list {mailing_list.id}"
    audit.record(db.session(), clock.now(), current_user, action, subject)
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("lists.show", list_id=mailing_list.id))


def unusable(reading: fields.Reading, error: Exception) -> fields.Reading:
    reading.errors["name"] = str(error)
    return reading


def read_details(reading: fields.Reading) -> lists.Details:
    return lists.Details(
        name=reading.text("name", 200),
        description=reading.text("description", 1000, required=False, lines=True),
        optin=reading.choice("optin", Optin),
        type=reading.choice("type", ListType),
        least_age=read_age(reading),
        consent_months=read_months(reading),
        asked_fields=read_asked(reading),
        countries=read_countries(reading),
    )


def read_topics(reading: fields.Reading) -> list[str]:
    """Return the topics, one a line; a name that is too long is an error."""
    longest = topics.MOST * (topics.LONGEST_NAME + 2)
    text = reading.text("topics", longest, required=False, lines=True)
    named = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(named) > topics.MOST or any(len(one) > topics.LONGEST_NAME for one in named):
        reading.errors["topics"] = "At most 20 topics, of at most 100 characters each."
    return named


def read_asked(reading: fields.Reading) -> tuple[str, ...]:
    """Return the fields that the form of the list asks for, by their keys."""
    ticked = request.form.getlist("asked_fields")
    found = tuple(one.key for one in kept_fields.hers(db.session()) if one.key in ticked)
    if len(found) > MOST_ASKED:
        reading.errors["asked_fields"] = f"A form asks for {MOST_ASKED} of them at most."
    return found


def read_countries(reading: fields.Reading) -> tuple[str, ...]:
    """Return the countries that the list addresses, each by its two letters."""
    text = reading.text("countries", 800, required=False).upper()
    found = tuple(dict.fromkeys(text.replace(",", " ").split()))
    unknown = [code for code in found if code not in countries()]
    if unknown:
        reading.errors["countries"] = f"No country has the code {unknown[0]}. Write such as: DE AT."
    return found


def read_age(reading: fields.Reading) -> int:
    text = reading.form.get("least_age", "").strip() or "0"
    if text.isdecimal() and int(text) <= OLDEST:
        return int(text)
    reading.errors["least_age"] = "Give an age in years, or leave it empty."
    return 0


def read_months(reading: fields.Reading) -> int | None:
    text = reading.form.get("consent_months", "").strip()
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= expiry.LONGEST:
        reading.errors["consent_months"] = f"Give months, from 1 to {expiry.LONGEST}, or nothing."
        return None
    return int(text)


def form(template: str, reading: fields.Reading, mailing_list: MailingList | None = None) -> str:
    """Show the settings: as typed, else as they are, else as they are for a new list."""
    names = ("name", "description", "optin", "type", "least_age", "consent_months", "countries")
    kept = {name: getattr(mailing_list, name) for name in names} if mailing_list else {}
    if mailing_list:
        known = topics.of_lists(db.session(), [mailing_list.id])
        kept["topics"] = "\n".join(one.name for one in known)
    ticked = request.form.getlist("asked_fields") if request.method == "POST" else None
    asked = mailing_list.asked_fields.split() if mailing_list else []
    values = {"optin": Optin.double, "type": ListType.public, **kept, **reading.form}
    values["asked_fields"] = asked if ticked is None else ticked
    return render_template(
        template,
        values=values,
        errors=reading.errors,
        mailing_list=mailing_list,
        senders=senders.index(db.session()),
        hers=kept_fields.hers(db.session()),
    )


def shown(mailing_list: MailingList, reading: fields.Reading) -> str:
    sign_up_url = site().sign_up(mailing_list.public_id)
    embed = render_template(
        "lists/embed.html",
        sign_up_url=sign_up_url,
        wording=consent.wording(mailing_list),
        age_statement=lists.age_statement(mailing_list),
        trap=TRAP,
        mailing_list=mailing_list,
        all=attributes.inputs(kept_fields.asked(db.session(), [mailing_list]), {}, {}),
    )
    counted = lists.counts(db.session(), mailing_list.id)
    return render_template(
        "lists/show.html",
        mailing_list=mailing_list,
        counts=counted.get(mailing_list.id, lists.no_one()),
        sign_up_url=sign_up_url,
        embed=embed.strip(),
        has_export="privacy.export_list" in current_app.view_functions,
        is_open=lists.open_to_all(db.session(), mailing_list.public_id) is not None,
        hindrances=list_names.hindrances(
            db.session(), site(), mailing_list.sender, mailing_list.name, clock.now()
        ),
        values=reading.form,
        errors=reading.errors,
    )
