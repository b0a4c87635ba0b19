"""Whether a message can be judged at all: what nobody can read for certain cannot be sent."""

from collections.abc import Iterator

from mailer.compliance.bounds import Obstacle, Unjudgeable
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import Reason, Rule


def reason(obstacle: Obstacle) -> Reason:
    return Reason(obstacle.evidence, obstacle.fix, obstacle.part, Severity.refuse)


def _check(case: Case) -> Iterator[Reason]:
    """Read everything that a reader may be shown, whether or not another rule asks for it."""
    try:
        for header in case.message.headers:
            header.value  # noqa: B018  # raises
        case.trees, case.surfaces  # noqa: B018  # likewise
    except Unjudgeable as refusal:
        yield reason(refusal.obstacle)


LEGIBILITY = Rule(
    id="R00",
    name="legibility",
    title="The message cannot be judged for certain",
    asks="The message is whole and within measure, and all mail programs read it alike.",
    severity=Severity.refuse,
    citation="RFC 5322; RFC 2045-2047; what cannot be judged cannot be shown to be lawful",
    check=_check,
)
