"""Where relays, or whoever watches their logs, tell what became of copies that they took."""

import json
import re
from datetime import UTC, datetime

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from mailer import clock
from mailer.db import db
from mailer.delivery import news, replies
from mailer.delivery.news import Event, Told
from mailer.web import bearer
from mailer.web.access import PUBLIC, access

MOST_BYTES = 1_000_000
MOST = 5000  # pieces of news in one post: their bytes allow more, our patience does not
CODE = re.compile(r"[245][0-9]{2}", re.ASCII)

bp = Blueprint("hooks", __name__, url_prefix="/hooks")


class Unreadable(Exception):  # noqa: N818 - errors are named for the situation
    """This is no list of news; the message says what is wrong with it."""


@bp.route("/deliveries", methods=["POST"])
@access(PUBLIC)
def deliveries() -> ResponseReturnValue:
    """Take news of copies; the answer to what is forged or about no copy is the same as any."""
    token: str = current_app.extensions["config"].hook_token
    turned_away = bearer.turned_away(token, "hooks")  # before a byte of the body is read
    if turned_away is not None:
        return turned_away
    request.max_content_length = MOST_BYTES
    now = clock.now()
    try:
        told = read(request.get_data(), now)
    except RequestEntityTooLarge:
        return jsonify(message=f"Send at most {MOST_BYTES:,} bytes."), 413
    except Unreadable as error:
        return jsonify(message=str(error)), 400
    taken = news.take(db.session(), current_app.extensions["site"].keys, told, now)
    db.session.commit()
    return jsonify(taken=taken), 202


def read(body: bytes, now: datetime) -> list[Told]:
    """Read a JSON list of news; raises Unreadable."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("This is not JSON.") from error
    if not isinstance(found, list) or len(found) > MOST:
        raise Unreadable(f"Send a list of at most {MOST:,} objects.")
    return [piece(one, place, now) for place, one in enumerate(found)]


def piece(found: object, place: int, now: datetime) -> Told:
    """Read one object: message_id and event, perhaps at, code and text."""
    fields = found if isinstance(found, dict) else {}
    message_id, event, text = (fields.get(name, "") for name in ("message_id", "event", "text"))
    if not (isinstance(message_id, str) and isinstance(text, str)) or event not in list(Event):
        raise Unreadable(f"Object {place}: message_id is a text, event delivered or bounced.")
    try:
        code, status = coded(fields.get("code"))
        at = moment(fields.get("at"), now)
    except ValueError as error:
        raise Unreadable(f"Object {place}: {error}") from error
    words = " ".join(filter(None, (status, " ".join(text.split()))))
    return Told(message_id, Event(event), code, words.replace("\0", ""), at)


def coded(given: object) -> tuple[int, str]:
    """Return an SMTP reply's code, 0 for none, and the enhanced status if that was given."""
    if given is None or given == "":
        return 0, ""
    text = str(given)
    if replies.ENHANCED.fullmatch(text):
        return 0, text
    if not CODE.fullmatch(text):
        raise ValueError("code is like 550 or 5.1.1.")
    return int(text), ""


def moment(given: object, now: datetime) -> datetime | None:
    """Return when it happened, not later than now; RFC 3339, with its zone."""
    if given is None or given == "":
        return None
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) else None
        if at is None or at.tzinfo is None:
            raise ValueError  # noqa: TRY301 - the one complaint for all that is wrong
        return min(at.astimezone(UTC), now)
    except (ValueError, OverflowError) as error:
        raise ValueError("at is like 2026-05-04T12:30:00Z.") from error
