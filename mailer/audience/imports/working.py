"""The work on a batch, step by step; whoever calls commits after each step.

Each step moves the batch's place and counts in the same transaction as the rows themselves, and
only while the lease is ours. So a process may die anywhere: the next one goes on at that place.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailer.audience.imports import batches, bulk, deciding, leases, rows, scan, undoing, writing
from mailer.audience.imports.bulk import Collision
from mailer.audience.imports.deciding import Batch
from mailer.audience.imports.known import Destination
from mailer.audience.imports.models import Basis, Fault, Import, State
from mailer.audience.imports.outcomes import Plan
from mailer.audience.imports.reading import chunks
from mailer.audience.imports.reading.archives import BadFile
from mailer.audience.imports.rows import Reading
from mailer.audience.imports.terms import Terms
from mailer.audience.imports.writing import FAULTS
from mailer.audience.models import MailingList
from mailer.links import Site

# Rows in one transaction: enough that commits cost little, few enough that nobody waits long.
SIZE = 5000
TRIES = 5
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Work:
    """What a process needs to work on a batch that it has claimed.

    ``spared`` asks, in SQL about Subscriber, whom an undo must leave where she is.
    """

    session: Session
    site: Site
    batch_id: int
    lease: str
    now: Clock
    spared: sa.ColumnElement[bool]

    def hold(self, **values: object) -> bool:
        return leases.hold(self.session, self.batch_id, self.lease, self.now(), **values)

    def batch(self) -> Import:
        return self.session.get_one(Import, self.batch_id, populate_existing=True)


def steps(work: Work) -> Iterator[bool]:
    """Do what a batch's state asks for; ends when that is done or the batch was taken away.

    Each step tells whether the work can be laid down there: a check begins anew.
    """
    state = work.batch().state
    try:
        if state is State.checking:
            yield from check(work)
        elif state is State.running:
            yield from run(work)
        elif state is State.undoing:
            yield from undo(work)
    except BadFile as error:
        work.session.rollback()
        if work.hold(state=State.failed, problem=str(error)[:300], finished_at=work.now()):
            chunks.forget(work.session, work.batch_id)
            yield True


def check(work: Work) -> Iterator[bool]:
    """Read the file through, then count what would become of each row; adds nobody."""
    batch = work.batch()
    reading, headings = read(work, batch), [heading for heading, _ in batch.mapping]
    said = batches.claimed(work.session, work.now(), batch, batch.attested_by, headings)
    look = scan.Scan(opened(work, batch, reading))
    while look.go():
        if not work.hold(position=look.total):
            return
        yield False
    found = scan.findings(said, look.sample)
    batches.forget_faults(work.session, work.batch_id)
    if not work.hold(
        total=look.total,
        position=0,
        findings=[{name: text or "" for name, text in one.as_dict().items()} for one in found],
        duplicates=scan.packed(look.doubles.found()),
    ):
        return
    yield False
    counts: Counter[str] = Counter()
    task = planned(work, work.batch())
    with rows.ahead(rows.batched(opened(work, work.batch(), reading), SIZE)) as read_ahead:
        for some in read_ahead:
            if not work.hold(position=some[-1].number + 1):
                return
            verdicts, _ = deciding.decide(work.session, work.now(), task, some, locks=False)
            bulk.insert(work.session, Fault, FAULTS, verdicts.faults)
            counts += verdicts.counts
            yield False
    if work.hold(state=State.checked, forecast=dict(counts), position=0):
        leases.release(work.session, work.batch_id, work.lease)
        yield False


def run(work: Work) -> Iterator[bool]:
    """Take people in from where the batch is to its end."""
    batch = work.batch()
    task, reading, place = planned(work, batch), read(work, batch), batch.position
    counts = Counter(batch.counts if place else {})
    with rows.ahead(rows.batched(opened(work, batch, reading, place), SIZE)) as read_ahead:
        for some in read_ahead:
            done = written(work, task, some, counts)
            if done is None:
                return
            counts = done
            yield True
    if work.hold(state=State.finished, finished_at=work.now(), problem=""):
        chunks.forget(work.session, work.batch_id)
        leases.release(work.session, work.batch_id, work.lease)
        yield True


def written(
    work: Work, task: Batch, some: list[rows.Row], before: Counter[str]
) -> Counter[str] | None:
    """Write some rows, and return the counts with them; None when the batch was taken away.

    Whoever signs up at the same moment as she is imported is known at the next try.
    """
    for left in reversed(range(TRIES)):
        try:
            if not work.hold():
                return None
            counts = before + writing.write(work.session, work.now(), task, some)
            work.hold(position=some[-1].number + 1, counts=dict(counts))
        except (IntegrityError, Collision):
            work.session.rollback()
            if not left:
                raise
        else:
            return counts
    return None


def undo(work: Work) -> Iterator[bool]:
    """Take out again what the batch has added and nobody has touched since."""
    while work.hold():
        done = undoing.some(work.session, work.batch_id, work.batch().undone, work.spared)
        if done is None:
            work.hold(state=State.undone)
            leases.release(work.session, work.batch_id, work.lease)
            yield True
            return
        work.hold(undone=done)
        yield True


def read(work: Work, batch: Import) -> Reading:
    return Reading.of(batch, work.site.keys, test_environment=work.site.development)


def opened(work: Work, batch: Import, reading: Reading, first: int = 0) -> Iterator[rows.Row]:
    file: IO[bytes] = chunks.opened(work.session.get_bind().engine, batch.id, batch.size)
    return reading.rows(file, batch.filename, first)


def planned(work: Work, batch: Import) -> Batch:
    """Return what is to be done with everybody of a batch."""
    chosen = sa.select(MailingList).where(MailingList.id.in_(batch.list_ids))
    lists = work.session.scalars(chosen.order_by(MailingList.id))
    basis, now = batch.basis or Basis.opt_in, batch.attested_at or batch.created_at
    places = tuple(
        Destination(one.id, one.sender_id, one.optin, one.consent_months) for one in lists
    )
    return Batch(
        batch.id,
        Plan(places, basis, batch.overwrite, Terms(basis, now, batch.began_on)),
        scan.unpacked(batch.duplicates),
        {
            "shown": batch.evidence,
            "source": "import",
            "page": f"import {batch.id}, {batch.provenance}, {batch.basis}",
            "actor": batch.attested_by,
        },
        work.site.keys,
    )
