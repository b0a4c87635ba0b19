"""The shape of a rule: who it is, what it rests on, and the function that gives its reasons."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mailer.compliance.candidate import Kind
from mailer.compliance.case import Case
from mailer.compliance.finding import Finding, Severity, excerpt

EVERY_KIND = frozenset(Kind)
NOT_TRANSACTIONAL = frozenset({Kind.commercial, Kind.editorial})
ONLY_COMMERCIAL = frozenset({Kind.commercial})


@dataclass(frozen=True)
class Reason:
    """Why a rule is broken: what was found, how to mend it, and in which part of the message.

    A reason may be milder or harsher than its rule; then it states its own severity.
    """

    evidence: str
    fix: str
    part: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class Rule:
    """One unit of law. `check` reads a case and returns reasons; no reason means the rule is kept.

    `kinds` are the kinds of message that the rule binds.
    """

    id: str
    name: str
    title: str
    severity: Severity
    citation: str
    check: Callable[[Case], Iterable[Reason]]
    kinds: frozenset[Kind] = EVERY_KIND

    def finding(self, reason: Reason) -> Finding:
        return Finding(
            rule=self.id,
            name=self.name,
            title=self.title,
            severity=reason.severity or self.severity,
            citation=self.citation,
            evidence=excerpt(reason.evidence),
            fix=reason.fix,
            part=reason.part,
        )
