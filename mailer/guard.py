"""The guard: whoever sends asks here first whether this is still the installation that sends."""

import secrets
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy.orm import Session

from config import Config
from mailer import clock
from mailer.accounts.models import User
from mailer.db import clock_of, db
from mailer.delivery import instance
from mailer.delivery.instance_models import Instance
from mailer.delivery.memory import Memory


def is_free(*, sends: bool = False) -> bool:
    """Look at the database and at what this machine remembers; False while nothing may be sent.

    Commits what it finds. ``sends``: a turn begins or ends, so that a backup made before can be
    told from the database afterwards. Costs a query and the reading of a small file.
    """
    session, path = db.session(), kept_at()
    memory = remembered(session, path)
    mark = instance.look(session, memory, now(session), sends=sends)
    told, is_held = Memory(mark.name, mark.at), mark.held_at is not None
    session.commit()
    if not is_held and told != memory:
        told.keep(path)
    return not is_held


def confirm(actor: User | str) -> bool:
    """Let sending go on by a person's word; False when nothing was on hold. Commits."""
    session, path = db.session(), kept_at()
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


def kept_at() -> Path:
    config: Config = current_app.extensions["config"]
    return config.data_dir / "instance.json"


def now(session: Session) -> datetime:
    return clock_of(session, clock.now())()
