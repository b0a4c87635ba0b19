"""What became of a campaign: its numbers, live while it runs, and the people behind them."""

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from mailer import clock, tasks
from mailer.campaigns import rendering
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.delivery import leavings, seeds, statistics, unknowns, windows
from mailer.delivery import progress as pacing
from mailer.delivery.models import DeliveryStatus
from mailer.web import access as doors
from mailer.web import allowed, charts, verdicts, wording
from mailer.web.access import access
from mailer.web.campaigns import chosen

bp = Blueprint("reports", __name__, url_prefix="/campaigns")
allowed.register(bp)


@bp.route("/<int:campaign_id>/report")
@access("campaigns:get")
def show(campaign_id: int) -> ResponseReturnValue:
    campaign = chosen(campaign_id)
    if doors.wants_json():
        report = statistics.report(db.session(), campaign)
        return jsonify(
            status=campaign.status,
            audience=report.audience,
            states=report.states,
            reasons=report.reasons,
            refusals=report.refusals,
            domains=report.domains,
            composed=composed(campaign),
        )
    copies = [
        (copy, verdicts.kept(copy.findings)) for copy in seeds.of_campaign(db.session(), campaign)
    ]
    return render_template(
        "reports/show.html",
        campaign=campaign,
        copies=copies,
        composed=wording.COMPOSED[composed(campaign)],
        seed_states=wording.SEEDS,
        leavings=leavings.of_campaign(db.session(), campaign.id),
        **figures(campaign),
    )


def composed(campaign: Campaign) -> str:
    """Return in which of two ways its copies are made."""
    return "compiled" if rendering.compiled(campaign).is_flat else "rendered"


@bp.route("/<int:campaign_id>/report/progress")
@access("campaigns:get")
def progress(campaign_id: int) -> ResponseReturnValue:
    """Answer with the part of the report that changes; asked every two seconds while it runs."""
    campaign = chosen(campaign_id)
    page = render_template("reports/progress.html", campaign=campaign, **figures(campaign))
    response: Response = make_response(page)
    if campaign.status is not CampaignStatus.running:
        # The state has changed under the page: its buttons are other ones now.
        response.headers["HX-Refresh"] = "true"
    return response


def figures(campaign: Campaign) -> dict[str, object]:
    session = db.session()
    report = statistics.report(session, campaign)
    is_running = campaign.status is CampaignStatus.running
    pace = None
    if is_running:
        carriers = tasks.carriers(campaign.sender.from_address)
        pace = pacing.pace(session, campaign, report, carriers, clock.now())
    return {
        "report": report,
        "parts": [{"state": status.value, "count": n} for status, n in report.states.items()],
        "pace": pace,
        "left": wording.duration(pace.left) if pace and pace.left else "",
        "chart": charts.chart(windows.series(session, campaign.id)),
        "chart_kinds": charts.KINDS,
        "in_doubt": unknowns.number(session, campaign.id),
        "is_running": is_running,
        "reasons": wording.REASONS,
        "refused": wording.refused,
        "states": wording.STATES,
    }


@bp.route("/<int:campaign_id>/report/people")
@access("subscribers:get")
def people(campaign_id: int) -> ResponseReturnValue:
    """Show everybody of the audience, each with what became of the copy, and why."""
    campaign, asked = chosen(campaign_id), request.args.get("status", "")
    status = DeliveryStatus(asked) if asked in list(DeliveryStatus) else None
    report = statistics.report(db.session(), campaign)
    total = report.states[status] if status else report.audience
    pages = max(1, -(-total // statistics.PER_PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    deliveries = statistics.people(db.session(), campaign, status, number)
    return render_template(
        "reports/people.html",
        campaign=campaign,
        report=report,
        status=status,
        deliveries=deliveries,
        doubts=unknowns.of_deliveries(db.session(), [one.id for one in deliveries]),
        resolutions=wording.RESOLUTIONS,
        total=total,
        page=number,
        pages=pages,
        reasons=wording.REASONS,
        states=wording.STATES,
    )
