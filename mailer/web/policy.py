"""The policy in the hands of staff: its texts, its versions, and telling readers of a new one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mailer import clock, desk
from mailer.accounts import audit
from mailer.db import db
from mailer.privacy.policy import notices, pages, texts, versions
from mailer.privacy.policy.models import Page, PolicyVersion
from mailer.web import allowed, fields
from mailer.web.access import access
from mailer.web.reader_pages import site

bp = Blueprint("policy", __name__, url_prefix="/policy")
allowed.register(bp)


@bp.route("/")
@access("senders:get")
def index() -> ResponseReturnValue:
    session, settings = db.session(), desk.settings()
    shown = []
    for page in Page:
        found = versions.index(session, page)
        digest = pages.document(session, page, settings).digest
        is_noted = bool(found) and found[0].digest == digest
        shown.append((page, pages.TITLES[page], found, is_noted))
    return render_template("policy/index.html", pages=shown)


@bp.route("/<any(privacy, cookies):page>/edit", methods=["GET", "POST"])
@access("senders:manage")
def edit(page: str) -> ResponseReturnValue:
    """Show the facts with a field for a text behind each; a saved change is a new version."""
    which, session = Page(page), db.session()
    document = pages.document(session, which, desk.settings())
    reading = fields.Reading(request.form)
    if request.method != "POST":
        values = {one.key: one.text for one in document.sections}
        return form(which, values, {})
    written = {
        one.key: reading.text(one.key, texts.LONGEST, required=False, lines=True)
        for one in document.sections
    }
    if reading.errors:
        return form(which, written, reading.errors), 422
    texts.keep(session, which, written)
    settled = pages.document(session, which, desk.settings())
    version = versions.note(session, which, settled, clock.now(), current_user.email)
    if version is None:
        flash("Nothing changed.", "info")
        return redirect(url_for("policy.index"))
    audit.record(session, clock.now(), current_user, "policy.edit", versions.subject(version))
    session.commit()
    flash(f"Version {version.number} is what readers see now.", "success")
    return redirect(url_for("policy.show", version_id=version.id))


@bp.route("/versions/<int:version_id>")
@access("senders:get")
def show(version_id: int) -> ResponseReturnValue:
    """Show what became different with a version."""
    version = db.get_or_404(PolicyVersion, version_id)
    older = versions.before(db.session(), version)
    return render_template(
        "policy/show.html",
        version=version,
        older=older,
        title=pages.TITLES[version.page],
        changes=versions.changes(older, version),
    )


@bp.route("/versions/<int:version_id>/notice", methods=["POST"])
@access("campaigns:manage")
def notify(version_id: int) -> ResponseReturnValue:
    """Draft a service notice about a version; a person reads it, and sends it or not."""
    session, version = db.session(), db.get_or_404(PolicyVersion, version_id)
    made = notices.draft(session, site().public_url, version, clock.now())
    if not made:
        flash("No list is in use, so there is nobody to tell.", "info")
        return redirect(url_for("policy.show", version_id=version_id))
    audit.record(session, clock.now(), current_user, "policy.notify", versions.subject(version))
    session.commit()
    flash("The notice is a draft. Read it, then send it.", "success")
    if len(made) > 1:
        return redirect(url_for("campaigns.index"))
    return redirect(url_for("campaigns.show", campaign_id=made[0].id))


def form(page: Page, values: dict[str, str], errors: dict[str, str]) -> str:
    document = pages.document(db.session(), page, desk.settings())
    return render_template(
        "policy/edit.html", page=page, document=document, values=values, errors=errors
    )
