"""One reader's consent to one list, as a signed file for whoever asks for the proof."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.receipts import receipt
from mailer.db import db
from mailer.delivery import biography
from mailer.web.access import access
from mailer.web.reader_pages import site

bp = Blueprint("receipts", __name__)


@bp.route("/subscribers/<int:subscriber_id>/receipts/<int:list_id>", methods=["POST"])
@access("privacy:dsar", fresh=True)
def export(subscriber_id: int, list_id: int) -> ResponseReturnValue:
    """Hand out a receipt; a POST, for the audit log notes it."""
    session, now = db.session(), clock.now()
    about = receipt.About(
        db.get_or_404(Subscriber, subscriber_id), db.get_or_404(MailingList, list_id)
    )
    content = receipt.issue(session, site().keys, now, about)
    subject = biography.subject(subscriber_id)
    audit.record(session, now, current_user, "consent.receipt", subject, reason=f"list {list_id}")
    session.commit()
    name = f"consent-{subscriber_id}-{list_id}.json"
    return Response(
        content,
        mimetype="application/json",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )
