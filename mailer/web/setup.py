"""The set-up checklist: what a lawful send needs, how far it is, and where each thing is mended."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock, guard
from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.db import db
from mailer.delivery import checklist
from mailer.delivery.checklist import Checklist
from mailer.web import allowed, verdicts
from mailer.web.access import access
from mailer.web.fields import number
from mailer.web.reader_pages import site

bp = Blueprint("setup", __name__, url_prefix="/setup")
allowed.register(bp)


@bp.route("/")
@access("senders:get")
def index() -> ResponseReturnValue:
    everybody = senders.index(db.session())
    asked = request.args.get("sender", type=number)
    sender = next((one for one in everybody if one.id == asked), next(iter(everybody), None))
    return render_template(
        "setup/index.html",
        senders=everybody,
        sender=sender,
        list=of(sender),
        mend=places(sender),
        shown=verdicts.one,
        development=site().development,
        held=guard.held(),
    )


@bp.route("/go-on", methods=["POST"])
@access("senders:manage")
def go_on() -> ResponseReturnValue:
    """Take an admin's word that this installation is the one that sends."""
    if guard.confirm(current_user):
        flash("This installation sends again. Resume its campaigns one by one.", "success")
    return redirect(url_for("setup.index"))


def of(sender: Sender | None) -> Checklist:
    return checklist.checklist(db.session(), site(), sender, clock.now())


def places(sender: Sender | None) -> dict[str, tuple[str, str]]:
    """Return where each item is mended: the page's address and what the link says."""
    record = url_for("senders.edit", sender_id=sender.id) if sender else url_for("senders.new")
    page = url_for("senders.show", sender_id=sender.id) if sender else record
    relays = url_for("relays.index")
    return {
        "sender": (url_for("senders.index") if sender else record, "Senders"),
        "address": (record, "Record of the sender"),
        "dns": (f"{page}#domain", "Domain of the sender"),
        "key": (f"{page}#keys", "Keys of the sender"),
        "replies": (f"{page}#mailbox", "Reply mailbox of the sender"),
        "relay": (relays, "Relays"),
        "processors": (url_for("processors.index"), "Processors"),
        "seed": (f"{relays}#seeds", "Seed copies"),
        "trial": (f"{page}#opt-out-trial", "Unsubscribe link of the sender"),
        "public": (url_for("setup.index"), "Settings of the server"),
    }
