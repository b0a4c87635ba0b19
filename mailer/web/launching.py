"""A campaign's buttons: test, schedule, send, pause, resume, cancel, duplicate."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from flask import current_app, flash, jsonify, make_response, redirect, render_template, request
from flask import url_for as address_of
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from mailer import clock, tasks
from mailer.accounts import audit
from mailer.audience import addresses
from mailer.campaigns import drafts, lifecycle, zones
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.campaigns.templating import BadTemplate
from mailer.db import db
from mailer.delivery import checks, launch, seeds, trials
from mailer.delivery.approval import Unlawful
from mailer.delivery.composing import Unsendable
from mailer.web import access as doors
from mailer.web import wording
from mailer.web.accepting import acceptance, waiting
from mailer.web.access import access
from mailer.web.campaigns import Trouble, arithmetic, bp, chosen, paneled, told
from mailer.web.zones import remember

TEST_PATIENCE = 15.0  # seconds; a person waits for the answer
BAD_GATEWAY = 502

Change = Callable[[Session, Campaign, datetime], None]


def changed(campaign_id: int, action: str, change: Change, done: str) -> ResponseReturnValue:
    """Apply a change, record and commit it, and say that it is done."""
    campaign, now = chosen(campaign_id), clock.now()
    change(db.session(), campaign, now)
    audit.record(db.session(), now, current_user, action, f"campaign {campaign_id}")
    db.session.commit()
    return said(done, campaign)


def said(done: str, campaign: Campaign) -> ResponseReturnValue:
    if doors.wants_json():
        return make_response(jsonify(message=done, id=campaign.id, status=campaign.status.value))
    flash(done, "success")
    page = "reports.show" if request.form.get("back") == "report" else "campaigns.show"
    return redirect(address_of(page, campaign_id=campaign.id))


def ring(campaign_id: int) -> None:
    """Wake the senders. Only a hint: whatever goes wrong here, the tick rings again."""
    current_app.extensions["bell"].deliver(campaign_id)


@bp.route("/<int:campaign_id>/start", methods=["GET", "POST"])
@access("campaigns:send")
def start(campaign_id: int) -> ResponseReturnValue:
    """Say how many readers this mails, then mail them."""
    campaign = chosen(campaign_id)
    if request.method != "POST":
        now = clock.now()
        verdict = checks.examined(db.session(), current_app.extensions["site"], campaign, now, now)
        return render_template(
            "campaigns/start.html",
            campaign=campaign,
            arithmetic=arithmetic(campaign),
            verdict=verdict,
            panel=paneled(campaign, verdict),
            waiting=waiting(campaign, verdict),
        )
    site = current_app.extensions["site"]
    tasks.try_opt_out(campaign.sender_id)

    def begin(session: Session, campaign: Campaign, now: datetime) -> None:
        launch.start(session, site, campaign, now, acceptance())

    answer = changed(campaign_id, "campaign.start", begin, "It is on its way.")
    ring(campaign_id)
    return answer


@bp.route("/<int:campaign_id>/resume", methods=["POST"])
@access("campaigns:send")
def resume(campaign_id: int) -> ResponseReturnValue:
    site = current_app.extensions["site"]
    tasks.try_opt_out(chosen(campaign_id).sender_id)

    def go_on(session: Session, campaign: Campaign, now: datetime) -> None:
        launch.resume(session, site, campaign, now, acceptance())

    answer = changed(campaign_id, "campaign.resume", go_on, "It goes on where it stopped.")
    ring(campaign_id)
    return answer


@bp.route("/<int:campaign_id>/pause", methods=["POST"])
@access("campaigns:send")
def pause(campaign_id: int) -> ResponseReturnValue:
    done = "It is paused. Messages that are on the wire already still arrive."
    return changed(campaign_id, "campaign.pause", lifecycle.pause, done)


@bp.route("/<int:campaign_id>/cancel", methods=["GET", "POST"])
@access("campaigns:send")
def cancel(campaign_id: int) -> ResponseReturnValue:
    campaign = chosen(campaign_id)
    if request.method != "POST":
        return render_template("campaigns/cancel.html", campaign=campaign)
    done = "It is cancelled. Whoever was not mailed yet will not be."
    site = current_app.extensions["site"]

    def stop(session: Session, campaign: Campaign, now: datetime) -> None:
        launch.cancel(session, site, campaign, now)

    return changed(campaign_id, "campaign.cancel", stop, done)


@bp.route("/<int:campaign_id>/schedule", methods=["POST"])
@access("campaigns:send")
def schedule(campaign_id: int) -> ResponseReturnValue:
    site, zone = current_app.extensions["site"], request.form.get("zone", "")
    tasks.try_opt_out(chosen(campaign_id).sender_id)

    def fix(session: Session, campaign: Campaign, now: datetime) -> None:
        at = zones.parsed(request.form.get("at", ""), zone)
        launch.schedule(session, site, campaign, at, now, acceptance())
        remember(zone)

    try:
        return changed(campaign_id, "campaign.schedule", fix, "It is scheduled.")
    except (zones.BadTime, launch.PastTime) as error:
        trouble = Trouble("It is not scheduled.", str(error), {"at": str(error)})
        return told(trouble, campaign_id)


@bp.route("/<int:campaign_id>/unschedule", methods=["POST"])
@access("campaigns:send")
def unschedule(campaign_id: int) -> ResponseReturnValue:
    done = "It is a draft again and leaves only when you say so."
    return changed(campaign_id, "campaign.unschedule", lifecycle.unschedule, done)


@bp.route("/<int:campaign_id>/duplicate", methods=["POST"])
@access("campaigns:manage")
def duplicate(campaign_id: int) -> ResponseReturnValue:
    copy = drafts.duplicate(db.session(), chosen(campaign_id), clock.now())
    subject = f"campaign {copy.id}"
    audit.record(db.session(), clock.now(), current_user, "campaign.duplicate", subject)
    db.session.commit()
    return said("This is the copy: a fresh draft.", copy)


@bp.route("/<int:campaign_id>/seed", methods=["POST"])
@access("campaigns:send")
def seed(campaign_id: int) -> ResponseReturnValue:
    """Send a copy to the seed mailbox; the gate judges it when it has come back."""
    campaign, session, now = chosen(campaign_id), db.session(), clock.now()
    if tasks.seed() is None:
        text = "Set MAILER_SEED_ADDRESS and MAILER_SEED_MAILBOX to a mailbox of yours first."
        return told(Trouble("No seed copy was sent.", text, {}), campaign_id)
    copy = seeds.queue(
        session,
        current_app.extensions["site"].relay_of(campaign.sender.from_address),
        campaign,
        now,
    )
    audit.record(session, now, current_user, "campaign.seed", f"campaign {campaign_id}")
    session.commit()
    with suppress(Exception):  # only a hint: the tick sends it, whatever the broker says
        current_app.extensions["bell"].follow_seed(copy.id)
    return said("A seed copy is on its way. Its result will stand in the report.", campaign)


@bp.route("/<int:campaign_id>/test", methods=["POST"])
@access("campaigns:send")
def test(campaign_id: int) -> ResponseReturnValue:
    """Send one copy to one of our own people, and show what the relay answered."""
    campaign, site = chosen(campaign_id), current_app.extensions["site"]
    tasks.try_opt_out(campaign.sender_id)
    relay = replace(tasks.relay(), timeout=TEST_PATIENCE)
    typed = request.form.get("address", "")
    try:
        address = addresses.parsed(typed, test_environment=site.development).spelled
        name = current_user.name if address == current_user.email else ""
        reader = Reader(address, name)
        reply = trials.send(db.session(), site, relay, campaign, reader, clock.now())
    except (
        addresses.BadAddress,
        Unlawful,
        trials.OptedOut,
        trials.NotOneOfUs,
        BadTemplate,
        Unsendable,
    ) as error:
        trouble = Trouble("No test was sent.", str(error), {"address": str(error)})
        return told(trouble, campaign_id)
    except trials.Undelivered as error:
        text = wording.ending(str(error))
        trouble = Trouble("The relay did not take the test.", text, {}, BAD_GATEWAY)
        return told(trouble, campaign_id)
    answer = f"{reply.code} {reply.text}".strip()
    if not reply.is_positive:
        text = f"It answered {answer} to {reply.phase.upper()}."
        return told(Trouble("The relay refused the test.", text, {}, BAD_GATEWAY), campaign_id)
    audit.record(
        db.session(), clock.now(), current_user, "campaign.test", f"campaign {campaign_id}"
    )
    db.session.commit()
    return said(f"The relay took the test for {address}: {answer}", chosen(campaign_id))
