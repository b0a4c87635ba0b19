"""Readers for staff: found, looked at, switched off, and taken off a list when they ask."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.accounts import audit
from mailer.audience import (
    addresses,
    lists,
    readers,
    searches,
    subscriptions,
    suppressions,
)
from mailer.audience.models import Subscriber, Subscription
from mailer.audience.segments import fields as kept
from mailer.audience.segments.models import Field, Segment
from mailer.audience.subscriptions import OptOut
from mailer.audience.words import ConsentMethod, Scope, SubscriberStatus, SubscriptionStatus
from mailer.db import db
from mailer.delivery import biography, segmenting
from mailer.privacy.requests import recipients
from mailer.privacy.requests.recipients import Act
from mailer.privacy.requests.words import Kind
from mailer.web import allowed, attributes, fields, scoping
from mailer.web.access import access
from mailer.web.evidence import evidence

bp = Blueprint("subscribers", __name__, url_prefix="/subscribers")
allowed.register(bp)

LONGEST_NOTE = 300
STATUSES = [status.value for kind in (SubscriptionStatus, SubscriberStatus) for status in kind]


@bp.route("/")
@access("subscribers:get")
def index() -> ResponseReturnValue:
    session, search = db.session(), asked()
    page = searches.page(session, search, edge("before"), edge("after"))
    return render_template(
        "subscribers/index.html",
        page=page,
        search=search,
        lists=[one for one in lists.index(session) if scoping.seen(one.id)],
        segments=scoping.segments(session),
        segment=chosen_segment(),
        statuses=STATUSES,
        args=arguments(search),
    )


def edge(name: str) -> int | None:
    return request.values.get(name, type=fields.number)


def asked() -> searches.Search:
    """Return what is searched for; whatever makes no sense is left out."""
    text = request.values.get("q", "").strip()[: addresses.LONGEST_ADDRESS]
    status = request.values.get("status", "")
    segment = chosen_segment()
    return searches.Search(
        text="" if addresses.has_invisible(text) else text,
        list_id=request.values.get("list", type=fields.number),
        status=status if status in STATUSES else "",
        anywhere=request.values.get("anywhere") == "yes",
        also=both(
            segmenting.within(db.session(), segment, clock.now()) if segment else None,
            scoping.readers(status),
        ),
    )


def both(one: searches.Test | None, other: searches.Test | None) -> searches.Test | None:
    given = [test for test in (one, other) if test is not None]
    return sa.and_(*given) if given else None


def chosen_segment() -> Segment | None:
    number = request.values.get("segment", type=fields.number)
    return db.session.get(Segment, number) if number else None


def arguments(search: searches.Search) -> dict[str, object]:
    """Return the search as a link carries it."""
    segment = chosen_segment()
    given = {
        "q": search.text,
        "list": search.list_id,
        "status": search.status,
        "segment": segment.id if segment else None,
        "anywhere": "yes" if search.anywhere else None,
    }
    return {name: value for name, value in given.items() if value}


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


@bp.route("/<int:subscriber_id>/edit", methods=["GET", "POST"])
@access("subscribers:manage")
def edit(subscriber_id: int) -> ResponseReturnValue:
    """Change a reader's name and fields; each field takes only what it holds."""
    subscriber = db.get_or_404(Subscriber, subscriber_id)
    known = kept.index(db.session())
    reading = fields.Reading(request.form)
    if request.method != "POST":
        return editing(subscriber, known, reading)
    name = reading.person_name("name")
    values = attributes.read(reading, known, subscriber.attributes)
    if reading.errors:
        return editing(subscriber, known, reading), 422
    changed = readers.edit(db.session(), clock.now(), subscriber_id, name, values)
    if changed:
        about, what = biography.subject(subscriber_id), ", ".join(sorted(changed))[:500]
        audit.record(
            db.session(), clock.now(), current_user, "subscribers.edit", about, reason=what
        )
        act = Act(Kind.correction, subscriber.address_key, f"Corrected by us: {what}.")
        recipients.note_act(db.session(), clock.now(), current_user, act)
    db.session.commit()
    flash("The profile is saved.", "success")
    return redirect(url_for("subscribers.show", subscriber_id=subscriber_id))


def editing(subscriber: Subscriber, known: Sequence[Field], reading: fields.Reading) -> str:
    return render_template(
        "subscribers/edit.html",
        subscriber=subscriber,
        all=attributes.inputs(known, subscriber.attributes, reading.form, "Not known"),
        values={"name": subscriber.name, **reading.form},
        errors=reading.errors,
    )


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
    subject = biography.subject(subscriber_id)
    audit.record(db.session(), clock.now(), current_user, action, subject)


def shown(subscriber: Subscriber, reading: fields.Reading) -> str:
    session = db.session()
    return render_template(
        "subscribers/show.html",
        subscriber=subscriber,
        labels={field.key: field.label for field in kept.index(session)},
        refusals=scoping.refusals(suppressions.in_force(session, subscriber.address_key)),
        places=[one for one in subscriber.subscriptions if scoping.seen(one.list_id)],
        entries=[] if scoping.is_narrowed() else biography.told(session, subscriber),
        values=reading.form,
        errors=reading.errors,
        has_privacy="privacy.export_person" in current_app.view_functions,
    )
