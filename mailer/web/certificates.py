"""The certificate of a send: as a page that prints well, and as a file that anybody can check."""

import json
from typing import Any

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue

from mailer.campaigns.models import Campaign
from mailer.db import db
from mailer.delivery import certificates
from mailer.delivery.models import Certificate
from mailer.web import allowed, wording
from mailer.web.access import access
from mailer.web.campaigns import chosen

bp = Blueprint("certificates", __name__, url_prefix="/campaigns")
allowed.register(bp)


@bp.route("/<int:campaign_id>/certificate")
@access("campaigns:get")
def show(campaign_id: int) -> ResponseReturnValue:
    """Show what was approved, by whom and on what grounds, and what became of it."""
    campaign = chosen(campaign_id)
    ours = certificates.public_keys(current_app.extensions["site"].keys)
    return render_template(
        "certificates/show.html",
        campaign=campaign,
        pages=[read(page) for page in certificates.pages(db.session(), campaign_id)],
        ours=ours,
        reasons=wording.REASONS,
        file=filename(campaign),
    )


@bp.route("/<int:campaign_id>/certificate.json")
@access("campaigns:get")
def download(campaign_id: int) -> ResponseReturnValue:
    """Hand out the file; `mailer verify` checks it without this server."""
    campaign = chosen(campaign_id)
    data = certificates.document(certificates.pages(db.session(), campaign_id))
    response = Response(data, mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=filename(campaign))
    return response


def filename(campaign: Campaign) -> str:
    return f"certificate-{campaign.id}.json"


def read(page: Certificate) -> dict[str, Any]:
    return {"row": page, "says": json.loads(page.content)}
