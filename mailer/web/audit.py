"""The audit log as a page, and whether the chains of all ledgers still hold."""

import sqlalchemy as sa
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from mailer import clock, ledger
from mailer.accounts.models import AuditEntry
from mailer.audience.models import ConsentEvent
from mailer.db import db
from mailer.delivery.chains import CHAINS
from mailer.web.access import access

PER_PAGE = 50
LAST_PAGE = 10**9  # further on, the number of the first entry would be more than databases count

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.route("/")
@access("audit:get")
def index() -> ResponseReturnValue:
    action = request.args.get("action", "")
    number = min(request.args.get("page", 1, type=int), LAST_PAGE)
    actions = db.session.scalars(
        sa.select(AuditEntry.action).distinct().order_by(AuditEntry.action)
    ).all()
    entries = sa.select(AuditEntry).order_by(AuditEntry.id.desc())
    if action:
        # A word of nobody's is not asked for: PostgreSQL could not even be told some of them.
        is_chosen = AuditEntry.action == action if action in actions else sa.false()
        entries = entries.where(is_chosen)
    page = db.paginate(entries, page=number, per_page=PER_PAGE, max_per_page=PER_PAGE)
    return render_template("audit/index.html", page=page, actions=actions, action=action)


@bp.route("/chain")
@access("audit:get")
def chain() -> ResponseReturnValue:
    """Walk the ledgers from their first entry; a page of its own, since that takes its time."""
    session = db.session()
    walked = [
        (name, *ledger.head(session, model), ledger.first_broken(session, model))
        for name, model in CHAINS
    ]
    queue = ledger.waiting(session, ConsentEvent)
    is_stuck = queue.is_stuck(clock.now())
    return render_template("audit/chain.html", walked=walked, queue=queue, is_stuck=is_stuck)
