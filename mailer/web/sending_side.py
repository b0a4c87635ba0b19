"""A sender's domain, keys and reply mailbox: looked at, made, and proven from her page."""

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock, tasks
from mailer.accounts import audit
from mailer.audience.models import Sender
from mailer.db import db
from mailer.delivery import authentication, domain_records, reply_probes, rotation
from mailer.web.access import access
from mailer.web.reader_pages import site
from mailer.web.senders import bp


def shown(sender: Sender) -> dict[str, object]:
    """Return what the parts of a sender's page show of her domain, keys and mailbox."""
    session, now = db.session(), clock.now()
    facts = authentication.facts(session, sender)
    keys = [
        {
            "row": key,
            "stage": rotation.stage(key, now),
            "is_old": rotation.is_old(key, now),
            "line": domain_records.key_line(sender, key, facts, now),
            "until": key.retired_at + rotation.OVERLAP if key.retired_at else None,
        }
        for key in rotation.kept(session, sender)
    ]
    return {
        "check": authentication.of(session, sender),
        "lines": domain_records.wanted(sender, facts, tasks.spf_term()),
        "keys": keys,
        "is_waiting": any(key["stage"] is rotation.Stage.waiting for key in keys),
        "letter": reply_probes.newest(session, sender),
        "proven": reply_probes.answered(session, sender),
        "mailbox": reply_probes.mailbox(sender),
        "proven_until": reply_probes.proven_until(session, sender),
        "now": now,
        "spf_known": bool(tasks.spf_term()),
        "development": site().development,
        "is_looking": tasks.resolver() is not None,
    }


@bp.route("/<int:sender_id>/look-again", methods=["POST"])
@access("senders:manage")
def look_again(sender_id: int) -> ResponseReturnValue:
    sender = db.get_or_404(Sender, sender_id)
    fault = tasks.look_up(sender.id, current_user)
    if fault:
        flash(fault, "warning")
    else:
        flash("DNS has answered; this is what it says now.", "success")
    return redirect(url_for("senders.show", sender_id=sender_id, _anchor="domain"))


@bp.route("/<int:sender_id>/make-keys", methods=["POST"])
@access("senders:manage")
def make_keys(sender_id: int) -> ResponseReturnValue:
    """Make the next pair; in development it signs at once, since nobody publishes it."""
    session, now = db.session(), clock.now()
    sender = db.get_or_404(Sender, sender_id)
    try:
        pair = rotation.prepare(session, site().keys, sender, now)
    except rotation.KeysWaiting as error:
        flash(str(error), "warning")
    else:
        about = f"sender {sender.id}"
        for key in pair:
            audit.record(session, now, current_user, "signing-key.add", about, reason=key.selector)
        if site().development:
            rotation.switch(session, sender, {key.selector for key in pair}, now)
        session.commit()
        flash("The new keys are made. Publish their records, shown below.", "success")
    return redirect(url_for("senders.show", sender_id=sender_id, _anchor="keys"))


@bp.route("/<int:sender_id>/prove-mailbox", methods=["POST"])
@access("senders:manage")
def prove_mailbox(sender_id: int) -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    sender = db.get_or_404(Sender, sender_id)
    try:
        probe = reply_probes.request(session, sender, now)
    except reply_probes.JustSent as error:
        flash(str(error), "warning")
    else:
        audit.record(session, now, current_user, "reply-mailbox.ask", f"sender {sender.id}")
        session.commit()
        current_app.extensions["bell"].probe(probe.id)
        flash(f"A letter is on its way to {probe.address}. Press the button in it.", "success")
    return redirect(url_for("senders.show", sender_id=sender_id, _anchor="mailbox"))
