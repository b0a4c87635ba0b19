"""A person's own desk: she asks by her address, proves her mailbox, and does it herself."""

import io
from collections.abc import Callable
from contextlib import suppress

from flask import abort, current_app, request
from flask.typing import ResponseReturnValue

from mailer import clock, desk, tokens
from mailer.audience.enrolment import Person
from mailer.audience.joining import tickets
from mailer.audience.joining.tickets import Sent, Verdict
from mailer.audience.models import Subscriber
from mailer.db import db
from mailer.privacy import erasure, homes, self_service
from mailer.privacy.authorities import ALL, BOARD, CALIFORNIA
from mailer.privacy.requests import challenges
from mailer.privacy.requests.challenges import UsedLink, Wish
from mailer.privacy.requests.models import Challenge
from mailer.privacy.requests.register import LONGEST_WISH
from mailer.privacy.requests.words import AT_ONCE, Kind
from mailer.privacy.self_service import Ground
from mailer.tokens import ExpiredToken, Purpose
from mailer.web import fields
from mailer.web.access import PUBLIC, access
from mailer.web.joining import asked_again, judged, per_visitor, trapped
from mailer.web.privacy import attachment
from mailer.web.public import PREFERENCES_FOR, UNDO_FOR, bp
from mailer.web.reader_pages import masked, shown, site

KINDS = {
    Kind.access: "A copy of my data",
    Kind.portability: "My data in a form for another service",
    Kind.correction: "Correct my data",
    Kind.erasure: "Erase my data",
    Kind.restriction: "Keep my data, but do not use it",
    Kind.objection: "Object: no more mail of any kind",
    Kind.withdrawal: "Withdraw my consent: no more mail",
    Kind.complaint: "Complain about how my data is used",
    Kind.no_sale: "Do not sell or share my data",
}
VISIT = UNDO_FOR  # so long may she stay on the page that a link has opened


@bp.route("/your-data", methods=["GET", "POST"])
@per_visitor
@access(PUBLIC)
def your_data() -> ResponseReturnValue:
    """Take a request by address; the answer is the same for everybody who asks for the same."""
    if request.method != "POST":
        return asking(ticket=tickets.issue(site().keys, clock.now()))
    reading = fields.Reading(request.form)
    address = reading.address("email", test_environment=site().development)
    chosen, home = reading.form.get("kind", ""), reading.form.get("home", "")
    if chosen not in KINDS:
        reading.errors["kind"] = "Choose one."
    if home not in homes.HOMES:
        reading.errors["home"] = "Choose one."
    sent = Sent(request.form.get("ticket", ""), request.form.get("altcha", ""))
    if reading.errors:
        return asking(ticket=sent.ticket, errors=reading.errors), 422
    verdict, more = judged(Person(address), sent)
    if verdict is not Verdict.good:
        return asking(verdict=verdict, **more)
    if not trapped():
        session = db.session()
        wish = Wish(Kind(chosen), home)
        number = challenges.drop(session, clock.now(), site().keys, address, wish)
        session.commit()
        current_app.extensions["bell"].take_up_request(number)
    done = chosen if chosen in AT_ONCE else ""
    return shown("public/your_data_asked.html", None, done=done)


def asking(ticket: str, **more: object) -> str:
    return shown(
        "public/your_data.html",
        None,
        kinds=list(KINDS.items()),
        homes=homes.CHOICES,
        home=homes.likely(self_service.established(db.session())),
        **asked_again(ticket, **more),
    )


@bp.route("/authorities")
@access(PUBLIC)
def authorities() -> ResponseReturnValue:
    """Name the authorities to which anybody may complain."""
    named = [(code, one) for code, one in ALL.items() if code != CALIFORNIA]
    return shown(
        "public/authorities.html", None, named=named, board=BOARD, california=ALL[CALIFORNIA]
    )


