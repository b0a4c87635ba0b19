"""Restricting a reader as a named act of staff, and lifting it once she was told."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock
from mailer.audience.models import Subscriber
from mailer.db import db
from mailer.privacy import reasons, restriction
from mailer.web.access import access
from mailer.web.privacy import bp


@bp.route("/subscribers/<int:subscriber_id>/restrict", methods=["GET", "POST"])
@access("privacy:dsar")
def restrict_person(subscriber_id: int) -> ResponseReturnValue:
    """Ask for the reason, or for the notice; what a colleague did meanwhile is not undone."""
    session, subscriber = db.session(), db.get_or_404(Subscriber, subscriber_id)
    if request.method != "POST":
        return render_template("privacy/restrict_person.html", subscriber=subscriber)
    now, actor, text = clock.now(), current_user, request.form.get("reason", "")
    try:
        if request.form.get("act") == "lift":
            restriction.lift(session, now, subscriber_id, actor, notice=text)
        else:
            restriction.restrict(session, now, subscriber_id, actor, reason=text)
    except reasons.BadReason as error:
        db.session.rollback()
        again = db.get_or_404(Subscriber, subscriber_id)
        page = render_template("privacy/restrict_person.html", subscriber=again, error=str(error))
        return page, 422
    session.commit()
    state = "only kept" if subscriber.restricted_at else "used again"
    flash(f"The data of this reader is {state}.", "success")
    return redirect(url_for("subscribers.show", subscriber_id=subscriber_id))
