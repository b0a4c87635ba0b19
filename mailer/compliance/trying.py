"""The opt-out on trial, as rules ask for it, and what runs by itself on its page."""

from collections.abc import Iterator

from lxml import etree

from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.readiness import OptOutTrial
from mailer.compliance.rule import Reason

NOT_TRIED = Reason(
    "Not judged here: the unsubscribe link was not tried.",
    "Mailer tries it by itself before it sends.",
    severity=Severity.note,
)


def trial(case: Case) -> OptOutTrial | None:
    """Give the trial of this sender's opt-out, None if there was none."""
    readiness = case.candidate.readiness
    return readiness.trial if readiness else None


def scripts(root: etree._Element) -> Iterator[str]:
    """Give what runs by itself on a page: its scripts, and what it does when it is loaded."""
    for element in root.iter("*"):
        if element.tag == "script" and element.text:
            yield element.text
        for name in ("onload", "onpageshow", "onerror", "onfocus", "onanimationstart", "ontoggle"):
            if element.get(name):
                yield element.get(name, "")
