"""Warnings of the gate in front of the person who sends: each is accepted with a reason."""

from flask import jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer.campaigns.models import Campaign
from mailer.compliance.gate import Verdict
from mailer.db import db
from mailer.delivery import overrides
from mailer.web import access as doors
from mailer.web.campaigns import CONFLICT, bp, chosen, here, paneled

ACCEPT = "accept-"


@bp.errorhandler(overrides.NeedsOverride)
def unaccepted(error: overrides.NeedsOverride) -> ResponseReturnValue:
    """Ask for a reason for each warning, and keep what was pressed for one more press."""
    db.session.rollback()
    if doors.wants_json():
        return make_response(jsonify({**error.verdict.as_dict(), "message": str(error)}), CONFLICT)
    campaign = chosen(here())
    kept = {
        name: value
        for name, value in request.form.items()
        if name != "csrf_token" and not name.startswith(ACCEPT)
    }
    page = render_template(
        "campaigns/accept.html",
        campaign=campaign,
        waiting=waiting(campaign, error.verdict),
        kept=kept,
        typed=request.form,
        was_asked=any(name.startswith(ACCEPT) for name in request.form),
    )
    return page, CONFLICT


def waiting(campaign: Campaign, verdict: Verdict) -> list[dict[str, object]]:
    """Return the warnings that nobody has accepted yet."""
    shown = paneled(campaign, verdict).findings
    return [one for one in shown if one["severity"] == "warn" and not one["accepted"]]


def acceptance() -> overrides.Acceptance:
    """Return the reasons that the person at hand gives for warnings: ``accept-R08=…``."""
    given = {
        name.removeprefix(ACCEPT): value
        for name, value in request.form.items()
        if name.startswith(ACCEPT)
    }
    return overrides.Acceptance(current_user, given)
