"""Is this the database that sends? Restored backups and copied machines send nothing by themselves.

The database and each machine that works for it keep a common mark, with the moment up to which
the database was seen at work. Where the two do not fit together a person must say what holds.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import rows
from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery.instance_models import ONLY, Instance
from mailer.delivery.memory import Memory

# How often the mark is renewed while a campaign is under way, and while none is.
BUSY, IDLE = timedelta(seconds=1), timedelta(minutes=1)
# A database this far ahead of a machine's memory went on without it: others are at work there.
ALIVE = 2 * IDLE
# What was left under way for longer waits for a person: it may be an old copy that wakes up.
LONG_AWAY = timedelta(hours=1)
STEP = timedelta(milliseconds=1)
UNDER_WAY = (CampaignStatus.running, CampaignStatus.scheduled)


class Doubt(StrEnum):
    """What speaks against this being the installation that is to send, in words."""

    older = "The database is older than what this machine has seen: a backup was restored."
    copied = "The database or the data directory was copied from another place or machine."
    foreign = "The data directory belongs to another installation's database."
    forgotten = "The data directory knows nothing of the database: it was copied or moved."
    key = (
        "A suppression key is missing under which refusals are kept here: none of those would be "
        "found. Put it back, as MAILER_SUPPRESSION_KEY or into MAILER_SUPPRESSION_KEY_FALLBACKS."
    )
    away = "Nothing was at work here for more than an hour while mail was under way."


class OnHold(lifecycle.WrongState):
    """Nothing is sent by this installation until a person has said that it is the one."""


def known(session: Session) -> Instance | None:
    """Return the mark in the database as it stands now; None before the first look."""
    return session.get(Instance, ONLY, populate_existing=True)


def is_held(session: Session) -> bool:
    held = sa.select(Instance.id).where(Instance.held_at.is_not(None))
    return session.scalar(held) is not None


def demand_free(session: Session) -> None:
    """Raise OnHold while nothing may be sent."""
    if is_held(session):
        raise OnHold("Sending is on hold: the Set-up page says why, and how it goes on.")


def look(
    session: Session,
    memory: Memory | None,
    now: datetime,
    marks: Sequence[str],
    *,
    sends: bool = False,
) -> Instance:
    """Compare the database with what this machine remembers; the caller commits.

    ``memory`` must have been read before, for the database only ever grows. A doubt holds all
    that is under way. Without one the mark is renewed: at once if somebody ``sends`` now. A key
    that is needed and not among ``marks`` (newest first) is a doubt that no person's word dispels.
    """
    mark = known(session)
    if mark is None:
        mark, doubt = begun(session, memory, now)
    elif mark.held_at is None:
        doubt = Doubt.key if lacks_key(mark, marks) else doubted(session, mark, memory, now)
    else:
        return mark
    if doubt is not Doubt.key:
        need_keys(mark, marks)
    if doubt is None:
        renew(session, mark, now, sends=sends)
    else:
        hold(session, mark, doubt, now)
    return mark


def lacks_key(mark: Instance, marks: Sequence[str]) -> bool:
    """Tell whether a suppression key that is needed is not in the ring."""
    return not set(mark.key_marks.split()) <= set(marks)


def need_keys(mark: Instance, marks: Sequence[str]) -> None:
    """Remember the newest key, under which rows are written from now on; at first, all."""
    known = mark.key_marks.split()
    if not known or marks[0] not in known:
        mark.key_marks = " ".join([marks[0], *(known or marks[1:])])


def let_go_of_key(mark: Instance, name: str) -> None:
    """Forget a suppression key under which nothing stands any more."""
    mark.key_marks = " ".join(one for one in mark.key_marks.split() if one != name)


def begun(session: Session, memory: Memory | None, now: datetime) -> tuple[Instance, Doubt | None]:
    """Set the first mark, and return what speaks against going on.

    A database that has a history and no mark is older than what the machine remembers of it; one
    without a history is a new beginning, whatever was here before.
    """
    is_older = memory is not None and memory.at is not None and has_history(session)
    is_ours = memory is not None and (memory.at is None or is_older)
    name = memory.name if memory is not None and is_ours else secrets.token_hex(16)
    values = {"id": ONLY, "name": name, "place": place(session), "at": now, "why": ""}
    rows.insert_missing(session, Instance, **values)
    mark = known(session)
    assert mark is not None  # noqa: S101 - it was just put there, by us or by another
    return mark, Doubt.older if is_older else None


def has_history(session: Session) -> bool:
    began = sa.select(Campaign.id).where(Campaign.status != CampaignStatus.draft)
    return session.scalar(began.limit(1)) is not None


def doubted(session: Session, mark: Instance, memory: Memory | None, now: datetime) -> Doubt | None:
    """Return what speaks against going on, if anything does.

    On PostgreSQL machines come and go: one that knows nothing yet is welcome.
    """
    is_shared = session.get_bind().dialect.name == "postgresql"
    found: Doubt | None = None
    if mark.place != place(session):
        found = Doubt.copied
    elif memory is None:
        found = None if is_shared else Doubt.forgotten
    elif memory.at is not None:
        found = compared(mark, memory, memory.at, is_shared=is_shared)
    if found is None and now - mark.at > LONG_AWAY and is_under_way(session, *UNDER_WAY):
        found = Doubt.away
    return found


def compared(mark: Instance, memory: Memory, seen_at: datetime, *, is_shared: bool) -> Doubt | None:
    is_settled = mark.confirmed_at is not None and seen_at < mark.confirmed_at
    # A machine that worked elsewhere, or was made from another's image, joins a database that
    # lives; in a copy of the whole, both stand still at the same moment.
    if is_settled or (is_shared and mark.at - seen_at > ALIVE):
        return None
    if memory.name != mark.name:
        return Doubt.foreign
    if mark.at < seen_at:
        return Doubt.older
    return Doubt.copied if memory.is_copied else None


def place(session: Session) -> str:
    """Return where PostgreSQL keeps this database: its cluster's number, and its own there."""
    if session.get_bind().dialect.name != "postgresql":
        return ""
    own = sa.text(
        "SELECT (SELECT system_identifier FROM pg_control_system())"
        " || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return str(session.scalar(own))


def is_under_way(session: Session, *states: CampaignStatus) -> bool:
    found = sa.select(Campaign.id).where(Campaign.status.in_(states)).limit(1)
    return session.scalar(found) is not None


def renew(session: Session, mark: Instance, now: datetime, *, sends: bool) -> None:
    """Let the mark grow, seldom while nothing is under way."""
    age = now - mark.at
    is_due = sends or age > IDLE or (age > BUSY and is_under_way(session, CampaignStatus.running))
    if is_due:
        advance(session, mark, now)


def advance(session: Session, mark: Instance, now: datetime) -> None:
    """Let the mark grow, whatever the clock says; another's may have grown further meanwhile."""
    at = max(now, mark.at + STEP)
    session.execute(
        sa.update(Instance)
        .where(Instance.at < at)
        .values(at=at)
        .execution_options(synchronize_session=False)
    )
    session.refresh(mark)


def hold(session: Session, mark: Instance, doubt: Doubt, now: datetime) -> None:
    """Stop all that is under way, each campaign with the reason."""
    taken = session.execute(
        sa.update(Instance)
        .where(Instance.held_at.is_(None))
        .values(held_at=now, why=doubt.value)
        .returning(Instance.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    session.refresh(mark)
    if taken is None:
        return  # another was quicker
    why = f"{doubt.value} Set-up says how sending goes on."
    found = sa.select(Campaign).where(Campaign.status.in_(UNDER_WAY)).order_by(Campaign.id)
    for campaign in session.scalars(found.with_for_update()).all():
        if campaign.status is CampaignStatus.running:
            lifecycle.pause(session, campaign, now, why=why)
        else:
            lifecycle.unschedule(session, campaign, now, why=why)
    audit.record(session, now, "guard", "instance.hold", "installation", reason=doubt.value)


def confirm(
    session: Session, memory: Memory | None, now: datetime, actor: User | str
) -> Instance | None:
    """Take a person's word that this is the installation that goes on; the caller commits.

    Campaigns stay as they are, for each of them somebody must know whom it has reached. None when
    nothing was on hold.
    """
    held = sa.select(Instance).where(Instance.held_at.is_not(None)).with_for_update()
    mark = session.scalars(held, execution_options={"populate_existing": True}).one_or_none()
    if mark is None:
        return None
    audit.record(session, now, actor, "instance.confirm", "installation", reason=mark.why)
    # Beyond all that any machine remembers: what they have seen counts no longer.
    seen = memory.at if memory and memory.at else mark.at
    mark.at = mark.confirmed_at = max(now, mark.at + STEP, seen + STEP)
    mark.place, mark.held_at, mark.why = place(session), None, ""
    session.flush()
    return mark
