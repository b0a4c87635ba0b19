"""The guard: whoever sends asks here first whether this is still the installation that sends.

It also keeps what a restored backup must not forget: readers' refusals, on this machine's disk.
"""

import logging
import secrets
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from config import Config
from mailer import clock
from mailer.accounts.models import User
from mailer.audience import refusal_journal, suppressions
from mailer.db import RoutedSession, clock_of, db
from mailer.delivery import instance
from mailer.delivery.instance_models import Instance
from mailer.delivery.memory import Memory
from mailer.privacy import erasure
from mailer.privacy import recall as recalling
from mailer.tokens import Keys

LOG = logging.getLogger(__name__)
RECALLED = "recalled"


def is_free(*, sends: bool = False) -> bool:
    """Look at the database and at what this machine remembers; False while nothing may be sent.

    Commits what it finds. ``sends``: a turn begins or ends, so that a backup made before can be
    told from the database afterwards. Costs a query and the reading of a small file.
    """
    session, path = db.session(), kept_at()
    memory = remembered(session, path)
    mark = instance.look(session, memory, now(session), keys().marks, sends=sends)
    told, is_held = Memory(mark.name, mark.at), mark.held_at is not None
    session.commit()
    if is_held or RECALLED not in current_app.extensions:
        recall()
    if not is_held and told != memory:
        told.keep(path)
    return not is_held


def recall() -> None:
    """Put in force what this machine knows to be refused and the database does not. Commits.

    Done by each process before it sends for the first time: for whatever reason the database was
    put back, nobody is mailed who has left since.
    """
    session = db.session()
    mark = instance.known(session)
    if mark is not None and instance.lacks_key(mark, keys().marks):
        return  # whom a line is about cannot be told without it
    blocks = refusal_journal.latest(refusals(), mark.name) if mark is not None else ()
    count = recalling.recall(session, keys(), blocks, now(session))
    suppressions.taken_down(session)  # it stands in the journal already
    session.commit()
    current_app.extensions[RECALLED] = True
    if count:
        erasure.sweep(session)  # among them may be people who were erased again
        LOG.warning("Refusals put back in force from %s: %d", refusals(), count)


@event.listens_for(RoutedSession, "after_commit")
def take_down(session: Session) -> None:
    """Write down the refusals of a commit before anybody is told that they hold."""
    refused = suppressions.taken_down(session)
    if not refused:
        return
    memory = Memory.read(kept_at())
    try:
        refusal_journal.append(refusals(), memory.name if memory else "", refused)
    except OSError:  # they are in force, and only a backup could forget them
        LOG.exception("Refusals could not be written to %s.", refusals())


@event.listens_for(RoutedSession, "after_soft_rollback")
def forget(session: Session, transaction: object) -> None:
    del transaction
    suppressions.taken_down(session)


def confirm(actor: User | str) -> bool:
    """Let sending go on by a person's word; False when nothing was on hold. Commits."""
    session, path = db.session(), kept_at()
    recall()
    mark = instance.confirm(session, Memory.read(path), now(session), actor)
    told = None if mark is None else Memory(mark.name, mark.at)
    session.commit()
    if told is not None:
        told.keep(path)
    return told is not None


def held() -> Instance | None:
    """Return the mark while it holds everything back."""
    mark = instance.known(db.session())
    return mark if mark is not None and mark.held_at is not None else None


def remembered(session: Session, path: Path) -> Memory | None:
    """Return what this machine remembers; at the very beginning it is given a name to remember.

    The file is there before the mark is: whatever moment the power is cut at, a database with a
    mark and a machine without a memory are strangers.
    """
    memory = Memory.read(path)
    if memory is not None:
        return memory
    if instance.known(session) is not None:
        return Memory.read(path)  # another process may have begun just now
    memory = Memory(secrets.token_hex(16), None)
    memory.keep(path)
    return memory


def keys() -> Keys:
    found: Keys = current_app.extensions["site"].keys
    return found


def kept_at() -> Path:
    config: Config = current_app.extensions["config"]
    return config.data_dir / "instance.json"


def refusals() -> Path:
    config: Config = current_app.extensions["config"]
    return config.data_dir / "refusals.jsonl"


def now(session: Session) -> datetime:
    return clock_of(session, clock.now())()
