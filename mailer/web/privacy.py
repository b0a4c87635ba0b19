"""A person's rights as named acts of staff: hand out her data, erase her, export a list."""

import io
from collections.abc import Callable, Iterator
from typing import IO

import sqlalchemy as sa
from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import send_file as send
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from mailer import clock, desk
from mailer.accounts import audit
from mailer.audience import searches
from mailer.audience.models import MailingList, Subscriber
from mailer.db import db
from mailer.delivery import biography
from mailer.privacy import access as person_access
from mailer.privacy import erasure, people, reasons, waiting
from mailer.privacy.handover import orders
from mailer.privacy.keeping import holds, periods
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.models import Hold
from mailer.privacy.requests import endings, register
from mailer.privacy.requests.answering import Act
from mailer.privacy.requests.words import Kind, Way
from mailer.web.access import access
from mailer.web.reader_pages import site
from mailer.web.subscribers import arguments, asked
from mailer.web.wording_of_requests import KINDS

bp = Blueprint("privacy", __name__)


@bp.route("/subscribers/<int:subscriber_id>/export", methods=["GET", "POST"])
@access("privacy:dsar", fresh=True)
def export_person(subscriber_id: int) -> ResponseReturnValue:
    """Ask for the reason, then mail the person a link to her archive, or answer with it."""
    subscriber = db.get_or_404(Subscriber, subscriber_id)
    if request.method != "POST":
        return export_form(subscriber)
    try:
        why = reasons.reason(request.form.get("reason", ""), subscriber)
    except reasons.BadReason as error:
        return export_form(subscriber, str(error)), 422
    if request.form.get("way") == "mail":
        return promised(subscriber, why)
    content = person_access.archive(
        db.session(), site(), subscriber, clock.now(), desk.settings().relays
    )
    note("privacy.export_person", biography.subject(subscriber.id), why)
    return attachment(io.BytesIO(content), f"reader-{subscriber.id}.zip", "application/zip")


def promised(subscriber: Subscriber, why: str) -> ResponseReturnValue:
    """Owe the person her archive by mail; the worker makes it and sends the link."""
    number = orders.order(db.session(), clock.now(), subscriber.id).id
    note("privacy.archive_promised", biography.subject(subscriber.id), why)
    current_app.extensions["bell"].send_archive(number)
    flash("The archive is being made. The link to it goes to the reader's own mailbox.", "success")
    return redirect(url_for("privacy.export_person", subscriber_id=subscriber.id))


def export_form(subscriber: Subscriber, error: str = "") -> str:
    found = orders.of_reader(db.session(), subscriber.id)
    return render_template(
        "privacy/export_person.html",
        subscriber=subscriber,
        archives=found,
        kept=periods.spelled(db.session(), Class.archives),
        error=error,
    )


@bp.route("/subscribers/<int:subscriber_id>/erase", methods=["GET", "POST"])
@access("privacy:dsar")
def erase_person(subscriber_id: int) -> ResponseReturnValue:
    """Ask for the address and the reason, then erase the person."""
    subscriber = db.get_or_404(Subscriber, subscriber_id)
    hold = holds.of_reader(db.session(), subscriber, clock.now())
    if hold is not None:
        return kept_waiting(subscriber, hold)
    errors = erase_errors(subscriber) if request.method == "POST" else {}
    if request.method != "POST" or errors:
        return erase_form(subscriber, errors), 422 if errors else 200
    return erased(subscriber)


def erased(subscriber: Subscriber) -> ResponseReturnValue:
    session, email = db.session(), subscriber.email
    told = endings.announce(session, site(), desk.where(), subscriber, clock.now())
    try:
        erasure.erase(
            session,
            subscriber,
            clock.now(),
            current_user._get_current_object(),  # noqa: SLF001 - Werkzeug's own way to unwrap
            reason=erasure.CHILD if request.form.get("child") else request.form["reason"],
        )
    except erasure.AlreadyErased:
        db.session.rollback()
    except erasure.OnHold as error:
        db.session.rollback()
        return kept_waiting(subscriber, error.hold)
    db.session.commit()
    desk.sweep(email)
    flash(
        "The person is erased. A keyed fingerprint remains, so that no mail reaches her.", "success"
    )
    if told:
        flash(told, "success")
    return redirect(url_for("subscribers.index"))


