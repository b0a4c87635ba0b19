"""Readers' own pages: confirm, unsubscribe, undo.

They know no account and no cookie. What a reader may do is written in the signed token of her
link, and only a POST does it: scanners open every link in a mail.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from mailer import clock, tokens
from mailer.accounts import audit
from mailer.audience import consent, subscriptions
from mailer.audience.models import MailingList, Subscription
from mailer.audience.subscriptions import AlreadyConfirmed, OptOut, OutdatedLink, Wish
from mailer.audience.wishes import leaving
from mailer.audience.wishes.models import LeavingReason
from mailer.audience.words import ConsentMethod, Scope
from mailer.db import db
from mailer.delivery import canaries, confirmations, reply_probes
from mailer.tokens import ExpiredToken, Purpose
from mailer.web import departures, reader_pages
from mailer.web.access import PUBLIC, access
from mailer.web.evidence import evidence
from mailer.web.reader_pages import (
    WITH_SENDER,
    choice_words,
    own_form,
    plain,
    shown,
    shown_to_all,
    site,
)

bp = Blueprint("public", __name__)
reader_pages.register(bp)

UNDO_FOR = timedelta(hours=1)
PREFERENCES_FOR = timedelta(days=30)
ASKED = {
    LeavingReason.too_often: "Too many mails",
    LeavingReason.not_for_me: "Not what I expected",
    LeavingReason.never_asked: "I never asked for it",
    LeavingReason.other: "Something else",
}
ONE_CLICK = "One-click unsubscribe in the mail program (RFC 8058)"


@bp.route("/c/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def confirm(token: str) -> ResponseReturnValue:
    session, keys, now = db.session(), site().keys, clock.now()
    subscription_id, serial, _ = tokens.read(keys, Purpose.confirm, token)
    try:
        tokens.read(keys, Purpose.confirm, token, now=now)
        found = subscriptions.confirmable(session, subscription_id, serial)
        if request.method != "POST":
            return shown("public/confirm.html", found.list, state="ready")
        told = evidence(consent.wording(found.list), f"{site().public_url}/c/")
        mail = confirmations.message_id(site(), confirmations.asked(found))
        proof = replace(told, form=found.list.public_id, language=consent.LANGUAGE, message_id=mail)
        subscriptions.confirm(session, now, subscription_id, serial, proof)
    except AlreadyConfirmed:
        return link_state(subscription_id, "done before"), 200
    except (ExpiredToken, OutdatedLink):
        return link_state(subscription_id, "void"), 410
    session.commit()
    reader = found.subscriber
    url = site().preferences(reader.id, reader.address_key, now + PREFERENCES_FOR)
    return shown("public/confirm.html", found.list, state="done", preferences_url=url)


def link_state(subscription_id: int, state: str) -> str:
    """Show what became of a confirmation link, with the list's name while that is known."""
    db.session.rollback()
    found = db.session.get(Subscription, subscription_id)
    return shown("public/confirm.html", found.list if found else None, state=state)


@bp.route("/u/<token>/", methods=["GET", "POST"])
@bp.route("/u/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def unsubscribe(token: str) -> ResponseReturnValue:
    """Answer the link of one message as RFC 8058 and 15 U.S.C. 7704(a)(3) ask for."""
    link = tokens.read(site().keys, Purpose.unsubscribe, token)
    form = own_form() if request.method == "POST" else {}
    if is_sample(link):
        return sample(is_person=request.method != "POST" or bool(form))
    if request.method == "POST" and not form:
        leave(link, Scope.list, ConsentMethod.one_click, ONE_CLICK)
        return plain("You have been unsubscribed.")
    if request.method != "POST":
        return shown_to_all("public/unsubscribe.html", link[0], token)
    mailing_list = db.session.get(MailingList, link[0], options=WITH_SENDER)
    scope = Scope.sender if form.get("scope") == Scope.sender else Scope.list
    wording = choice_words(mailing_list)[scope] if mailing_list else ""
    until = clock.now() + UNDO_FOR
    refusal = leave(link, scope, ConsentMethod.link, wording)
    undo_token = tokens.signed(site().keys, Purpose.undo, refusal, expires=until) if refusal else ""
    return shown(
        "public/unsubscribed.html",
        mailing_list,
        token=token,
        scope=scope,
        undo_token=undo_token,
        asked=ASKED,
    )


def leave(
    link: tuple[int, ...], scope: Scope, method: ConsentMethod, wording: str
) -> tuple[int, ...]:
    """Take a reader off, for good; return the number of her refusal, if it is new."""
    list_id, subscriber_id, delivery_id = link
    opt_out = OptOut(list_id, subscriber_id, delivery_id, scope)
    wish = Wish(opt_out, method, evidence(wording, f"{site().public_url}/u/"))
    if not subscriber_id:
        canaries.unsubscribe(db.session(), clock.now(), wish)
        db.session.commit()
        return ()
    suppression_id = departures.take_off(wish)
    return () if suppression_id is None else (suppression_id,)


def is_sample(link: tuple[int, ...]) -> bool:
    """Tell whether a link comes from a preview or a test mail, which belong to no reader."""
    list_id, subscriber_id, delivery_id = link
    return not list_id or not (subscriber_id or delivery_id)


def sample(*, is_person: bool) -> ResponseReturnValue:
    if is_person:
        return shown("public/sample.html", None)
    return plain("This was a link from a test mail. Nothing has been changed.")


@bp.route("/m/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def prove_mailbox(token: str) -> ResponseReturnValue:
    """Take the word of whoever reads a sender's reply mailbox; only the press counts."""
    session, now = db.session(), clock.now()
    try:
        (probe_id,) = tokens.read(site().keys, Purpose.reply_probe, token, now=now)
    except ExpiredToken:
        return shown("public/prove_mailbox.html", None, state="late"), 410
    if request.method != "POST":
        return shown("public/prove_mailbox.html", None, state="ready")
    if reply_probes.answer(session, probe_id, now):
        audit.record(session, now, "reply mailbox", "reply-mailbox.answer", f"letter {probe_id}")
    session.commit()
    return shown("public/prove_mailbox.html", None, state="done")


@bp.route("/u/<token>/reason", methods=["POST"])
@access(PUBLIC)
def reason(token: str) -> ResponseReturnValue:
    """Keep why she has left, if she cares to say; she is gone either way."""
    link = tokens.read(site().keys, Purpose.unsubscribe, token)
    now = clock.now()
    with suppress(ExpiredToken):
        given = request.form.get("undo", "")
        (suppression_id,) = tokens.read(site().keys, Purpose.undo, given, now=now)
        said = request.form.get("reason", "")
        if said in list(LeavingReason):
            leaving.say(db.session(), now, suppression_id, LeavingReason(said))
            db.session.commit()
    return shown("public/reason.html", db.session.get(MailingList, link[0]))


@bp.route("/u/<token>/undo", methods=["POST"])
@access(PUBLIC)
def undo(token: str) -> ResponseReturnValue:
    link = tokens.read(site().keys, Purpose.unsubscribe, token)
    given = request.form.get("undo", "")
    now = clock.now()
    mailing_list = db.session.get(MailingList, link[0])
    try:
        (suppression_id,) = tokens.read(site().keys, Purpose.undo, given, now=now)
    except ExpiredToken:
        return shown("public/undo.html", mailing_list, state="late"), 410
    proof = evidence("Undo: put me back", f"{site().public_url}/u/")
    is_back = subscriptions.undo(db.session(), now, suppression_id, link[1], proof)
    db.session.commit()
    return shown("public/undo.html", mailing_list, state="back" if is_back else "nothing")
