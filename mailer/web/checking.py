"""The composer's desk before the gate: what is typed is judged and previewed, saved or not."""

from flask import Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from mailer import clock
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign
from mailer.campaigns.templating import BadTemplate
from mailer.compliance.gate import Verdict
from mailer.db import db
from mailer.delivery import checks, overrides, previews, specimens
from mailer.delivery.models import Override
from mailer.web import access as doors
from mailer.web import drafting, headers, looking, verdicts
from mailer.web.access import access
from mailer.web.campaigns import UNPROCESSABLE, bp, chosen

FORBIDDEN, NOT_FOUND = 403, 404
NO_CASE = "Open the page of reader No. {} first and say why you look; then her copy is shown here."


def judged(campaign: Campaign) -> Verdict:
    return checks.examined(db.session(), current_app.extensions["site"], campaign, clock.now())


@bp.route("/check", methods=["POST"], defaults={"campaign_id": 0})
@bp.route("/<int:campaign_id>/check", methods=["POST"])
@access("campaigns:get", reads=True)
def check(campaign_id: int) -> ResponseReturnValue:
    """Ask the gate about the words in the form, or about the saved ones when there are none."""
    try:
        campaign, draft, problems = at_hand(campaign_id)
    except drafts.BadDraft as error:
        return unusable(error)
    verdict = judged(campaign)
    if doors.wants_json():
        return verdicts.as_json(verdict)
    return render_template(
        "campaigns/check_result.html"
        if "HX-Request" in request.headers
        else "campaigns/check.html",
        campaign=campaign,
        panel=verdicts.panel(verdict, campaign, draft, accepted_of(campaign_id)),
        problems=problems,
    )


@bp.route("/findings", methods=["POST"], defaults={"campaign_id": 0})
@bp.route("/<int:campaign_id>/findings", methods=["POST"])
@access("campaigns:get", reads=True)
def findings(campaign_id: int) -> ResponseReturnValue:
    """Say, while somebody types, what the gate thinks of the words as they stand."""
    draft = drafting.typed(request.form)
    try:
        campaign, problems = drafts.sketch(db.session(), draft)
    except drafts.BadDraft as error:
        if doors.wants_json():
            return unusable(error)
        return render_template(
            "campaigns/findings.html", campaign=None, panel=None, problems=error.problems
        )
    site, turns = current_app.extensions["site"], current_app.extensions["turns"]
    verdict = checks.glanced(db.session(), site, campaign, clock.now(), turns.lands)
    if doors.wants_json():
        return verdicts.as_json(verdict)
    panel = verdicts.panel(verdict, campaign, draft, accepted_of(campaign_id))
    return render_template(
        "campaigns/findings.html", campaign=campaign, panel=panel, problems=problems, glance=True
    )


def accepted_of(campaign_id: int) -> dict[str, Override]:
    return accepted(chosen(campaign_id)) if campaign_id else {}


def accepted(campaign: Campaign | None) -> dict[str, Override]:
    return overrides.in_force(db.session(), campaign) if campaign else {}


def at_hand(campaign_id: int) -> tuple[Campaign, Draft, dict[str, str]]:
    """Return the campaign as it stands in the form, else as it was saved; raises BadDraft.

    Beside it what was typed, and what keeps that from being saved.
    """
    if "body" in request.form:
        draft = drafting.typed(request.form)
        campaign, problems = drafts.sketch(db.session(), draft)
        return campaign, draft, problems
    campaign = chosen(campaign_id)
    return campaign, drafting.saved(campaign), {}


def unusable(error: drafts.BadDraft) -> ResponseReturnValue:
    if doors.wants_json():
        answer = jsonify(message=str(error), violations=[], not_judged=[])
        return make_response(answer, UNPROCESSABLE)
    fragment = "HX-Request" in request.headers
    template = "campaigns/check_result.html" if fragment else "campaigns/check.html"
    page = render_template(template, campaign=None, panel=None, problems=error.problems)
    # htmx shows only what succeeded.
    return page, 200 if fragment else UNPROCESSABLE


@bp.route("/preview", methods=["POST"], defaults={"campaign_id": 0})
@bp.route("/<int:campaign_id>/preview", methods=["GET", "POST"])
@access("campaigns:get", reads=True)
def preview(campaign_id: int) -> ResponseReturnValue:
    """Answer with one reader's copy, for a frame in which nothing runs and nothing loads."""
    session, site = db.session(), current_app.extensions["site"]
    is_text = request.values.get("part") == "text" or request.values.get("view") == "text"
    try:
        campaign, _, _ = at_hand(campaign_id)
        number = drafting.number(request.values.get("reader", ""))
        if number and not looking.is_open(number):
            return in_frame(NO_CASE.format(number), FORBIDDEN)
        reader = (
            previews.reader(session, campaign, number, clock.now())
            if number
            else specimens.nobody(campaign.dealing_field)
        )
        if reader is None:
            return in_frame("This reader would not get this campaign.", NOT_FOUND)
        copy = previews.copy(session, site, campaign, reader, clock.now())
    except (drafts.BadDraft, BadTemplate) as error:
        return in_frame(f"There is no preview yet. {error}", UNPROCESSABLE)
    return in_frame(copy.text) if is_text else in_frame(copy.html, mimetype="text/html")


def in_frame(content: str, status: int = 200, mimetype: str = "text/plain") -> Response:
    response = Response(content, status, mimetype=mimetype)
    response.headers["Content-Security-Policy"] = headers.MAIL_POLICY
    return response
