"""The audit log as a page, and whether both ledgers' chains still hold."""

import sqlalchemy as sa
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from mailer import ledger
from mailer.accounts.models import AuditEntry
from mailer.audience.models import ConsentEvent
from mailer.db import db
from mailer.web.access import access

PER_PAGE = 50
CHAINS = (("Audit log", AuditEntry), ("Consent ledger", ConsentEvent))

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.route("/")
@access("audit:get")
def index() -> ResponseReturnValue:
    action = request.args.get("action", "")
    entries = sa.select(AuditEntry).order_by(AuditEntry.id.desc())
    if action:
        entries = entries.where(AuditEntry.action == action)
    actions = db.session.scalars(
        sa.select(AuditEntry.action).distinct().order_by(AuditEntry.action)
    ).all()
    page = db.paginate(entries, per_page=PER_PAGE, max_per_page=PER_PAGE)
    return render_template("audit/index.html", page=page, actions=actions, action=action)


@bp.route("/chain")
@access("audit:get")
def chain() -> ResponseReturnValue:
    """Walk both ledgers from their first entry; a page of its own, since that takes its time."""
    session = db.session()
    walked = [
        (name, session.scalar(sa.select(sa.func.count(model.id))) or 0, broken(model))
        for name, model in CHAINS
    ]
    return render_template("audit/chain.html", walked=walked)


def broken(model: type[ledger.Entry]) -> int | None:
    return ledger.first_broken(db.session(), model)
