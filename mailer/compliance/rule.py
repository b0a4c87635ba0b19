"""The shape of a rule: who it is, what it rests on, and the function that gives its reasons."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mailer.compliance.candidate import Kind
from mailer.compliance.finding import Finding, Severity, excerpt
from mailer.compliance.packs import PROMISED, Pack

EVERY_KIND = frozenset(Kind)
NOT_TRANSACTIONAL = EVERY_KIND - {Kind.transactional}
ONLY_COMMERCIAL = frozenset({Kind.commercial})
Subject = TypeVar("Subject")


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
class Rule(Generic[Subject]):
    """One unit of law. `check` reads a subject and returns reasons; none means the rule is kept.

    The subject is a Case (a message), an Intake (people to be added) or a Release (addresses to
    be handed out). `asks` says in one sentence what must be so, `title` what is wrong when it is
    not. `kinds` are the kinds of message that the rule binds. `packs` are the bodies of law that it
    belongs to: it binds senders who keep one of them, and those that our own policy promises bind
    everybody.
    """

    id: str
    name: str
    title: str
    asks: str
    severity: Severity
    citation: str
    check: Callable[[Subject], Iterable[Reason]]
    kinds: frozenset[Kind] = EVERY_KIND
    packs: frozenset[Pack] = PROMISED

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
