"""Readers for staff: found, looked at, switched off, and taken off a list when they ask."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience import addresses, lists, readers, subscriptions, suppressions, timeline
from mailer.audience.models import (
    ConsentMethod,
    Scope,
    Subscriber,
    SubscriberStatus,
    Subscription,
    SubscriptionStatus,
)
from mailer.audience.subscriptions import OptOut
from mailer.db import db
from mailer.web import allowed, fields
from mailer.web.access import access
from mailer.web.evidence import evidence

bp = Blueprint("subscribers", __name__, url_prefix="/subscribers")
allowed.register(bp)

LONGEST_NOTE = 300
STATUSES = [status.value for kind in (SubscriptionStatus, SubscriberStatus) for status in kind]


@bp.route("/")
@access("subscribers:get")
def index() -> ResponseReturnValue:
    search = asked()
    page = readers.page(db.session(), search, request.args.get("page", 1, type=int))
    return render_template(
        "subscribers/index.html",
        page=page,
        search=search,
        lists=lists.index(db.session()),
        statuses=STATUSES,
        args={"q": search.text, "list": search.list_id or "", "status": search.status},
    )


def asked() -> readers.Search:
    """Return what is searched for; whatever makes no sense is left out."""
    text = request.args.get("q", "").strip()[: addresses.LONGEST_ADDRESS]
    status = request.args.get("status", "")
    return readers.Search(
        text="" if addresses.has_invisible(text) else text,
        list_id=request.args.get("list", type=fields.number),
        status=status if status in STATUSES else "",
    )


@bp.route("/<int:subscriber_id>")
@access("subscribers:get")
def show(subscriber_id: int) -> ResponseReturnValue:
    return shown(db.get_or_404(Subscriber, subscriber_id), fields.Reading({}))


@bp.route("/<int:subscriber_id>/unsubscribe", methods=["POST"])
@access("subscribers:manage")
def unsubscribe(subscriber_id: int) -> ResponseReturnValue:
    """Take a reader off because she has asked for it by another way: a letter, a call."""
    subscriber = db.get_or_404(Subscriber, subscriber_id)
    reading = fields.Reading(request.form)
    note = reading.text("note", LONGEST_NOTE)
    subscription = db.session.get(
        Subscription, request.form.get("subscription_id", 0, type=fields.number)
    )
    if subscription is None or subscription.subscriber_id != subscriber.id:
        reading.errors["subscription_id"] = "Choose one of the lists above."
    if subscription is None or reading.errors:
        return shown(subscriber, reading), 422
    scope = Scope.sender if request.form.get("scope") == Scope.sender else Scope.list
    opt_out = OptOut(subscription.list_id, subscriber.id, scope=scope)
    proof = evidence(note, request.base_url, actor=current_user.email)
    session, now = db.session(), clock.now()
    subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.staff, proof)
    note_act("subscribers.unsubscribe", subscriber_id)
    session.commit()
    flash("The reader is unsubscribed, and nobody else can change that.", "success")
    return redirect(url_for("subscribers.show", subscriber_id=subscriber_id))


@bp.route("/<int:subscriber_id>/disable", methods=["POST"])
@access("subscribers:manage")
def disable(subscriber_id: int) -> ResponseReturnValue:
    words = "The reader is disabled and gets no mail until enabled again."
    return steered(subscriber_id, SubscriberStatus.disabled, "subscribers.disable", words)


@bp.route("/<int:subscriber_id>/enable", methods=["POST"])
@access("subscribers:manage")
def enable(subscriber_id: int) -> ResponseReturnValue:
    words = "The reader is enabled. Lists that were left stay left."
    return steered(subscriber_id, SubscriberStatus.enabled, "subscribers.enable", words)


def steered(
    subscriber_id: int, status: SubscriberStatus, action: str, words: str
) -> ResponseReturnValue:
    db.get_or_404(Subscriber, subscriber_id)
    if readers.set_status(db.session(), clock.now(), subscriber_id, status):
        note_act(action, subscriber_id)
        db.session.commit()
        flash(words, "success")
    return redirect(url_for("subscribers.show", subscriber_id=subscriber_id))


def note_act(action: str, subscriber_id: int) -> None:
    """Log an act by its number; notes stand in the consent ledger, which erasure reaches."""
    subject = f"subscriber {subscriber_id}"
    audit.record(db.session(), clock.now(), current_user, action, subject)


def shown(subscriber: Subscriber, reading: fields.Reading) -> str:
    session = db.session()
    return render_template(
        "subscribers/show.html",
        subscriber=subscriber,
        refusals=suppressions.in_force(session, subscriber.address_key),
        entries=timeline.timeline(session, subscriber),
        values=reading.form,
        errors=reading.errors,
        has_privacy="privacy.export_person" in current_app.view_functions,
    )
