"""Who may be written to."""

from collections.abc import Iterator

from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import Reason, Rule


def _opted_out(case: Case) -> Iterator[Reason]:
    if case.candidate.standing is not None:
        yield Reason(
            evidence=f"This reader must not be mailed: {case.candidate.standing}.",
            fix="Nothing to mend: leave this reader out. Only the reader can undo an opt-out.",
            part="recipient",
        )


OPTED_OUT = Rule(
    id="R28",
    name="opted-out",
    title="The reader has opted out or may not be mailed",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(4)(A); GDPR art. 21(3)",
    check=_opted_out,
)
