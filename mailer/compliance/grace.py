"""What is not known of the sending side: asked for at first, demanded later."""

from mailer.compliance.candidate import Candidate
from mailer.compliance.finding import Severity
from mailer.compliance.rule import Reason


def unknown(candidate: Candidate, evidence: str, fix: str, part: str | None = None) -> Reason:
    """Give the reason for something that nobody has looked up or tried yet.

    It is a note where nothing is known of the sending side at all (a message from elsewhere) and
    while a fresh installation is being set up; after that it refuses.
    """
    readiness = candidate.readiness
    if readiness is None:
        return Reason(f"Not judged here: {evidence}", fix, part, Severity.note)
    until = readiness.grace_until
    if until is not None and candidate.today <= until:
        evidence = f"Not set up yet; after {until} this refuses: {evidence}"
        return Reason(evidence, fix, part, Severity.note)
    return Reason(evidence, fix, part, Severity.refuse)


def development(candidate: Candidate, what: str) -> Reason | None:
    """Give the note that a development installation cannot judge something, elsewhere None."""
    if not candidate.development:
        return None
    evidence = f"Not judged here: {what} of a development installation are made up."
    return Reason(evidence, "It is judged once this runs in production.", None, Severity.note)
