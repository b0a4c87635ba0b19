"""The work on imports in a worker process: by turns, each step committed."""

import logging
import secrets
import time
from collections.abc import Callable
from threading import Event

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import OperationalError

from mailer import clock, guard
from mailer.audience.imports import leases, working
from mailer.audience.imports.working import Work
from mailer.audience.models import Subscriber
from mailer.db import clock_of, db
from mailer.delivery.models import Delivery

LOG = logging.getLogger(__name__)
# So long (s) a process works on an import before it looks whether another one waits.
TURN = 60.0


def take_in(import_id: int, told: Callable[[], None] | None = None) -> bool:
    """Work on an import for a turn, and ring again for the rest; False when another process does.

    ``told`` is called after each step. A fault of ours pauses the import with the rows that are
    done, so that a person sees it.
    """
    if not guard.is_free():
        return False
    session, lease = db.session(), secrets.token_hex(16)
    now = clock_of(session, clock.now())
    is_ours = leases.claim(session, import_id, lease, now())
    session.commit()
    if not is_ours:
        return False
    is_mailed = sa.exists().where(Delivery.address_key == Subscriber.address_key)
    site = current_app.extensions["site"]
    work = Work(session, site, import_id, lease, now, is_mailed)
    try:
        has_more = worked(work, told)
    except OperationalError:  # the database is away: the lease ends by itself
        raise
    except Exception as error:
        LOG.exception("Import %d stopped.", import_id)
        session.rollback()
        leases.stop(session, now(), import_id, lease, f"A fault of ours: {type(error).__name__}.")
        session.commit()
        return True
    if has_more:
        current_app.extensions["bell"].take_in(import_id)
    return True


def worked(work: Work, told: Callable[[], None] | None) -> bool:
    """Do the steps of one turn, each committed; return whether there are more."""
    stopping: Event = current_app.extensions["turns"].stopping
    end = time.monotonic() + TURN
    for can_rest in working.steps(work):
        work.session.commit()
        if told is not None:
            told()
        if stopping.is_set() or (can_rest and time.monotonic() > end):
            leases.release(work.session, work.batch_id, work.lease)
            work.session.commit()
            return not stopping.is_set()
    work.session.rollback()
    return False
