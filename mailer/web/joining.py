"""Signing up: by the hosted form, by a form on another site, and by JSON. All end in one place.

Nothing here looks an address up: what is known of it is asked after the answer has been given.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, abort, current_app, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from mailer import clock
from mailer.audience import addresses, consent, letterbox, lists
from mailer.audience.enrolment import Person
from mailer.audience.joining import limits, proofs, tickets
from mailer.audience.joining.tickets import Sent, Verdict
from mailer.audience.models import MailingList
from mailer.audience.segments import fields as kept
from mailer.audience.words import Optin
from mailer.db import db
from mailer.web import attributes, fields
from mailer.web.access import PUBLIC, access
from mailer.web.evidence import evidence
from mailer.web.limits import limiter
from mailer.web.public import bp
from mailer.web.reader_pages import TRAP, shown, shown_to_all, site

# One limit for all ways together: who is turned away here is not let in there.
per_visitor = limiter.shared_limit("10 per minute;100 per hour", "sign-up", methods=["POST"])
MOST_LISTS = 20
JSON_PAGE = "/api/public/subscription"
NOT_OF_AGE = "This list is not for younger people: tick the box if it is true."
AGAIN = {
    Verdict.stale: "Send it again with this ticket, two seconds from now or later.",
    Verdict.quick: "That was quick. Send it again in two seconds.",
    Verdict.unproved: "Many are signing up just now. Send it again with a proof, or in a minute.",
}


@bp.route("/subscribe/<public_id>", methods=["GET", "POST"])
@per_visitor
@access(PUBLIC)
def subscribe(public_id: str) -> ResponseReturnValue:
    mailing_list = None
    if not addresses.has_invisible(public_id):
        mailing_list = lists.open_to_all(db.session(), public_id)
    if mailing_list is None:
        abort(404)
    if request.method != "POST":
        return form(mailing_list, tickets.issue(site().keys, clock.now()))
    reading = fields.Reading(request.form)
    person = read(reading, [mailing_list])
    sent = Sent(request.form.get("ticket", ""), request.form.get("altcha", ""))
    if reading.errors:
        return form(mailing_list, sent.ticket, errors=reading.errors), 422
    verdict, more = judged(person, sent)
    if verdict is not Verdict.good:
        return form(mailing_list, verdict=verdict, **more)
    answer = shown_to_all("public/subscribed.html", mailing_list.id)
    drop([mailing_list], person, came_from() or site().sign_up(public_id))
    return answer


def form(mailing_list: MailingList, ticket: str, **more: object) -> str:
    """Show the form with whatever was typed; ``more`` says why it is shown again."""
    page = came_from() if request.method == "POST" else ""
    asked = kept.asked(db.session(), [mailing_list])
    return shown(
        "public/subscribe.html",
        mailing_list,
        page=page,
        all=attributes.inputs(asked, {}, request.form),
        **asked_again(ticket, **more),
    )


def asked_again(ticket: str, **more: object) -> dict[str, object]:
    """Return what a form's page needs: its ticket, and perhaps why it is shown again."""
    puzzle = more.pop("challenge", None)
    given = {"errors": {}, "verdict": None, **more}
    return {
        "ticket": ticket,
        "trap": TRAP,
        "puzzle": json.dumps(puzzle) if puzzle else "",
        **given,
    }


def read(reading: fields.Reading, wanted: Sequence[MailingList]) -> Person:
    """Read who signs up; what cannot be used stands in the reading's errors."""
    address = reading.address("email", test_environment=site().development)
    told = attributes.read(reading, kept.asked(db.session(), wanted), {})
    person = Person(address, reading.person_name("name"), told)
    if any(one.least_age for one in wanted) and not reading.form.get("of_age"):
        reading.errors["of_age"] = NOT_OF_AGE
    return person


def judged(person: Person, sent: Sent) -> tuple[Verdict, dict[str, Any]]:
    """Judge what was sent; if it is to be sent again, with which ticket and which puzzle."""
    keys, now = site().keys, clock.now()
    key = limits.mailbox_key(keys, person.address)
    is_strained = limits.is_strained(db.session(), now, site().confirmations_per_hour)
    verdict = tickets.verdict(keys, now, key, sent, is_strained=is_strained)
    if verdict is Verdict.good:
        return verdict, {}
    puzzle = proofs.challenge(keys, now, key) if is_strained else None
    if is_strained and verdict is Verdict.stale:
        verdict = Verdict.unproved  # the one page says both
    return verdict, {
        "ticket": tickets.renewed(keys, now, key, sent.ticket),
        "challenge": puzzle,
    }


