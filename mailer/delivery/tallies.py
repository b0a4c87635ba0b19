"""Counts of a campaign's people that are kept run by run, so that a report reads few rows.

A run is counted again only while somebody works on it. Whoever changes deliveries says so
first (``forget``), and whoever is through with a run counts it (``keep``).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql import functions

from mailer.campaigns.models import Campaign
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Tally

UNSETTLED = (
    DeliveryStatus.pending,
    DeliveryStatus.claimed,
    DeliveryStatus.sending,
    DeliveryStatus.deferred,
)
SAID_NO = (DeliveryStatus.refused, DeliveryStatus.deferred)
# So many of the recipients' domains are told apart in a report; the rest is one figure.
DOMAINS = 12
OTHERS = ""
WITHIN = (Delivery.campaign_id == Tally.campaign_id) & Delivery.id.between(
    Tally.first_id, Tally.last_id
)
# RFC 3463: what of a relay's words is about the refusal, and never about the reader.
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class split_at(functions.FunctionElement[str]):  # noqa: N801 - it reads as the SQL function it is
    """``split_at(text, mark, 1)`` is what stands before the first mark, 2 what stands after."""

    type = sa.String()
    name = "split_at"
    inherit_cache = True


@compiles(split_at, "postgresql")
def _of_postgresql(element: split_at, compiler: Any, **words: Any) -> str:  # noqa: ANN401 - its own
    return f"split_part({compiler.process(element.clauses, **words)})"


@compiles(split_at, "sqlite")
def _of_sqlite(element: split_at, compiler: Any, **words: Any) -> str:  # noqa: ANN401 - its own
    text, mark, side = (compiler.process(one, **words) for one in element.clauses)
    found = f"instr({text} || {mark}, {mark})"
    return (
        f"CASE {side} WHEN 1 THEN substr({text}, 1, {found} - 1) "
        f"ELSE substr({text}, {found} + 1) END"
    )


@dataclass
class Counts:
    """People by state; by reason; by what the relay said against them; by domain and state."""

    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    domains: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, other: Mapping[str, Any]) -> None:
        """Add what a run keeps."""
        self.states.update(other["states"])
        self.reasons.update(other["reasons"])
        self.refusals.update(other["refusals"])
        for domain, states in other["domains"].items():
            self.domains[domain].update(states)

    def as_dict(self) -> dict[str, Any]:
        domains = {domain: dict(states) for domain, states in self.domains.items()}
        return {
            "states": dict(self.states),
            "reasons": dict(self.reasons),
            "refusals": dict(self.refusals),
            "domains": domains,
        }

    @property
    def people(self) -> int:
        return self.states.total()

    @property
    def open_ones(self) -> int:
        return sum(self.states[status] for status in UNSETTLED)


@dataclass(frozen=True)
class Grouped:
    """One line of the database's counting: so many people of a run who have all this in common."""

    status: str
    reason: str
    code: int | None
    word: str
    domain: str
    people: int

    @classmethod
    def of(cls, values: Iterable[Any]) -> Self:
        return cls(*values)

    def into(self, counts: Counts) -> None:
        counts.states[self.status] += self.people
        if self.reason:
            counts.reasons[self.reason] += self.people
        if self.code:
            enhanced = self.word if ENHANCED.fullmatch(self.word) else ""
            counts.refusals[f"{self.code} {enhanced}".strip()] += self.people
        counts.domains[self.domain][self.status] += self.people


def of_campaign(session: Session, campaign_id: int) -> Counts:
    """Return the counts of a whole audience: kept runs summed up, the others counted now."""
    counts, runs = Counts(), 0
    kept = sa.select(Tally.counts).where(Tally.campaign_id == campaign_id)
    for (one,) in session.execute(kept):
        runs += 1
        if one is not None:
            counts.add(one)
    known = tuple(counts.domains) or largest_domains(session, campaign_id)
    if not runs:
        for values in session.execute(
            grouped(told(known).where(Delivery.campaign_id == campaign_id))
        ):
            Grouped.of(values).into(counts)
    else:
        for _, *rest in session.execute(by_run(campaign_id, known)):
            Grouped.of(rest).into(counts)
    return counts


def around(
    session: Session, campaign_id: int, status: DeliveryStatus | None, before: int, most: int
) -> tuple[list[tuple[int, int]] | None, int]:
    """Return the runs that hold ``most`` people of a state, and how many of theirs to pass over.

    ``before`` is how many to pass over in the whole audience. None: it has no runs.
    """
    found: list[tuple[int, int]] = []
    moving = in_motion(session, campaign_id, status)
    chosen = sa.select(Tally).where(Tally.campaign_id == campaign_id).order_by(Tally.first_id)
    runs = session.scalars(chosen).all()
    for run in runs:
        kept = run.counts
        people = moving.get(run.first_id, 0) if kept is None else number_in(kept, status)
        if found or before < people:
            found.append((run.first_id, run.last_id))
            most -= people
        else:
            before -= people
        if most + before <= 0:
            break
    return (found if runs else None), before


def in_motion(session: Session, campaign_id: int, status: DeliveryStatus | None) -> dict[int, int]:
    """Return how many people of a state each run holds whose figures are not kept."""
    counted = sa.select(Tally.first_id, sa.func.count()).join(Delivery, WITHIN)
    chosen = counted.where(Tally.campaign_id == campaign_id, Tally.counts.is_(None))
    if status is not None:
        chosen = chosen.where(Delivery.status == status)
    return dict(iter(session.execute(chosen.group_by(Tally.first_id))))


