"""The life of a batch: uploaded, told what it is, checked, run, and perhaps undone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.imports.models import AT_WORK, Basis, Fault, Import, State
from mailer.audience.imports.reading import archives, chunks, formats, texts
from mailer.audience.imports.reading.archives import BadFile
from mailer.audience.imports.reading.targets import LABELS, WEIGHT, Target
from mailer.audience.imports.rows import Sheet, sheets
from mailer.audience.imports.scan import Sample, findings
from mailer.audience.models import ListStatus, MailingList
from mailer.compliance.acts import Provenance
from mailer.compliance.columns import sensitive
from mailer.compliance.finding import Finding, Severity

# Renewed with each step, of which there are some in a second.
LEASE = timedelta(seconds=30)
# An upload is kept for so long when nobody goes on with it.
KEPT = timedelta(days=7)
RESTING = (State.uploaded, State.checked, State.paused)
ALLOWED: dict[State, tuple[State, ...]] = {
    State.checking: (State.uploaded, State.checked),
    State.running: (State.checked, State.paused),
    State.paused: (State.running,),
    State.cancelled: (State.uploaded, State.checking, State.checked, State.running, State.paused),
    State.undoing: (State.finished, State.cancelled),
}
HEADLESS = "email"
SAMPLES = 3
LONGEST_SAMPLE = 40
READABLE = (State.uploaded, State.checked)
MANY = (Target.attribute, Target.nothing)


class WrongState(Exception):  # noqa: N818 - errors are named for the situation
    """The batch is not where this could be done; somebody else may have been first."""


class BadChoice(ValueError):  # noqa: N818 - errors are named for the situation
    """What was chosen cannot be done: ``field`` says which, the message why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class Forbidden(Exception):  # noqa: N818 - errors are named for the situation
    """The law forbids the batch: ``findings`` say which and how to mend it."""

    def __init__(self, found: Sequence[Finding]) -> None:
        super().__init__(" ".join(one.evidence for one in found))
        self.findings = tuple(found)


@dataclass(frozen=True)
class Choices:
    """What a person says of a file before anything is done with it."""

    mapping: dict[str, Target]
    list_ids: tuple[int, ...]
    provenance: Provenance
    basis: Basis
    evidence: str
    overwrite: bool = False


def create(session: Session, now: datetime, actor: str, filename: str, file: IO[bytes]) -> Import:
    """Keep an upload, find out how it is to be read, and propose what its columns are.

    ``file`` may be sought in. Raises BadFile, with words for the person who uploaded it.
    """
    batch = Import(
        filename=filename[-200:] or "upload.csv",
        created_by=actor,
        created_at=now,
        state=State.uploaded,
    )
    found = read(file, batch.filename)
    batch.reading = {"sheets": [sheet.as_dict() for sheet in found]}
    batch.mapping = proposal(found)
    session.add(batch)
    session.flush()
    file.seek(0)
    batch.size = chunks.store(session, batch.id, file)
    return batch


def read(file: IO[bytes], filename: str) -> list[Sheet]:
    """Return the files of an upload, those of people who left before all others."""
    found = []
    for part in archives.parts(file, filename):
        try:
            with archives.whole():
                dialect = texts.dialect(part)
        except BadFile as error:
            raise BadFile(f"{part.name}: {error}") from error
        form = formats.detected(dialect.columns)
        found.append(Sheet(part.name, form.title, dialect, form.standing))
    return sorted(found, key=lambda sheet: -WEIGHT[sheet.standing])


def proposal(found: Sequence[Sheet]) -> list[list[str]]:
    """Return what each heading, in whichever of the files, most likely is."""
    mapping: dict[str, Target] = {}
    for sheet in found:
        if not sheet.dialect.columns:
            mapping.setdefault(HEADLESS, Target.email)
        form = formats.detected(sheet.dialect.columns)
        targets = formats.proposed(sheet.dialect.columns, form)
        for heading, target in zip(sheet.dialect.columns, targets, strict=True):
            mapping.setdefault(heading, target)
    return [[heading, target.value] for heading, target in mapping.items()]


def samples(session: Session, batch: Import) -> dict[str, list[str]]:
    """Return the first values under each heading, for people to see which column is which."""
    found: dict[str, list[str]] = {}
    if batch.state not in READABLE:
        return found
    file = chunks.opened(session.get_bind().engine, batch.id, batch.size)
    named = {part.name: part for part in archives.parts(file, batch.filename)}
    for sheet in sheets(batch):
        columns = sheet.dialect.columns or (HEADLESS,)
        for _, cells in islice(texts.rows(named[sheet.name], sheet.dialect), SAMPLES):
            for heading, cell in zip(
                columns, cells if isinstance(cells, list) else (), strict=False
            ):
                shown = found.setdefault(heading, [])
                if cell.strip() and len(shown) < SAMPLES:
                    shown.append(cell.strip()[:LONGEST_SAMPLE])
    return found


def arrange(session: Session, now: datetime, actor: str, batch: Import, choices: Choices) -> None:
    """Take a person's word for what a file is, and let it be checked.

    Raises BadChoice, Forbidden (R33 and its like, before anything is read) and WrongState.
    """
    demand_sense(session, choices)
    said = findings(Sample(), choices.provenance, actor, choices.evidence, now.date())
    refused = [one for one in said if one.severity is Severity.refuse]
    if refused:
        raise Forbidden(refused)
    move(
        session,
        batch.id,
        State.checking,
        mapping=[[heading, target.value] for heading, target in choices.mapping.items()],
        list_ids=list(choices.list_ids),
        provenance=choices.provenance,
        basis=choices.basis,
        evidence=choices.evidence,
        overwrite=choices.overwrite,
        attested_by=actor,
        attested_at=now,
        forecast={},
        findings=[],
        duplicates=b"",
        total=0,
        position=0,
    )


