"""How readers' pages are shown and their forms read: without cookies, and closed to caches."""

import time
from collections.abc import Mapping

from flask import Blueprint, Response, current_app, make_response, render_template, request, session
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import HTTPException

from mailer.audience import consent, lists, senders
from mailer.audience.models import MailingList
from mailer.audience.words import ListStatus, ListType, Scope
from mailer.db import db
from mailer.links import Site
from mailer.web.errors import WORDS

LARGEST_FORM = 10_000  # bytes; the form of our own page is far smaller
RETRY_AFTER = "60"
STAND_IN = "0token0"
PAGES, KEPT_FOR = "reader pages", 1.0  # s; so long an old one may be shown
WITH_SENDER = (joinedload(MailingList.sender),)
OWN = b"from"  # what is without it need not be read as a form
TRAP = "website"  # a field that people do not see and machines fill in


def register(bp: Blueprint) -> None:
    """Give a blueprint the headers and the outage page of readers' pages."""
    bp.after_request(keep_private)
    for outage in (OperationalError, InterfaceError, PoolTimeout):
        bp.register_error_handler(outage, explain_outage)


def keep_private(response: Response) -> Response:
    """Let neither caches nor search engines nor the next page learn a reader's token."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    # No cookie leaves here, not even when a signed-in colleague looks at a reader's page.
    session.modified = False
    return response


def explain_outage(error: Exception) -> Response:
    """Ask for another try: without the database an opt-out cannot be kept, so it is not taken."""
    current_app.logger.error("The database cannot be reached: %s", type(error).__name__)
    title, advice = WORDS[503]
    page = render_template("error.html", code=503, title=title, advice=advice)
    response = make_response(page, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def own_form() -> Mapping[str, str]:
    """Return the form of our own page, and nothing for whatever else was sent.

    One-click needs no body. So one that is too large, of unknown length or broken is not even
    read: it must not keep a reader from leaving.
    """
    length = request.content_length
    if length is None or length > LARGEST_FORM:
        return {}
    try:
        if OWN not in request.get_data():
            return {}
        return request.form if request.form.get("from") == "page" else {}
    except (HTTPException, ValueError):
        return {}


def masked(email: str) -> str:
    """Return an address that its owner knows and a passer-by does not."""
    local, _, domain = email.rpartition("@")
    return f"{local[: min(2, len(local) - 1)]}…@{domain}"


def choice_words(mailing_list: MailingList) -> dict[Scope, str]:
    return {
        Scope.list: f"Only “{mailing_list.name}”",
        Scope.sender: f"All mail from {mailing_list.sender.legal_name}",
    }


def shown(template: str, mailing_list: MailingList | None, **context: object) -> str:
    """Render a page in the name of the list's sender, whose postal address stands below."""
    if mailing_list is None:
        return render_template(template, mailing_list=None, **context)
    sender = mailing_list.sender
    is_open = mailing_list.type is ListType.public and mailing_list.status is ListStatus.active
    return render_template(
        template,
        mailing_list=mailing_list,
        sender=sender,
        sender_name=sender.legal_name,
        sender_address=senders.postal_line(sender),
        sign_up_url=site().sign_up(mailing_list.public_id) if is_open else "",
        wording=consent.wording(mailing_list),
        age_statement=lists.age_statement(mailing_list),
        choice_words=choice_words(mailing_list),
        **context,
    )


def shown_to_all(template: str, list_id: int, token: str = "") -> str:
    """Render a page that differs for a list's readers by her token alone: once a second.

    Who brings a cookie may be a colleague, whose page holds more.
    """
    pages = current_app.extensions.setdefault(PAGES, {})
    until, page = pages.get((template, list_id), (0.0, ""))
    now = time.monotonic()
    if request.cookies or now >= until:
        mailing_list = db.session.get(MailingList, list_id, options=WITH_SENDER)
        page = shown(template, mailing_list, token=STAND_IN)
        if not request.cookies:
            pages[template, list_id] = (now + KEPT_FOR, page)
    return str(page).replace(STAND_IN, token)


def plain(text: str) -> Response:
    return current_app.response_class(f"{text}\n", mimetype="text/plain")


def site() -> Site:
    found: Site = current_app.extensions["site"]
    return found
