"""The page behind the link of a mail that asks for consent again: only its button renews it."""

from dataclasses import replace

from flask import request
from flask.typing import ResponseReturnValue

from mailer import clock, tokens
from mailer.audience import consent, renewals
from mailer.audience.models import MailingList
from mailer.audience.renewals import Asked, HasLeft
from mailer.db import db
from mailer.tokens import Purpose
from mailer.web.access import PUBLIC, access
from mailer.web.evidence import evidence
from mailer.web.public import bp, is_sample, sample
from mailer.web.reader_pages import WITH_SENDER, shown, site

PAGE = "public/renew.html"


@bp.route("/k/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def renew(token: str) -> ResponseReturnValue:
    """Show what she would say yes to; the link works as long as she is on the list."""
    asked = Asked(*tokens.read(site().keys, Purpose.renewal, token))
    if is_sample(asked):
        return sample(is_person=True)
    session = db.session()
    mailing_list = session.get(MailingList, asked.list_id, options=WITH_SENDER)
    try:
        if request.method != "POST":
            found = renewals.place(session, asked)
            is_done = renewals.is_done(session, asked, found.subscriber.address_key)
            return shown(PAGE, found.list, state="done before" if is_done else "ready")
        told = evidence(wording(mailing_list), f"{site().public_url}/k/")
        proof = replace(told, source=renewals.SOURCE, language=consent.LANGUAGE)
        renewals.renew(session, clock.now(), asked, proof)
    except HasLeft:
        session.rollback()
        return shown(PAGE, mailing_list, state="left"), 410
    session.commit()
    return shown(PAGE, mailing_list, state="done")


def wording(mailing_list: MailingList | None) -> str:
    return consent.wording(mailing_list) if mailing_list else ""
