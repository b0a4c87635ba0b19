"""A sender's opt-out on trial: what the last trial found, and a button for another."""

from dataclasses import dataclass

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock, tasks
from mailer.accounts import audit
from mailer.audience.models import Sender
from mailer.compliance import trial_verdict
from mailer.compliance.finding import Severity
from mailer.compliance.readiness import OptOutTrial
from mailer.compliance.trial_verdict import Told
from mailer.db import db
from mailer.delivery import opt_out_trials
from mailer.web import verdicts
from mailer.web.access import access
from mailer.web.reader_pages import site
from mailer.web.senders import bp


@dataclass(frozen=True)
class Shown:
    """The last trial as the sender's page shows it."""

    trial: OptOutTrial
    told: Told
    findings: list[dict[str, object]]
    asked: list[tuple[str, str]]


@bp.context_processor
def on_pages() -> dict[str, object]:
    """Let the pages about senders ask for the last trial of one."""
    return {"last_opt_out_trial": last}


def last(sender: Sender) -> Shown | None:
    trial = opt_out_trials.known(db.session(), site(), sender, clock.now())
    if trial is None:
        return None
    told = trial_verdict.told(trial, development=site().development)
    unjudged = {finding.rule for finding in told.findings if finding.severity is Severity.note}
    asked = [(rule.id, rule.asks) for rule in trial_verdict.RULES if rule.id not in unjudged]
    return Shown(trial, told, [verdicts.one(finding) for finding in told.findings], asked)


@bp.route("/<int:sender_id>/try-opt-out", methods=["POST"])
@access("senders:manage")
def try_opt_out(sender_id: int) -> ResponseReturnValue:
    """Try the link now, and show on the sender's page what came of it."""
    db.get_or_404(Sender, sender_id)
    tasks.try_opt_out(sender_id, anew=True)
    subject = f"sender {sender_id}"
    audit.record(db.session(), clock.now(), current_user, "senders.try-opt-out", subject)
    db.session.commit()
    shown = last(db.get_or_404(Sender, sender_id))
    if shown is None:
        flash("This sender has no list yet, so there is no link to try.", "warning")
    elif shown.told.is_lawful:
        flash("The unsubscribe link was tried. What was found stands below.", "success")
    else:
        flash("The unsubscribe link was tried, and something is wrong. See below.", "error")
    return redirect(url_for("senders.show", sender_id=sender_id, _anchor="opt-out-trial"))
