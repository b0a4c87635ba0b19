"""A reader's other address: asked for on her page, and the page behind each mailbox's letter."""

from flask import current_app, request
from flask.typing import ResponseReturnValue

from mailer import clock, tokens
from mailer.audience.address_models import Side
from mailer.audience.moving import changes
from mailer.audience.subscriptions import OutdatedLink
from mailer.db import db
from mailer.privacy.requests import recipients
from mailer.privacy.requests.recipients import Act
from mailer.privacy.requests.words import Kind
from mailer.tokens import ExpiredToken, Purpose
from mailer.web import fields
from mailer.web.access import PUBLIC, access
from mailer.web.evidence import evidence
from mailer.web.joining import per_visitor
from mailer.web.preferences import her_page, owner, run_out
from mailer.web.public import bp
from mailer.web.reader_pages import masked, shown, site

MOVED = "Another address, which both mailboxes have confirmed."
SAID = {
    Side.old: "Yes, send my mail to my other address, and none to this one.",
    Side.new: "Yes, send my subscriptions to this address.",
}


@bp.route("/p/<token>/address", methods=["POST"])
@per_visitor
@access(PUBLIC)
def correct_address(token: str) -> ResponseReturnValue:
    """Write to both mailboxes; the answer is the same whatever is known of the new one."""
    reader = owner(token)
    if reader is None:
        return run_out()
    reading, now = fields.Reading(request.form), clock.now()
    address = reading.address("email", test_environment=site().development)
    if not reading.errors:
        try:
            number = changes.ask(db.session(), now, site().keys, reader.id, address)
        except changes.SameAddress as error:
            reading.errors["email"] = str(error)
    if reading.errors:
        return her_page(reader, token=token, changes=None, errors=reading.errors), 422
    db.session.commit()
    current_app.extensions["bell"].send_address_letters(number)
    return shown("public/correct_address.html", None)


@bp.route("/a/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def agree(token: str) -> ResponseReturnValue:
    """Take one mailbox's word about a change of address; only the press counts."""
    session, keys, now = db.session(), site().keys, clock.now()
    try:
        (number,) = tokens.read(keys, Purpose.address, token, now=now)
        letter = changes.pressable(session, now, number)
        if request.method != "POST":
            wish = letter.change
            pressed = changes.Outcome.waiting if letter.pressed_at else "ready"
            state = changes.Outcome.done if wish.done_at else pressed
            return page(state, side=letter.side, words=SAID[letter.side], other=masked(wish.email))
        proof = evidence(SAID[letter.side], f"{site().public_url}/a/")
        outcome = changes.press(session, now, keys, number, proof)
    except (ExpiredToken, OutdatedLink):
        session.rollback()
        return page("void"), 410
    if letter.change.done_at == now:
        act = Act(Kind.correction, letter.change.new_key, MOVED)
        recipients.note_act(session, now, "her own page", act)
    session.commit()
    return page(outcome)


def page(state: str, **context: object) -> str:
    return shown("public/agree.html", None, state=state, **context)