def number_in(counts: Mapping[str, Any], status: DeliveryStatus | None) -> int:
    states: Mapping[str, int] = counts["states"]
    return sum(states.values()) if status is None else states.get(status, 0)


def begin(session: Session, campaign_id: int, runs: Iterable[tuple[int, int]]) -> None:
    """Part an audience that was just frozen into runs of (first id, last id), and count them.

    Belongs into the transaction that freezes it: nobody else sees its rows yet.
    """
    values = [
        {"campaign_id": campaign_id, "first_id": first, "last_id": last} for first, last in runs
    ]
    if values:
        session.execute(sa.insert(Tally), values)
        count_again(session, campaign_id)


def forget(session: Session, campaign_id: int, first_id: int | None = None) -> None:
    """Say that the rows of a run (or of the whole campaign) are about to change.

    For whoever takes a run's lease, in the transaction that takes it.
    """
    chosen = Tally.campaign_id == campaign_id
    if first_id is not None:
        chosen &= Tally.first_id == first_id
    session.execute(
        sa.update(Tally)
        .where(chosen, Tally.counts.is_not(None))
        .values(counts=None)
        .execution_options(synchronize_session=False)
    )


def forget_those_of(session: Session, rows: sa.ColumnElement[bool]) -> None:
    """Say that these deliveries are about to change, by somebody without their runs' lease.

    Locks their campaigns, so that nobody counts a run meanwhile; so it comes before the change.
    """
    theirs = sa.select(Delivery.campaign_id).where(rows)
    campaigns = sa.select(Campaign.id).where(Campaign.id.in_(theirs)).order_by(Campaign.id)
    session.execute(campaigns.with_for_update(key_share=True))
    within = Delivery.id.between(Tally.first_id, Tally.last_id)
    session.execute(
        sa.update(Tally)
        .where(
            Tally.campaign_id.in_(theirs),
            sa.exists().where(Delivery.campaign_id == Tally.campaign_id, within, rows),
        )
        .values(counts=None)
        .execution_options(synchronize_session=False)
    )


def keep(session: Session, campaign_id: int, first_id: int) -> None:
    """Count a run and keep the figures, for whoever still holds its lease.

    Belongs into the transaction that gives the lease back, as its first statement, after the last
    outcome is committed: it locks the campaign against those who change rows without a lease.
    """
    session.execute(
        sa.select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(read=True)
    )
    count_again(session, campaign_id, first_id)


def count_again(session: Session, campaign_id: int, first_id: int | None = None) -> None:
    """Count runs whose figures are not kept: one of them, or all."""
    known = known_domains(session, campaign_id)
    counted: dict[int, Counts] = defaultdict(lambda: Counts(domains=told_apart(known)))
    for first, *values in session.execute(by_run(campaign_id, known, first_id)):
        Grouped.of(values).into(counted[first])
    changes = [
        {
            "campaign_id": campaign_id,
            "first_id": first,
            "people": counts.people,
            "open_ones": counts.open_ones,
            "accepted": counts.states[DeliveryStatus.accepted],
            "counts": counts.as_dict(),
        }
        for first, counts in counted.items()
    ]
    if changes:
        session.execute(sa.update(Tally), changes)


def told_apart(domains: Iterable[str]) -> defaultdict[str, Counter[str]]:
    return defaultdict(Counter, {domain: Counter() for domain in domains})


def known_domains(session: Session, campaign_id: int) -> tuple[str, ...]:
    """Return the domains that this campaign's kept runs tell apart, or choose them now."""
    kept = sa.select(Tally.counts).where(
        Tally.campaign_id == campaign_id, Tally.counts.is_not(None)
    )
    one = session.scalar(kept.limit(1))
    return tuple(one["domains"]) if one else largest_domains(session, campaign_id)


def largest_domains(session: Session, campaign_id: int) -> tuple[str, ...]:
    domain = split_at(Delivery.email, "@", sa.literal_column("2"))
    found = (
        sa.select(domain)
        .where(Delivery.campaign_id == campaign_id, Delivery.email != "")
        .group_by(domain)
        .order_by(sa.func.count().desc(), domain)
        .limit(DOMAINS)
    )
    return tuple(session.scalars(found))


def by_run(campaign_id: int, known: tuple[str, ...], first_id: int | None = None) -> sa.Select[Any]:
    """Return the counting of the runs whose figures are not kept, each row led by its run."""
    rows = (
        told(known, Tally.first_id.label("run"))
        .select_from(Tally)
        .join(Delivery, WITHIN)
        .where(Tally.campaign_id == campaign_id, Tally.counts.is_(None))
    )
    return grouped(rows if first_id is None else rows.where(Tally.first_id == first_id))


def told(known: tuple[str, ...], *led_by: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Return all that a report tells apart of each delivery; ``known`` names the domains."""
    said_no = Delivery.status.in_(SAID_NO)
    domain = split_at(Delivery.email, "@", sa.literal_column("2"))
    word = split_at(Delivery.smtp_text, " ", sa.literal_column("1"))
    return sa.select(
        *led_by,
        Delivery.status.label("status"),
        Delivery.reason.label("reason"),
        sa.case((said_no, Delivery.smtp_code)).label("code"),
        sa.case((said_no, word), else_="").label("word"),
        sa.case((domain.in_(known), domain), else_=OTHERS).label("domain"),
    )


def grouped(rows: sa.Select[Any]) -> sa.Select[Any]:
    columns = tuple(rows.subquery().c)
    return sa.select(*columns, sa.func.count()).group_by(*columns)
