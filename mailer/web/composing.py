"""The composer: a draft is written, checked and previewed, saved or not yet."""

from dataclasses import dataclass, field, replace

from flask import (
    Response,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.campaigns.templating import BadTemplate
from mailer.compliance.gate import Verdict
from mailer.db import db
from mailer.delivery import checks, previews
from mailer.web import access as doors
from mailer.web import drafting, headers, verdicts
from mailer.web.access import access
from mailer.web.campaigns import CONFLICT, UNPROCESSABLE, bp, chosen

NOT_FOUND = 404


@dataclass(frozen=True)
class Sheet:
    """What lies on the composer's desk. ``campaign`` is None for what was never saved."""

    draft: Draft
    campaign: Campaign | None = None
    revision: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    trouble: tuple[str, str] | None = None


@bp.route("/new", methods=["GET", "POST"])
@access("campaigns:manage")
def new() -> ResponseReturnValue:
    if request.method != "POST":
        return composer(Sheet(drafting.fresh(db.session())))
    draft = drafting.typed(request.form)
    if "do" in request.form:
        return composer(Sheet(drafting.helped(draft, request.form["do"])))
    try:
        campaign = drafts.create(db.session(), draft, clock.now())
    except drafts.BadDraft as error:
        db.session.rollback()
        return composer(Sheet(draft, errors=error.problems)), UNPROCESSABLE
    return kept(campaign, "campaign.create")


@bp.route("/<int:campaign_id>/edit", methods=["GET", "POST"])
@access("campaigns:manage")
def edit(campaign_id: int) -> ResponseReturnValue:
    campaign = chosen(campaign_id)
    if request.method != "POST":
        if campaign.status is not CampaignStatus.draft:
            return redirect(url_for("campaigns.show", campaign_id=campaign.id))
        return composer(Sheet(drafting.saved(campaign), campaign, campaign.revision))
    sheet = Sheet(
        drafting.typed(request.form),
        campaign,
        drafting.number(request.form.get("revision", "")),
    )
    if "do" in request.form:
        return composer(replace(sheet, draft=drafting.helped(sheet.draft, request.form["do"])))
    return save(sheet, campaign)


def save(sheet: Sheet, campaign: Campaign) -> ResponseReturnValue:
    """Save a draft; whatever stands against it, what was typed stays on the page."""
    try:
        drafts.edit(db.session(), campaign, sheet.draft, sheet.revision, clock.now())
    except drafts.BadDraft as error:
        db.session.rollback()
        return composer(replace(sheet, errors=error.problems)), UNPROCESSABLE
    except drafts.StaleEdit:
        db.session.rollback()
        return stale(sheet, campaign)
    except drafts.NotEditable:
        db.session.rollback()
        title = f"The campaign is {campaign.status} and stays as it is."
        text = "Your words are still below. Save them as a new draft."
        return composer(Sheet(sheet.draft, trouble=(title, text))), CONFLICT
    return kept(campaign, "campaign.edit")


def stale(sheet: Sheet, campaign: Campaign) -> ResponseReturnValue:
    if drafting.saved(campaign) == sheet.draft:  # the same button, pressed twice
        return redirect(url_for("campaigns.edit", campaign_id=campaign.id))
    title = "Somebody else saved this campaign while you were writing."
    text = (
        "Nothing was overwritten, and your words are still below. Save again to replace theirs, "
        "or open the campaign in another tab to compare first."
    )
    sheet = replace(sheet, revision=campaign.revision, trouble=(title, text))
    return composer(sheet), CONFLICT


def kept(campaign: Campaign, action: str) -> ResponseReturnValue:
    audit.record(db.session(), clock.now(), current_user, action, f"campaign {campaign.id}")
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for("campaigns.edit", campaign_id=campaign.id))


def composer(sheet: Sheet) -> str:
    """Return the composer's page, with what the gate says of the text that stands in it."""
    session = db.session()
    verdict, readers = None, []
    if sheet.campaign is not None or request.method == "POST":
        try:
            campaign = drafting.unsaved(session, sheet.draft)
            verdict, readers = judged(campaign), list(previews.readers(session, campaign))
        except drafts.BadDraft:
            verdict = None
    return render_template(
        "campaigns/new.html" if sheet.campaign is None else "campaigns/edit.html",
        sheet=sheet,
        draft=sheet.draft,
        verdict=verdict,
        findings=verdicts.shown(verdict) if verdict else [],
        asked=verdicts.asked(sheet.draft.kind),
        readers=readers,
        senders=drafting.choices(session),
        variables=drafting.VARIABLES,
        longest_body=drafts.LONGEST_BODY,
    )


def judged(campaign: Campaign) -> Verdict:
    return checks.examined(db.session(), current_app.extensions["site"], campaign, clock.now())


@bp.route("/check", methods=["POST"], defaults={"campaign_id": 0})
@bp.route("/<int:campaign_id>/check", methods=["POST"])
@access("campaigns:get", reads=True)
def check(campaign_id: int) -> ResponseReturnValue:
    """Ask the gate about the words in the form, or about the saved ones when there are none."""
    try:
        campaign = at_hand(campaign_id)
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
        findings=verdicts.shown(verdict),
        asked=verdicts.asked(campaign.kind),
        problems=[],
    )


def at_hand(campaign_id: int) -> Campaign:
    """Return the campaign as it stands in the form, else as it was saved; raises BadDraft."""
    if "body" in request.form:
        return drafting.unsaved(db.session(), drafting.typed(request.form))
    return chosen(campaign_id)


def unusable(error: drafts.BadDraft) -> ResponseReturnValue:
    if doors.wants_json():
        answer = jsonify(message=str(error), violations=[])
        return make_response(answer, UNPROCESSABLE)
    fragment = "HX-Request" in request.headers
    template = "campaigns/check_result.html" if fragment else "campaigns/check.html"
    page = render_template(template, campaign=None, problems=list(error.problems.values()))
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
        campaign = at_hand(campaign_id)
        number = drafting.number(request.values.get("reader", ""))
        reader = previews.reader(session, campaign, number) if number else checks.nobody(campaign)
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