@bp.route("/d/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def open_data(token: str) -> ResponseReturnValue:
    """Open the page with her data; only the press uses the link up."""
    session, now = db.session(), clock.now()
    try:
        (number,) = tokens.read(site().keys, Purpose.challenge, token, now=now)
        if request.method != "POST":
            challenges.usable(session, number, now)
            return shown("public/open_data.html", None, is_void=False)
        link = challenges.redeem(session, number, now)
    except (ExpiredToken, UsedLink):
        return shown("public/open_data.html", None, is_void=True), 410
    self_service.prove(session, now, desk.where(), link)
    session.commit()
    visit = tokens.signed(site().keys, Purpose.desk, (number,), expires=now + VISIT)
    return her_page(ground_of(link, reader(link)), reader(link), visit)


@bp.route("/your-data/act", methods=["POST"])
@per_visitor
@access(PUBLIC)
def act_on_data() -> ResponseReturnValue:
    """Do one thing about her data; the form carries what the link has opened."""
    now, visit = clock.now(), request.form.get("visit", "")
    try:
        (number,) = tokens.read(site().keys, Purpose.desk, visit, now=now)
    except ExpiredToken:
        return shown("public/open_data.html", None, is_void=True), 410
    link = self_service.opened(db.session(), number)
    if link is None:
        abort(404)
    subscriber = reader(link)
    ground, does = ground_of(link, subscriber), ACTS.get(request.form.get("kind", ""))
    if does is None:
        abort(400)
    return does(ground, subscriber, visit)


def copied(ground: Ground, subscriber: Subscriber, visit: str) -> ResponseReturnValue:
    del visit
    content = self_service.copy(ground, site(), subscriber, desk.settings().relays)
    db.session.commit()
    return attachment(io.BytesIO(content), "your-data.zip", "application/zip")


def erased(ground: Ground, subscriber: Subscriber, visit: str) -> ResponseReturnValue:
    if not request.form.get("sure"):
        errors = {"sure": "Tick this first: it cannot be undone."}
        return her_page(ground, subscriber, visit, errors=errors), 422
    email = subscriber.email
    with suppress(erasure.AlreadyErased):
        is_done = self_service.erase(ground, site(), subscriber)
        db.session.commit()
        if not is_done:
            return shown("public/your_data_held.html", None, authority=ALL.get(ground.home))
        desk.sweep(email)
    db.session.rollback()
    return shown("public/your_data_erased.html", None)


def restricted(ground: Ground, subscriber: Subscriber, visit: str) -> ResponseReturnValue:
    self_service.restrict(ground, subscriber)
    db.session.commit()
    return her_page(ground, subscriber, visit, done=Kind.restriction)


def at_once(ground: Ground, subscriber: Subscriber, visit: str) -> ResponseReturnValue:
    kind = Kind(request.form["kind"])
    self_service.at_once(ground, kind, subscriber.address_key, subscriber.email)
    db.session.commit()
    return her_page(ground, subscriber, visit, done=kind)


def written(ground: Ground, subscriber: Subscriber, visit: str) -> ResponseReturnValue:
    kind, reading = Kind(request.form["kind"]), fields.Reading(request.form)
    wish = reading.text("wish", LONGEST_WISH, lines=True)
    if reading.errors:
        errors = {kind: reading.errors["wish"]}
        return her_page(ground, subscriber, visit, errors=errors), 422
    entered = self_service.write(ground, kind, subscriber, wish)
    db.session.commit()
    return her_page(ground, subscriber, visit, entered=entered)


ACTS: dict[str, Callable[[Ground, Subscriber, str], ResponseReturnValue]] = {
    Kind.access: copied,
    Kind.erasure: erased,
    Kind.restriction: restricted,
    Kind.objection: at_once,
    Kind.withdrawal: at_once,
    Kind.no_sale: at_once,
    Kind.correction: written,
    Kind.complaint: written,
}


def reader(link: Challenge) -> Subscriber:
    found = db.session.get(Subscriber, link.subscriber_id)
    if found is None:
        abort(404)
    return found


def ground_of(link: Challenge, subscriber: Subscriber) -> Ground:
    return self_service.ground(db.session(), clock.now(), desk.where(), link.home, subscriber)


def her_page(ground: Ground, subscriber: Subscriber, visit: str, **context: object) -> str:
    expires = ground.now + PREFERENCES_FOR
    given = {"errors": {}, "done": "", "entered": None, **context}
    return shown(
        "public/your_data_mine.html",
        None,
        address=masked(subscriber.email),
        is_restricted=subscriber.restricted_at is not None,
        preferences_url=site().preferences(subscriber.id, subscriber.address_key, expires),
        visit=visit,
        zone=ground.desk.zone,
        regime=ground.regime,
        authority=ALL.get(ground.home),
        **given,
    )
