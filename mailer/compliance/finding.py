"""What the gate says when a rule is broken."""

from dataclasses import asdict, dataclass
from enum import StrEnum

EVIDENCE_LIMIT = 160


class Severity(StrEnum):
    """`refuse` stops the message; `warn` needs a named person's recorded override.

    `note` says what could not be judged here: it stops nothing, and nothing is vouched for.
    """

    refuse = "refuse"
    warn = "warn"
    note = "note"


@dataclass(frozen=True)
class Finding:
    """One broken rule: which, why that is unlawful, what was found, and how to mend it."""

    rule: str
    name: str
    title: str
    severity: Severity
    citation: str
    evidence: str
    fix: str
    part: str | None = None

    @property
    def named(self) -> str:
        """The rule, for the middle of a sentence: its number and its title."""
        return f"{self.rule}, {self.title[:1].lower()}{self.title[1:]}"

    def as_dict(self) -> dict[str, str | None]:
        return {**asdict(self), "severity": self.severity.value}


def excerpt(text: str, limit: int = EVIDENCE_LIMIT) -> str:
    """One printable line of at most `limit` characters, so that evidence can stand anywhere."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