def demand_sense(session: Session, choices: Choices) -> None:
    used = [target for target in choices.mapping.values() if target not in MANY]
    if Target.email not in used:
        raise BadChoice("mapping", "Say which column holds the email address.")
    for target in set(used):
        if used.count(target) > 1:
            raise BadChoice("mapping", f"“{LABELS[target]}” is chosen for two columns.")
    for heading, target in choices.mapping.items():
        kind = sensitive(heading)
        if kind and target is not Target.nothing:
            found = f"The column “{heading}” seems to hold {kind}. A newsletter has no business"
            raise BadChoice("mapping", f"{found} to know this: leave the column out.")
    active = sa.select(sa.func.count()).where(
        MailingList.id.in_(choices.list_ids), MailingList.status == ListStatus.active
    )
    if not choices.list_ids or session.scalar(active) != len(set(choices.list_ids)):
        raise BadChoice("lists", "Choose at least one list that is in use.")
    if not choices.evidence.strip():
        raise BadChoice("evidence", "Name the form, the event or the former system.")


def begin(session: Session, now: datetime, batch: Import, *, reason: str = "") -> None:
    """Let a checked batch run. Warnings want a reason. Raises Forbidden, BadChoice, WrongState."""
    refused = [one for one in batch.findings if one["severity"] == Severity.refuse]
    if refused:
        raise BadChoice("reason", "The law forbids this import: see what was found.")
    if batch.findings and not reason.strip():
        raise BadChoice("reason", "Say why this is right although the check warns.")
    move(session, batch.id, State.running, only=(State.checked,), position=0, started_at=now)
    forget_faults(session, batch.id)


def pause(session: Session, batch_id: int, *, problem: str = "") -> None:
    move(session, batch_id, State.paused, problem=problem[:300])


def resume(session: Session, batch_id: int) -> None:
    move(session, batch_id, State.running, only=(State.paused,), problem="")


def cancel(session: Session, now: datetime, batch_id: int) -> None:
    """End a batch where it is. What it has added stays until the batch is undone."""
    move(session, batch_id, State.cancelled, finished_at=now)
    chunks.forget(session, batch_id)


def undo(session: Session, batch_id: int) -> None:
    move(session, batch_id, State.undoing)


def move(
    session: Session,
    batch_id: int,
    state: State,
    *,
    only: Collection[State] | None = None,
    **values: object,
) -> None:
    """Bring a batch into a state, and take it from whoever works on it; raises WrongState."""
    moved = session.execute(
        sa.update(Import)
        .where(Import.id == batch_id, Import.state.in_(only or ALLOWED[state]))
        .values(state=state, lease=None, lease_until=None, **values)
        .returning(Import.id)
    )
    if moved.scalar_one_or_none() is None:
        raise WrongState


def forget_faults(session: Session, batch_id: int) -> None:
    session.execute(sa.delete(Fault).where(Fault.import_id == batch_id))


def due(session: Session, now: datetime) -> Sequence[int]:
    """Return the batches that wait for a process to work on them."""
    chosen = sa.select(Import.id).where(Import.state.in_(AT_WORK), is_free(now))
    return session.scalars(chosen.order_by(Import.id)).all()


def claim(session: Session, batch_id: int, lease: str, now: datetime) -> bool:
    """Take a batch that nobody works on; False when somebody does, or nothing is to be done."""
    taken = session.execute(
        sa.update(Import)
        .where(Import.id == batch_id, Import.state.in_(AT_WORK), is_free(now))
        .values(lease=lease, lease_until=now + LEASE)
        .returning(Import.id)
    )
    return taken.scalar_one_or_none() is not None


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(Import.lease.is_(None), Import.lease_until <= now)


def hold(session: Session, batch_id: int, lease: str, now: datetime, **values: object) -> bool:
    """Go on holding a batch and note its progress; False when it was taken away.

    The row stays locked until the transaction ends: nobody takes it in the middle of a step.
    """
    held = session.execute(
        sa.update(Import)
        .where(Import.id == batch_id, Import.lease == lease)
        .values(lease_until=now + LEASE, **values)
        .returning(Import.id)
    )
    return held.scalar_one_or_none() is not None


def release(session: Session, batch_id: int, lease: str) -> None:
    session.execute(
        sa.update(Import)
        .where(Import.id == batch_id, Import.lease == lease)
        .values(lease=None, lease_until=None)
    )


def stop(session: Session, now: datetime, batch_id: int, lease: str, problem: str) -> None:
    """Lay a batch aside after a fault, so that a person decides whether it goes on."""
    batch = session.get_one(Import, batch_id, populate_existing=True)
    if batch.lease == lease:
        is_running = batch.state is State.running
        batch.state = State.paused if is_running else State.failed
        batch.problem, batch.lease, batch.lease_until = problem, None, None
        if not is_running:
            batch.finished_at = now
            chunks.forget(session, batch_id)


def tidy(session: Session, now: datetime) -> None:
    """Cancel uploads that nobody went on with, which forgets their bytes."""
    old = sa.select(Import.id).where(Import.state.in_(RESTING), Import.created_at < now - KEPT)
    for batch_id in session.scalars(old).all():
        cancel(session, now, batch_id)
