"""The life of a batch: uploaded, told what it is, checked, run, and perhaps undone."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import lists
from mailer.audience.imports import arrivals
from mailer.audience.imports.models import Basis, Fault, Import, State
from mailer.audience.imports.reading import chunks
from mailer.audience.imports.reading.targets import LABELS, Target
from mailer.audience.imports.scan import Sample, findings
from mailer.audience.imports.terms import IMPLIED
from mailer.audience.models import MailingList
from mailer.audience.segments import fields
from mailer.audience.words import ListStatus
from mailer.compliance.acts import Intake, Provenance
from mailer.compliance.columns import plain, sensitive
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.identities import of_column

AT_ONCE = 20
RESTING = (State.uploaded, State.checked, State.paused)
ALLOWED: dict[State, tuple[State, ...]] = {
    State.checking: (State.uploaded, State.checked),
    State.running: (State.checked, State.paused),
    State.paused: (State.running,),
    State.cancelled: (State.uploaded, State.checking, State.checked, State.running, State.paused),
    State.undoing: (State.finished, State.cancelled),
}
MANY = (Target.attribute, Target.nothing)
# Of columns that are kept word for word, so many rows are looked at before anything is read.
KEPT_AS_TOLD = (Target.attribute, Target.name, Target.first_name, Target.last_name)
LOOKED_AT = 500


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
    """What a person says of a file before anything is done with it.

    ``began_on`` is the day from which consent counts where a row names none. ``parents_by`` is who
    vouches that the parents agreed, where a list lets children in (R36).
    """

    mapping: dict[str, Target]
    list_ids: tuple[int, ...]
    provenance: Provenance
    basis: Basis
    evidence: str
    overwrite: bool = False
    began_on: date | None = None
    parents_by: str = ""


def arrange(session: Session, now: datetime, actor: str, batch: Import, choices: Choices) -> None:
    """Take a person's word for what a file is, and let it be checked.

    Raises BadChoice, Forbidden (R33 and its like, before anything is read) and WrongState.
    """
    excepted = fields.excepted(session)
    demand_sense(session, choices)
    demand_harmless(session, batch, choices, excepted)
    demand_days(choices, now.date())
    said = findings(claimed(session, now, choices, actor, choices.mapping), Sample())
    refused = [one for one in said if one.severity is Severity.refuse]
    if refused:
        raise Forbidden(refused)
    move(
        session,
        batch.id,
        State.checking,
        reading={**batch.reading, "excepted": sorted(excepted)},
        mapping=[[heading, target.value] for heading, target in choices.mapping.items()],
        list_ids=list(choices.list_ids),
        provenance=choices.provenance,
        basis=choices.basis,
        evidence=choices.evidence,
        overwrite=choices.overwrite,
        began_on=choices.began_on,
        attested_by=actor,
        attested_at=now,
        parents_by=choices.parents_by,
        forecast={},
        findings=[],
        duplicates=b"",
        total=0,
        position=0,
    )


def claimed(
    session: Session, now: datetime, said: Choices | Import, actor: str, headings: Iterable[str]
) -> Intake:
    """Return what somebody says of the people of a file, without the people."""
    return Intake(
        said.provenance or Provenance.unknown,
        actor,
        said.evidence,
        (),
        now.date(),
        is_for_children=lists.let_children_in(session, said.list_ids),
        attested_for_children=said.parents_by,
        columns=tuple(headings),
    )


def demand_sense(session: Session, choices: Choices) -> None:
    used = [target for target in choices.mapping.values() if target not in MANY]
    if Target.email not in used:
        raise BadChoice("mapping", "Say which column holds the email address.")
    for target in set(used):
        if used.count(target) > 1:
            raise BadChoice("mapping", f"“{LABELS[target]}” is chosen for two columns.")
    active = sa.select(sa.func.count()).where(
        MailingList.id.in_(choices.list_ids), MailingList.status == ListStatus.active
    )
    if not choices.list_ids or session.scalar(active) != len(set(choices.list_ids)):
        raise BadChoice("lists", "Choose at least one list that is in use.")
    if not choices.evidence.strip():
        raise BadChoice("evidence", "Name the form, the event or the former system.")


def demand_harmless(
    session: Session, batch: Import, choices: Choices, excepted: Collection[str]
) -> None:
    """Refuse columns of sensitive data, told by their headings or by the first rows (S4)."""
    values = arrivals.samples(session, batch, most=LOOKED_AT)
    for heading, target in choices.mapping.items():
        kind = "" if plain(heading) in excepted else sensitive(heading)
        kind = kind or (of_column(values.get(heading, ())) if target in KEPT_AS_TOLD else "")
        if kind and target is not Target.nothing:
            found = f"The column “{heading}” seems to hold {kind}. A newsletter has no business"
            raise BadChoice("mapping", f"{found} to know this: leave the column out.")


def demand_days(choices: Choices, today: date) -> None:
    """Ask since when consent counts that is only implied, for it ends (R31)."""
    if choices.began_on is not None and choices.began_on > today:
        raise BadChoice("began_on", "This day is still to come.")
    is_told = choices.began_on is not None or Target.dealt_on in choices.mapping.values()
    if choices.basis in IMPLIED and not is_told:
        raise BadChoice(
            "began_on",
            "Consent from a purchase or an inquiry ends (R31). Say which column holds its day, "
            "or name the day here.",
        )


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


def is_resting(edge: datetime) -> sa.ColumnElement[bool]:
    """Ask, in SQL, for uploads from before the edge with which nobody went on."""
    return sa.and_(Import.state.in_(RESTING), Import.created_at < edge)


def tidy(session: Session, now: datetime, which: sa.ColumnElement[bool]) -> int:
    """Cancel resting uploads, which forgets their bytes, AT_ONCE of them; return how many."""
    old = sa.select(Import.id).where(which).order_by(Import.id).limit(AT_ONCE)
    found = session.scalars(old).all()
    for batch_id in found:
        cancel(session, now, batch_id)
    return len(found)
