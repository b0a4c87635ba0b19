"""What becomes of some rows of a batch, decided for all of them at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from mailer.audience.addresses import folded
from mailer.audience.imports import known, outcomes, receipts
from mailer.audience.imports.known import Knowledge
from mailer.audience.imports.models import Outcome
from mailer.audience.imports.outcomes import Decision, Plan
from mailer.audience.imports.reading.people import Person
from mailer.audience.imports.rows import Lost, Row
from mailer.audience.turning import incoming
from mailer.tokens import Keys

SAME = "The same address stands in an earlier row."
NOTED = "noted"
ORIGINAL = "original"
SOME_TIME = "2000-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Batch:
    """What stays the same for all rows of a batch."""

    id: int
    plan: Plan
    duplicates: frozenset[int]
    evidence: dict[str, str]
    keys: Keys

    @cached_property
    def plain(self) -> str:
        """The evidence for people of whom the source says no more."""
        return receipts.evidence_text(self.evidence)

    @cached_property
    def around(self) -> tuple[str, str]:
        """What stands before and after the moment of consent in somebody's evidence."""
        text = receipts.evidence_text({**self.evidence, ORIGINAL: SOME_TIME})
        before, _, after = text.partition(SOME_TIME)
        return before, after

    def proof(self, person: Person) -> str:
        """Return the evidence for somebody, with when and from where she agreed at the source."""
        began = self.plan.terms.began(person)
        at = began.isoformat() if began else ""
        if person.ip:
            return receipts.evidence_text({**self.evidence, ORIGINAL: at, "ip": person.ip})
        return at.join(self.around) if at else self.plain


@dataclass
class Verdicts:
    """What becomes of some rows."""

    counts: Counter[str] = field(default_factory=Counter)
    taken: list[tuple[Person, Decision]] = field(default_factory=list)
    faults: list[tuple[object, ...]] = field(default_factory=list)

    def lose(self, batch_id: int, row: Row, outcome: str, reason: str) -> None:
        self.faults.append((batch_id, row.part, row.line, outcome, reason[:300]))


def decide(
    session: Session, now: datetime, batch: Batch, some: Sequence[Row], *, locks: bool
) -> tuple[Verdicts, Knowledge]:
    """Decide about some rows; changes nothing but the keys of whom it finds under former ones."""
    people = [row for row in some if isinstance(row, Person) and row.number not in batch.duplicates]
    incoming.welcome(session, now, batch.keys, (folded(person.email) for person in people))
    keys = [person.key for person in people]
    ids = [one.id for one in batch.plan.lists]
    domain_keys = {person.domain_key for person in people}
    knowledge = (
        known.looked_up(session, keys, domain_keys, ids, locks=locks) if keys else Knowledge()
    )
    verdicts = Verdicts()
    for row in some:
        if isinstance(row, Lost):
            verdicts.counts[row.outcome] += 1
            verdicts.lose(batch.id, row, row.outcome, row.reason)
        elif row.number in batch.duplicates:
            verdicts.counts[Outcome.duplicate] += 1
            verdicts.lose(batch.id, row, Outcome.duplicate, SAME)
        else:
            judge(verdicts, batch, row, knowledge)
    return verdicts, knowledge


def judge(verdicts: Verdicts, batch: Batch, person: Person, knowledge: Knowledge) -> None:
    refusals = knowledge.reaching(person.key, person.domain_key)
    found = outcomes.decided(batch.plan, person, knowledge.people.get(person.key), refusals)
    verdicts.counts[found.outcome] += 1
    verdicts.taken.append((person, found))
    if found.reason:
        verdicts.lose(batch.id, person, found.outcome, found.reason)
    elif person.note:
        verdicts.lose(batch.id, person, NOTED, person.note)