def came_from() -> str:
    """Return the page that held the form, as the visitor's browser tells it, or first told it."""
    return request.form.get("page") or request.referrer or ""


def drop(wanted: Sequence[MailingList | None], person: Person, page: str) -> None:
    """Put a sign-up into the letterbox, and ring; the trap's catch is thrown away unseen."""
    if trapped():
        return
    session, now, keys = db.session(), clock.now(), site().keys
    numbers = []
    for one in wanted:
        told = evidence(words(one), page)
        form = one.public_id if one else ""
        proof = replace(told, source=source(page), form=form, language=consent.LANGUAGE)
        numbers.append(letterbox.drop(session, now, keys, one.id if one else None, person, proof))
    session.commit()
    for number in numbers:
        current_app.extensions["bell"].take_up(number)


def source(page: str) -> str:
    """Return by which way a sign-up came, where it was not our own form."""
    if request.is_json:
        return "api"
    return "" if page.startswith(site().public_url) else "embed"


def words(mailing_list: MailingList | None) -> str:
    """Return all that a visitor agrees to and states."""
    if mailing_list is None:
        return ""
    said = (consent.wording(mailing_list), lists.age_statement(mailing_list))
    return " ".join(filter(None, said))


def trapped() -> bool:
    body = request.get_json(silent=True) if request.is_json else request.form
    return isinstance(body, dict) and bool(body.get(TRAP))


@bp.route("/api/public/lists")
@access(PUBLIC)
def open_lists() -> ResponseReturnValue:
    """Name the lists that anybody may join, as listmonk does, each with a ticket to send back."""
    ticket = tickets.issue(site().keys, clock.now())
    return answered(
        [
            {
                "uuid": one.public_id,
                "name": one.name,
                "description": one.description,
                "wording": words(one),
                "least_age": one.least_age,
                "fields": [
                    {"key": field.key, "label": field.label, "kind": field.kind}
                    | ({"choices": field.offered} if field.offered else {})
                    for field in kept.asked(db.session(), [one])
                ],
                "ticket": ticket,
            }
            for one in lists.all_open(db.session())
        ]
    )


@bp.route(JSON_PAGE, methods=["POST"])
@per_visitor
@access(PUBLIC)
def subscribe_by_json() -> ResponseReturnValue:
    """Take ``{email, name, list_uuids, ticket}``, listmonk's shape and our ticket.

    ``attributes`` may hold what the lists' ``fields`` ask for, by their keys.
    422 with ``data.ticket``, and ``data.altcha`` while a proof is wanted, asks for another try.
    """
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        return refused("The body must be a JSON object.")
    uuids = body.get("list_uuids")
    named = uuids if isinstance(uuids, list) and len(uuids) <= MOST_LISTS else []
    wanted = [one for one in lists.all_open(db.session()) if one.public_id in named]
    reading = fields.Reading(typed(body))
    person = read(reading, wanted)
    if reading.errors or not wanted:
        return refused(next(iter(reading.errors.values()), "No such public list."))
    verdict, more = judged(person, Sent(str(body.get("ticket")), str(body.get("altcha", ""))))
    if verdict is not Verdict.good:
        again = {"ticket": more["ticket"], "altcha": more["challenge"]}
        return answered({"message": AGAIN[verdict], "data": again}), 422
    drop(wanted, person, request.referrer or f"{site().public_url}{JSON_PAGE}")
    return answered({"data": {"has_optin": any(one.optin is Optin.double for one in wanted)}})


def typed(body: dict[str, Any]) -> dict[str, str]:
    """Return a JSON body as our own form would hold it."""
    told = body.get("attributes")
    plain = told.items() if isinstance(told, dict) else ()
    answers = {
        f"field-{key}": kept.shown(value)
        for key, value in plain
        if isinstance(value, (str, int, float))
    }
    return {name: str(body[name]) for name in body if body[name]} | answers


def refused(message: str) -> ResponseReturnValue:
    return answered({"message": message}), 400


def answered(data: object) -> Response:
    """Return JSON that pages of other sites may read: it knows no cookie and no person."""
    response = make_response(jsonify(data))
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.after_request
def allow_json(response: Response) -> Response:
    """Let browsers send JSON from other sites, which they ask about first (CORS)."""
    if request.method == "OPTIONS" and request.path == JSON_PAGE:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    return response
