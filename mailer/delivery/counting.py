"""Counting deliveries by all that a report tells apart."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql import functions

from mailer.delivery.models import Delivery, DeliveryStatus

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


def told(known: tuple[str, ...]) -> sa.Select[Any]:
    """Return all that a report tells apart of each delivery; ``known`` names the domains."""
    said_no = Delivery.status.in_(SAID_NO)
    domain = split_at(Delivery.email, "@", sa.literal_column("2"))
    word = split_at(Delivery.smtp_text, " ", sa.literal_column("1"))
    return sa.select(
        Delivery.status.label("status"),
        Delivery.reason.label("reason"),
        sa.case((said_no, Delivery.smtp_code)).label("code"),
        sa.case((said_no, word), else_="").label("word"),
        sa.case((domain.in_(known), domain), else_=OTHERS).label("domain"),
    )


def grouped(rows: sa.Select[Any]) -> sa.Select[Any]:
    columns = tuple(rows.subquery().c)
    return sa.select(*columns, sa.func.count()).group_by(*columns)
