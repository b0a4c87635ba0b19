"""Each step that staff takes about a request, as its form asks for it."""

from collections.abc import Callable

from flask import request
from flask_login import current_user

from mailer import clock, desk
from mailer.accounts import users
from mailer.db import db
from mailer.privacy.requests import answering, recipients, steps
from mailer.privacy.requests.answering import Act
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.steps import Ending, WrongState
from mailer.privacy.requests.words import Outcome, Way
from mailer.web import fields
from mailer.web.reader_pages import site
from mailer.web.wording_of_requests import PROOFS, endings


def text(name: str) -> str:
    return request.form.get(name, "").strip()


def number(name: str) -> int:
    return request.form.get(name, 0, type=fields.number)


def way() -> Way:
    if text("way") not in set(Way) - {Way.page}:
        raise WrongState("Say by which way the person is told.")
    return Way(text("way"))


def act() -> Act:
    who = current_user._get_current_object()  # noqa: SLF001 - Werkzeug's own way to unwrap
    return Act(db.session(), clock.now(), site(), desk.where(), who, way())


def confirm(one: Request) -> None:
    answering.confirm(act(), one)


def prove(one: Request) -> None:
    answering.prove(db.session(), clock.now(), one, current_user)


def identify(one: Request) -> None:
    if text("proof") not in PROOFS:
        raise WrongState("Say how the person was identified.")
    steps.identify(db.session(), clock.now(), one, current_user, text("proof"))


def pause(one: Request) -> None:
    steps.pause(db.session(), clock.now(), desk.where(), one, current_user, text("why"))


def resume(one: Request) -> None:
    steps.resume(db.session(), clock.now(), desk.where(), one, current_user)


def extend(one: Request) -> None:
    answering.extend(act(), one, text("why"))


def assign(one: Request) -> None:
    if users.by_email(db.session(), text("to")) is None:
        raise WrongState("Choose a colleague.")
    steps.assign(db.session(), clock.now(), one, current_user, text("to"))


def close(one: Request) -> None:
    if text("outcome") not in endings(one.kind):
        raise WrongState("Choose how it ends.")
    if not text("answer"):
        raise WrongState("Say what the person is told.")
    answer = text("answer").replace("\r\n", "\n")
    answering.close(act(), one, Ending(Outcome(text("outcome")), answer, text("evidence")))


def told(one: Request) -> None:
    answering.settle(act(), one, number("notice"))


def pass_on(one: Request) -> None:
    recipients.tick(db.session(), clock.now(), one, number("recipient"), current_user)


STEPS: dict[str, Callable[[Request], None]] = {
    "confirm": confirm,
    "prove": prove,
    "identify": identify,
    "pause": pause,
    "resume": resume,
    "extend": extend,
    "assign": assign,
    "close": close,
    "told": told,
    "pass-on": pass_on,
}