def kept_waiting(subscriber: Subscriber, hold: Hold) -> ResponseReturnValue:
    """Say what is on hold; on a press let the person's requests for erasure wait for its end."""
    session, asked = db.session(), []
    if request.method == "POST":
        user = current_user._get_current_object()  # noqa: SLF001 - Werkzeug's own way to unwrap
        act = Act(session, clock.now(), site(), desk.where(), user, Way.mail)
        asked = waiting.begin(act, subscriber, hold)
        session.commit()
    if asked:
        flash("It waits. All mail to her is stopped, and her data is restricted.", "success")
        return redirect(url_for("desk.show", request_id=asked[0].id))
    found = register.open_about(session, subscriber.address_key)
    mine = [one for one in found if one.kind is Kind.erasure]
    page = render_template("privacy/on_hold.html", subscriber=subscriber, hold=hold, asked=mine)
    return page, 409 if request.method == "POST" else 200


def erase_form(subscriber: Subscriber, errors: dict[str, str]) -> str:
    waiting = register.open_about(db.session(), subscriber.address_key)
    ends = [(KINDS[one.kind], one.id) for one in waiting if one.kind is not Kind.erasure]
    return render_template(
        "privacy/erase_person.html", subscriber=subscriber, errors=errors, ends=ends
    )


def erase_errors(subscriber: Subscriber) -> dict[str, str]:
    errors = {}
    typed = request.form.get("confirmation", "").strip()
    if typed.casefold() != subscriber.email.casefold():
        errors["confirmation"] = "This is not the address of the person to be erased."
    try:
        if not request.form.get("child"):
            reasons.reason(request.form.get("reason", ""), subscriber)
    except reasons.BadReason as error:
        errors["reason"] = str(error)
    return errors


@bp.route("/lists/<int:list_id>/export", methods=["GET", "POST"])
@access("lists:export", fresh=True)
def export_list(list_id: int) -> ResponseReturnValue:
    """Say who is in it and who is left out, ask for the reason, then answer with the CSV."""
    mailing_list = db.get_or_404(MailingList, list_id)
    if request.method != "POST":
        return list_form(mailing_list)
    try:
        why = reasons.reason(request.form.get("reason", ""))
    except reasons.BadReason as error:
        return list_form(mailing_list, str(error)), 422
    counted = people.tally(db.session(), list_id)
    note("privacy.export_list", f"list {list_id}", f"{why} ({counted.note()})"[: reasons.LONGEST])
    raw = is_raw()
    response = table(
        f"list-{list_id}.csv", lambda session: people.of_list(session, list_id, raw=raw)
    )
    response.headers["X-Left-Out"] = str(counted.left_out)
    return response


@bp.route("/subscribers/export", methods=["GET", "POST"])
@access("lists:export", fresh=True)
def export_readers() -> ResponseReturnValue:
    """Say how many the search finds, ask for the reason, then answer with a stream of CSV."""
    search = asked()
    number = searches.count(db.session(), search)
    if request.method != "POST":
        return readers_form(number)
    try:
        why = reasons.reason(request.form.get("reason", ""))
    except reasons.BadReason as error:
        return readers_form(number, str(error)), 422
    subject = ", ".join(f"{name} {value}" for name, value in scope().items()) or "all readers"
    note("privacy.export_readers", subject, f"{why} ({number} readers)"[: reasons.LONGEST])
    raw = is_raw()
    return table("readers.csv", lambda session: people.written(session, search, raw=raw))


def is_raw() -> bool:
    return request.form.get("raw") == "yes" or request.args.get("raw") == "1"


def table(name: str, parts: Callable[[Session], Iterator[bytes]]) -> Response:
    """Answer with a CSV that is made while it leaves."""
    response = Response(streamed(db.engine, parts), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def scope() -> dict[str, object]:
    """Return the search as the audit log names it: never by an address or a part of one."""
    given = arguments(asked())
    return {**given, "q": "some text"} if "q" in given else given


def streamed(engine: sa.Engine, parts: Callable[[Session], Iterator[bytes]]) -> Iterator[bytes]:
    """Yield the file in a session that only reads: on SQLite nobody waits for its end."""
    reading = engine.execution_options(read_only=True, postgresql_readonly=True)
    with Session(reading) as session:
        yield from parts(session)


def readers_form(number: int, error: str = "") -> str:
    args = arguments(asked())
    return render_template("privacy/export_readers.html", number=number, args=args, error=error)


def list_form(mailing_list: MailingList, error: str = "") -> str:
    counted = people.tally(db.session(), mailing_list.id)
    return render_template(
        "privacy/export_list.html", mailing_list=mailing_list, counted=counted, error=error
    )


def note(action: str, subject: str, reason: str) -> None:
    """Record the act and commit, before anything leaves."""
    audit.record(db.session(), clock.now(), current_user, action, subject, reason=reason)
    db.session.commit()


def attachment(file: IO[bytes], name: str, mimetype: str) -> Response:
    response = send(file, mimetype=mimetype, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response
