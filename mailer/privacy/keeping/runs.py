"""A run: all classes in their order, some rows at a time; whoever comes next goes on with it.

A portion is one transaction, and with what it threw away it notes how far the run is. So a killed
run loses nothing but its last portion, and processes on several machines never do one twice.
"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import rows
from mailer.privacy.keeping import edges, periods
from mailer.privacy.keeping.classes import RULES, Class
from mailer.privacy.keeping.models import Counts, Run
from mailer.privacy.keeping.sweeps import acts, analytics, leavers, passing, proof
from mailer.privacy.keeping.sweeps.sweep import Ground, Sweep
from mailer.privacy.requests import recipients
from mailer.privacy.requests.recipients import Act
from mailer.privacy.requests.words import Kind

CLOCK = "clock"
SHOWN = 30
ORDER = list(Class)
SWEEPS: tuple[Sweep, ...] = tuple(
    sorted(
        (*passing.SWEEPS, *leavers.SWEEPS, *proof.SWEEPS, *analytics.SWEEPS, *acts.SWEEPS),
        key=lambda sweep: ORDER.index(sweep.name),
    )
)


def edges_now(session: Session, zone: ZoneInfo, now: datetime) -> dict[Class, datetime]:
    """Return for each class the moment before which all has been kept for long enough."""
    lengths = periods.in_force(session)
    return {name: edges.edge(zone, now, rule, lengths[name]) for name, rule in RULES.items()}


def forecast(session: Session, now: datetime, found: dict[Class, datetime]) -> Counts:
    """Return how many rows of each class and table are over; reads only."""
    counts: Counts = {}
    for sweep in SWEEPS:
        add(counts, sweep.name, sweep.counted(Ground(session, now, found[sweep.name])))
    return counts


def add(counts: Counts, name: Class, more: dict[str, int]) -> None:
    known = counts.setdefault(name.value, {})
    for table, number in more.items():
        known[table] = known.get(table, 0) + number


def total(counts: Counts) -> int:
    return sum(number for tables in counts.values() for number in tables.values())


def rehearse(session: Session, now: datetime, zone: ZoneInfo, actor: User | str) -> Run:
    """Count what a run would throw away, and keep the report. The caller commits."""
    run = made(session, now, zone, actor)
    run.is_dry, run.counts, run.finished_at = True, forecast(session, now, parsed(run)), now
    session.add(run)
    session.flush()
    return run


def made(session: Session, now: datetime, zone: ZoneInfo, actor: User | str) -> Run:
    found = {name.value: at.isoformat() for name, at in edges_now(session, zone, now).items()}
    name = actor if isinstance(actor, str) else actor.email
    return Run(actor=name, edges=found, counts={}, is_dry=False, started_at=now)


def parsed(run: Run) -> dict[Class, datetime]:
    return {Class(name): datetime.fromisoformat(at) for name, at in run.edges.items()}


def begin(
    session: Session, now: datetime, zone: ZoneInfo, actor: User | str, night: date | None = None
) -> int | None:
    """Begin a run; return its number, or None when one is under way or that night had its own.

    The caller commits. ``night`` is the day that the clock begins it for.
    """
    run = made(session, now, zone, actor)
    expected = total(forecast(session, now, parsed(run)))
    number = rows.insert_missing(
        session,
        Run,
        night=night,
        is_dry=False,
        actor=run.actor,
        edges=run.edges,
        place=0,
        after=0,
        expected=expected,
        done=0,
        counts={},
        started_at=now,
    )
    if number is not None and night is None:
        audit.record(session, now, actor, "retention.run", subject(number))
    return number


def begin_nightly(session: Session, now: datetime, zone: ZoneInfo) -> int | None:
    """Begin the night's run, once a day on all machines together; None when there is none due."""
    if not is_due(session, now, zone):
        return None
    return begin(session, now, zone, CLOCK, edges.night(zone, now))


def is_due(session: Session, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the night's run has not begun yet, though it is time."""
    night = edges.night(zone, now)
    mine = sa.select(Run.id).where(Run.night == night)
    return night is not None and session.scalar(mine) is None


def under_way(session: Session) -> int | None:
    """Return the run that is not through yet."""
    return session.scalar(sa.select(Run.id).where(Run.finished_at.is_(None)))


def go_on(session: Session, now: datetime, number: int) -> bool:
    """Do one portion of a run; False when it is through, or another process is at it.

    The caller commits after each.
    """
    mine = sa.select(Run).where(Run.id == number, Run.finished_at.is_(None))
    options = {"populate_existing": True}
    run = session.scalar(mine.with_for_update(skip_locked=True), execution_options=options)
    if run is None:
        return False
    if run.place == len(SWEEPS):
        finish(session, now, run)
        return False
    sweep = SWEEPS[run.place]
    step = sweep.portion(Ground(session, now, parsed(run)[sweep.name]), run.after)
    counts = {name: dict(tables) for name, tables in run.counts.items()}
    add(counts, sweep.name, step.counts)
    run.counts, run.done = counts, total(counts)
    run.place, run.after = (run.place + 1, 0) if step.after is None else (run.place, step.after)
    session.flush()
    return True


def finish(session: Session, now: datetime, run: Run) -> None:
    run.finished_at = now
    gone = run.counts.get(Class.subscription.value, {}).get("subscribers", 0)
    if gone:
        act = Act(
            Kind.erasure, None, f"Readers who had left and were erased, {subject(run.id)}: {gone}."
        )
        recipients.note_act(session, now, run.actor, act)
    said = ", ".join(
        f"{name}: {sum(tables.values())}"
        for name, tables in run.counts.items()
        if any(tables.values())
    )
    audit.record(
        session, now, run.actor, "retention.done", subject(run.id), reason=said or "nothing"
    )


def subject(number: int) -> str:
    """Return how the audit log names a run."""
    return f"retention run {number}"


def latest(session: Session) -> Sequence[Run]:
    """Return the newest runs and rehearsals."""
    return session.scalars(sa.select(Run).order_by(Run.id.desc()).limit(SHOWN)).all()
