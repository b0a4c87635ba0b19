"""A reader's own page: her lists, topics and wishes, and the way to it for who lost the link."""

from datetime import UTC, datetime, timedelta

from flask import abort, request
from flask.typing import ResponseReturnValue

from mailer import clock, tokens
from mailer.audience import enrolment
from mailer.audience import preferences as choosing
from mailer.audience.enrolment import Person
from mailer.audience.joining import tickets
from mailer.audience.joining.tickets import Sent, Verdict
from mailer.audience.models import Subscriber
from mailer.audience.preferences import Changes, Pause, Wanted
from mailer.audience.segments import fields as kept
from mailer.audience.wishes import profiles, topics
from mailer.db import db
from mailer.tokens import ExpiredToken, Purpose
from mailer.web import attributes, fields
from mailer.web.access import PUBLIC, access
from mailer.web.evidence import evidence
from mailer.web.joining import asked_again, drop, judged, per_visitor
from mailer.web.public import bp
from mailer.web.reader_pages import masked, shown, site

EVERYTHING = "everything"
TOMORROW = timedelta(days=1)


@bp.route("/preferences", methods=["GET", "POST"])
@per_visitor
@access(PUBLIC)
def ask_for_link() -> ResponseReturnValue:
    """Send the link to her page to whoever lost it; the answer is the same for everybody."""
    if request.method != "POST":
        ticket = tickets.issue(site().keys, clock.now())
        return shown("public/ask_for_link.html", None, **asked_again(ticket))
    reading = fields.Reading(request.form)
    address = reading.address("email", test_environment=site().development)
    sent = Sent(request.form.get("ticket", ""), request.form.get("altcha", ""))
    if reading.errors:
        again = asked_again(sent.ticket, errors=reading.errors)
        return shown("public/ask_for_link.html", None, **again), 422
    verdict, more = judged(Person(address), sent)
    if verdict is not Verdict.good:
        again = asked_again(verdict=verdict, **more)
        return shown("public/ask_for_link.html", None, **again)
    drop([None], Person(address), site().ask_for_link())
    return shown("public/link_on_its_way.html", None)


@bp.route("/p/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def preferences(token: str) -> ResponseReturnValue:
    subscriber = owner(token)
    if subscriber is None:
        return run_out()
    reading = fields.Reading(request.form)
    changes = change_preferences(subscriber, reading) if request.method == "POST" else None
    page = her_page(subscriber, token=token, changes=changes, errors=reading.errors)
    return (page, 422) if reading.errors else page


def owner(token: str) -> Subscriber | None:
    """Return whose page a link opens, locked for a POST; None when the link has run out.

    It ends with its time, or when she corrects her address: from then on the mailbox that has it
    no longer speaks for her.
    """
    try:
        numbers = tokens.read(site().keys, Purpose.preferences, token, now=clock.now())
    except ExpiredToken:
        return None
    subscriber_id, *mailbox = numbers
    session, writes = db.session(), request.method == "POST"
    found = enrolment.locked(session, subscriber_id) if writes else None
    found = found or session.get(Subscriber, subscriber_id)
    if found is None:
        abort(404)
    return found if mailbox == [tokens.part(found.address_key)] else None


def run_out() -> ResponseReturnValue:
    return shown("public/preferences.html", None, subscriber=None), 410


def her_page(subscriber: Subscriber, **context: object) -> str:
    choices = choosing.choices(db.session(), subscriber)
    senders = {choice.list.sender_id for choice in choices}
    on = [one.list.id for one in choices if one.is_on]
    return shown(
        "public/preferences.html",
        choices[0].list if len(senders) == 1 else None,
        subscriber=subscriber,
        address=masked(subscriber.email),
        choices=choices,
        topics=topics.of_lists(db.session(), on),
        chosen=topics.chosen(db.session(), subscriber.id),
        weekly=[one.list_id for one in subscriber.subscriptions if one.is_weekly],
        languages=profiles.LANGUAGES,
        all=attributes.inputs(kept.hers(db.session()), subscriber.attributes, request.form),
        tomorrow=(clock.now() + TOMORROW).date(),
        **context,
    )


def change_preferences(subscriber: Subscriber, reading: fields.Reading) -> Changes | None:
    """Do what her page was sent back with; None when something in it cannot be used."""
    session, now, page = db.session(), clock.now(), f"{site().public_url}/p/"
    subscriber_id = subscriber.id
    changes = Changes((), (), ())
    if request.form.get("leave") == EVERYTHING:
        proof = evidence("Preferences: stop all mail, whoever sends it", page)
        choosing.leave_all(session, now, subscriber_id, proof)
    elif (leaving := request.form.get("leave", type=fields.number)) is not None:
        proof = evidence("Preferences: stop all mail from this sender", page)
        choosing.leave_sender(session, now, subscriber_id, leaving, proof)
    else:
        wanted = read_wanted(reading, subscriber)
        if reading.errors:
            return None
        proof = evidence("Preferences: the ticked lists, and no others", page)
        changes = choosing.keep(session, now, subscriber_id, wanted, proof)
    session.commit()
    return changes


def read_wanted(reading: fields.Reading, subscriber: Subscriber) -> Wanted:
    form = request.form
    language = form.get("language", "")
    return Wanted(
        lists=set(form.getlist("list", type=fields.number)),
        topics=set(form.getlist("topic", type=fields.number)),
        weekly=set(form.getlist("weekly", type=fields.number)),
        name=reading.person_name("name") if "name" in form else None,
        language=language if language in {"", *profiles.LANGUAGES} and "language" in form else None,
        pause=read_pause(reading) if "pause" in form else None,
        attributes=attributes.read(reading, kept.hers(db.session()), subscriber.attributes),
    )


def read_pause(reading: fields.Reading) -> Pause:
    """Return until when she wants no mail: the beginning of that day, UTC."""
    text = reading.form["pause"].strip()
    if not text:
        return Pause(None)
    try:
        return Pause(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC))
    except ValueError:
        reading.errors["pause"] = "Choose a day, or leave it empty."
        return Pause(None)
