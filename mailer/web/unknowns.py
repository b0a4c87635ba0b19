"""Copies in doubt: who they are, and a person's word on whether they go out again."""

from datetime import datetime

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from mailer import tasks
from mailer.campaigns.models import Campaign
from mailer.db import db
from mailer.delivery import resending, unknowns
from mailer.web import wording
from mailer.web.accepting import acceptance
from mailer.web.access import access
from mailer.web.campaigns import bp, chosen
from mailer.web.launching import changed, ring


@bp.route("/<int:campaign_id>/unknown")
@access("subscribers:get")
def unknown(campaign_id: int) -> ResponseReturnValue:
    """Show of whom nobody can say whether the copy arrived, and why not."""
    campaign, session = chosen(campaign_id), db.session()
    total = unknowns.number(session, campaign_id)
    pages = max(1, -(-total // unknowns.PER_PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "campaigns/unknown.html",
        campaign=campaign,
        found=unknowns.page(session, campaign_id, number),
        causes=wording.CAUSES,
        sends_again=campaign.status in resending.SENDS_AGAIN,
        total=total,
        page=number,
        pages=pages,
    )


@bp.route("/<int:campaign_id>/unknown/resend", methods=["GET", "POST"])
@access("campaigns:send")
def resend(campaign_id: int) -> ResponseReturnValue:
    """Ask, then let the copies in doubt leave once more; a finished campaign is judged anew."""
    campaign, site = chosen(campaign_id), current_app.extensions["site"]
    if request.method != "POST":
        return asked("campaigns/resend.html", campaign)
    tasks.try_opt_out(campaign.sender_id)

    def again(session: Session, campaign: Campaign, now: datetime) -> None:
        resending.resend(session, site, campaign, now, acceptance())

    answer = changed(campaign_id, "campaign.resend", again, "They go out again.")
    ring(campaign_id)
    return answer


@bp.route("/<int:campaign_id>/unknown/settle", methods=["GET", "POST"])
@access("campaigns:send")
def settle(campaign_id: int) -> ResponseReturnValue:
    """Ask, then take a person's word that the copies in doubt arrived."""
    campaign = chosen(campaign_id)
    if request.method != "POST":
        return asked("campaigns/settle.html", campaign)
    name = current_user.email

    def arrived(session: Session, campaign: Campaign, now: datetime) -> None:
        unknowns.settle(session, campaign, now, name)

    return changed(campaign_id, "campaign.settle", arrived, "They count as taken by the relay.")


def asked(template: str, campaign: Campaign) -> str:
    total = unknowns.number(db.session(), campaign.id)
    again = campaign.status in resending.SENDS_AGAIN
    return render_template(template, campaign=campaign, total=total, sends_again=again)
