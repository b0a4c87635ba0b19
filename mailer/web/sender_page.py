"""The page of one sender: her record as the gate sees it, her domain, keys and mailbox."""

from flask import render_template
from flask.typing import ResponseReturnValue

from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.db import db
from mailer.web import sending_side
from mailer.web.access import access
from mailer.web.senders import bp, judged


@bp.route("/<int:sender_id>")
@access("senders:get")
def show(sender_id: int) -> ResponseReturnValue:
    sender = db.get_or_404(Sender, sender_id)
    return render_template(
        "senders/show.html",
        sender=sender,
        record=senders.record(sender),
        findings=judged(sender),
        **sending_side.shown(sender),
    )
