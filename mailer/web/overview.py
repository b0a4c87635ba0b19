"""The first page: what runs, what waits for a person, and what to do next."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from mailer import clock, guard
from mailer.audience import lists, senders
from mailer.audience.joining import limits
from mailer.audience.words import ListStatus
from mailer.campaigns import catalogue
from mailer.campaigns.models import CampaignStatus
from mailer.db import db
from mailer.delivery import checklist, checks, progress
from mailer.web import allowed, reader_pages
from mailer.web.access import access

MOST = 5

bp = Blueprint("overview", __name__)
allowed.register(bp)


@bp.route("/")
@access("campaigns:get")
def index() -> ResponseReturnValue:
    session = db.session()
    under_way = catalogue.in_states(
        session,
        CampaignStatus.running,
        CampaignStatus.paused,
        CampaignStatus.scheduled,
        most=MOST * 2,
    )
    everybody, now = senders.index(session), clock.now()
    finished = catalogue.in_states(session, CampaignStatus.finished, most=MOST)
    return render_template(
        "overview/index.html",
        under_way=under_way,
        finished=finished,
        progress=progress.of_each(session, [*under_way, *finished]),
        held=catalogue.held(session, MOST),
        on_hold=guard.held(),
        is_strained=limits.is_strained(session, now, reader_pages.site().confirmations_per_hour),
        counts=catalogue.counts(session),
        lists=[one for one in lists.index(session) if one.status is ListStatus.active],
        subscriptions=lists.counts(session),
        nobody=lists.no_one(),
        senders=everybody,
        setup=checklist.checklist(session, reader_pages.site(), next(iter(everybody), None), now),
    )


@bp.route("/drafts")
@access("campaigns:get")
def drafts() -> ResponseReturnValue:
    """Say what the gate thinks of the latest drafts; apart, since it reads each of them."""
    session, site, now = db.session(), current_app.extensions["site"], clock.now()
    latest = catalogue.in_states(session, CampaignStatus.draft, most=MOST)
    verdicts = [(draft, checks.examined(session, site, draft, now)) for draft in latest]
    return render_template("overview/drafts.html", verdicts=verdicts)
