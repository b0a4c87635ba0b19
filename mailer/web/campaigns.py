"""Campaigns: all of them, and one of them with who would get it, its check and its preview."""

from dataclasses import dataclass

from flask import Blueprint, abort, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from mailer import clock
from mailer.audience import standing
from mailer.campaigns import catalogue, drafts, lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.compliance.gate import Verdict
from mailer.db import db
from mailer.delivery import audience, checks, instance, launch, overrides, previews, progress
from mailer.web import access as doors
from mailer.web import allowed, counting, drafting, scoping, verdicts, wording
from mailer.web.access import access
from mailer.web.zones import remembered

WAITING = (CampaignStatus.draft, CampaignStatus.scheduled)
JUDGED = (*WAITING, CampaignStatus.paused)
VIEWS = {"desktop": "Desktop", "phone": "Phone", "text": "Text"}
LARGEST_ID = 2**63 - 1
CONFLICT, UNPROCESSABLE = 409, 422

bp = Blueprint("campaigns", __name__, url_prefix="/campaigns")
allowed.register(bp)


@dataclass(frozen=True)
class Trouble:
    """Why what was asked for was not done; shown above the page it was asked on.

    ``fields`` maps a form field to what is wrong with it.
    """

    title: str
    text: str
    fields: dict[str, str]
    status: int = UNPROCESSABLE


@bp.route("/")
@access("campaigns:get")
def index() -> ResponseReturnValue:
    session = db.session()
    status = chosen_status()
    lists = scoping.mine()
    counts = catalogue.counts(session, lists)
    total = counts[status] if status else sum(counts.values())
    pages = max(1, -(-total // catalogue.PER_PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    campaigns = catalogue.page(session, status, number, lists)
    return render_template(
        "campaigns/index.html",
        campaigns=campaigns,
        progress=progress.of_each(session, campaigns),
        counts=counts,
        status=status,
        total=total,
        page=number,
        pages=pages,
    )


def chosen_status() -> CampaignStatus | None:
    asked = request.args.get("status", "")
    return CampaignStatus(asked) if asked in list(CampaignStatus) else None


@bp.route("/<int:campaign_id>")
@access("campaigns:get")
def show(campaign_id: int) -> ResponseReturnValue:
    campaign = chosen(campaign_id)
    response = make_response(shown(campaign))
    if request.headers.get("HX-Target") == "live" and campaign.status is not CampaignStatus.running:
        # The state has changed under the page: its buttons are other ones now.
        response.headers["HX-Refresh"] = "true"
    return response


def chosen(campaign_id: int) -> Campaign:
    """Return the campaign, or answer 404."""
    if campaign_id > LARGEST_ID:
        abort(404)
    return db.get_or_404(Campaign, campaign_id)


def shown(
    campaign: Campaign, verdict: Verdict | None = None, trouble: Trouble | None = None
) -> str:
    """Return the page of one campaign; the gate is asked unless its verdict is given.

    Among very many readers the page comes first, and the verdict and the sums follow.
    """
    session, site, now = db.session(), current_app.extensions["site"], clock.now()
    is_later = verdict is None and counting.is_later(session)
    if verdict is None and campaign.status in JUDGED and not is_later:
        verdict = checks.examined(session, site, campaign, now)
    return render_template(
        "campaigns/show.html",
        campaign=campaign,
        verdict=verdict,
        panel=paneled(campaign, verdict) if verdict else None,
        trouble=trouble,
        arithmetic=arithmetic(campaign) if campaign.status in WAITING and not is_later else {},
        asked=counting.ASKED,
        progress=progress.of_each(session, [campaign]).get(campaign.id),
        preview=previewed(campaign),
        zone=remembered(campaign.send_at),
        form=request.form,
        reasons=wording.REASONS,
        MAILABLE=standing.MAILABLE,
    )


def paneled(campaign: Campaign, verdict: Verdict) -> verdicts.Panel:
    """Return the verdict on a saved campaign, with what was accepted of it."""
    accepted = overrides.in_force(db.session(), campaign)
    return verdicts.panel(verdict, campaign, drafting.saved(campaign), accepted)


def arithmetic(campaign: Campaign) -> dict[str, int]:
    """Return how many people each reason keeps out; MAILABLE counts those who will be mailed."""
    counted = audience.arithmetic(db.session(), campaign, clock.now())
    return {standing.MAILABLE: 0, **counted}


def previewed(campaign: Campaign) -> dict[str, object]:
    """Return what the preview offers, and what is chosen of it."""
    view = request.args.get("view", "desktop")
    return {
        "view": view if view in VIEWS else "desktop",
        "views": VIEWS,
        "reader": request.args.get("reader", 0, type=int),
        "readers": previews.readers(db.session(), campaign, clock.now()),
    }


def told(trouble: Trouble, campaign_id: int, verdict: Verdict | None = None) -> ResponseReturnValue:
    """Say why something was not done: on the campaign's page, or as JSON."""
    db.session.rollback()
    if doors.wants_json():
        found = verdict.as_dict() if verdict else {"violations": [], "not_judged": []}
        body = {**found, "message": f"{trouble.title} {trouble.text}".strip()}
        return make_response(jsonify(body), trouble.status)
    return shown(chosen(campaign_id), verdict, trouble), trouble.status


def here() -> int:
    return int((request.view_args or {})["campaign_id"])


@bp.errorhandler(checks.Refused)
def refused(refusal: checks.Refused) -> ResponseReturnValue:
    trouble = Trouble("The gate refuses this campaign.", "Nothing was sent. See why below.", {})
    return told(trouble, here(), refusal.verdict)


@bp.errorhandler(launch.NoAudience)
def nobody(error: launch.NoAudience) -> ResponseReturnValue:
    counted = {reason: number for reason, number in error.arithmetic.items() if number}
    people = "; ".join(f"{number:,} {wording.short(reason)}" for reason, number in counted.items())
    text = people or "Nobody is on the chosen lists, or no list is chosen."
    return told(Trouble("Nobody would be mailed.", text, {}), here())


@bp.errorhandler(instance.OnHold)
def held(error: instance.OnHold) -> ResponseReturnValue:
    return told(Trouble("Nothing was sent.", str(error), {}, CONFLICT), here())


@bp.errorhandler(lifecycle.WrongState)
@bp.errorhandler(drafts.NotEditable)
def too_late(error: Exception) -> ResponseReturnValue:
    """Answer a button that was pressed twice, or on a page that had grown old."""
    del error
    db.session.rollback()
    campaign = chosen(here())
    if doors.wants_json():
        message = f"The campaign is {campaign.status}; this cannot be done now."
        return make_response(jsonify(message=message, violations=[]), CONFLICT)
    page = render_template("campaigns/too_late.html", campaign=campaign)
    return page, CONFLICT
