"""Unsubscribe links that listmonk, Mailtrain and phpList have mailed go on working here.

As with our own links, a GET shows the button and changes nothing, a POST acts. Whoever the link
does not name gets the same kind page: these ids cannot be told from ids that were never imported.
"""

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue

from mailer import tokens
from mailer.audience.imports import foreign
from mailer.audience.imports.models import System
from mailer.audience.models import MailingList
from mailer.audience.subscriptions import OptOut, Wish
from mailer.audience.words import ConsentMethod
from mailer.db import db
from mailer.tokens import Purpose
from mailer.web import departures, reader_pages
from mailer.web.access import PUBLIC, access
from mailer.web.evidence import evidence
from mailer.web.reader_pages import plain, shown, site

bp = Blueprint("former_links", __name__)
reader_pages.register(bp)

# A reader who is nobody: our own page answers her with the same kind words.
NOBODY = OptOut(0, 2**62)
PHPLIST = frozenset({"/", "/index.php", "/lists", "/lists/", "/lists/index.php"})
ONE_CLICK = "One-click unsubscribe by a link of the former system"


@bp.route("/subscription/<former_list>/<former_id>", methods=["GET", "POST"])
@bp.route("/subscription/<former_list>/unsubscribe/<former_id>", methods=["GET", "POST"])
@access(PUBLIC)
def unsubscribe(former_list: str, former_id: str) -> ResponseReturnValue:
    """Answer a link of listmonk (campaign, subscriber) or Mailtrain (list, subscriber)."""
    del former_list  # opt-outs are kept by the list that she was put on here
    is_mailtrain = "/unsubscribe/" in request.path
    return answered(System.mailtrain if is_mailtrain else System.listmonk, former_id)


def answer_phplist() -> ResponseReturnValue | None:
    """Answer ``?p=unsubscribe&uid=…`` at the addresses that phpList has; runs before every view."""
    if request.path not in PHPLIST or request.args.get("p") != "unsubscribe":
        return None
    if request.method not in {"GET", "HEAD", "POST"}:
        return None
    return private(answered(System.phplist, request.args.get("uid", "")))


def private(answer: ResponseReturnValue) -> Response:
    return reader_pages.keep_private(make_response(answer))


def answered(system: System, former_id: str) -> ResponseReturnValue:
    session = db.session()
    wish = foreign.meant(session, system, former_id) or NOBODY
    if request.method != "POST":
        numbers = (wish.list_id, wish.subscriber_id, 0)
        token = tokens.signed(site().keys, Purpose.unsubscribe, numbers)
        mailing_list = session.get(MailingList, wish.list_id)
        return shown("former_links/unsubscribe.html", mailing_list, token=token)
    proof = evidence(ONE_CLICK, f"{site().public_url}/ ({system})")
    departures.take_off(Wish(wish, ConsentMethod.one_click, proof))
    return plain("You have been unsubscribed.")
