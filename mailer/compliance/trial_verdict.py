"""What the rules say of one trial of the opt-out, and step by step what was tried."""

from dataclasses import dataclass

from mailer.compliance import gate
from mailer.compliance.candidate import AddressKind, Candidate, PostalAddress, SenderRecord
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.readiness import OptOutTrial, Readiness

OK = 200
RULES = tuple(rule for rule in gate.RULES if rule.id in {"R18", "R19", "R20", "R42"})
_NOWHERE = PostalAddress((), "", "", "", "", AddressKind.street, "", None)
_NOBODY = SenderRecord("", "", "", _NOWHERE)


@dataclass(frozen=True)
class Told:
    """`steps` pairs what was tried with whether it went well, None if it was not come to."""

    steps: tuple[tuple[str, bool | None], ...]
    findings: tuple[Finding, ...]

    @property
    def is_lawful(self) -> bool:
        return all(finding.severity is not Severity.refuse for finding in self.findings)


def told(trial: OptOutTrial, *, development: bool = False) -> Told:
    """Judge a trial by R18, R19, R20 and R42 alone, as if a send were to rest on it now."""
    candidate = Candidate(
        raw=b"",
        sender=_NOBODY,
        unsubscribe_url=trial.url,
        today=trial.tried_at.date(),
        development=development,
        readiness=Readiness(trial=trial),
    )
    return Told(_steps(trial), gate.judge(candidate, RULES).findings)


def _steps(trial: OptOutTrial) -> tuple[tuple[str, bool | None], ...]:
    page, again = trial.page, trial.again
    return (
        ("The page opens for somebody without cookies", page is not None and page.status == OK),
        ("Opening it changes nothing", trial.was_harmless if page else None),
        ("One click in a mail program (form-encoded)", _went_well(trial, "urlencoded")),
        ("One click in a mail program (multipart)", _went_well(trial, "multipart")),
        ("The page's own button, all mail of the sender", _went_well(trial, "page")),
        ("The link still answers afterwards", again.status == OK if again else None),
    )


def _went_well(trial: OptOutTrial, form: str) -> bool | None:
    posted = trial.posted(form)
    if posted is None:
        return None
    return posted.answer.status == OK and bool(posted.lists_left)
