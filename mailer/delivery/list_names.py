"""Whether readers can join a list of this name: the mail that asks them is judged beforehand."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.compliance import gate
from mailer.compliance.finding import Finding
from mailer.delivery import confirmations, specimens
from mailer.delivery.confirmations import Question
from mailer.links import Site

PLAIN = "Letters"
ADVICE = (
    "Give the list a plain name that says what readers get: no prices, no offers, no marks of a "
    "template."
)


class BadName(Exception):  # noqa: N818 - errors are named for the situation
    """No reader could join a list of this name; the message says why and how to mend it."""


def demand_good(session: Session, site: Site, sender: Sender, name: str, now: datetime) -> None:
    """Raise BadName if the gate refuses the confirmation mail for its list's name.

    What it would refuse of a list of any name is not this one's fault.
    """
    for finding, is_its_own in found(session, site, sender, name, now):
        if is_its_own:
            what = "With this name the gate refuses the mail that asks readers to confirm:"
            raise BadName(f"{what} {told(finding)} {ADVICE}")


def hindrances(
    session: Session, site: Site, sender: Sender, name: str, now: datetime
) -> list[tuple[str, str]]:
    """Return why no reader can confirm, rule by rule: what was found, and how to mend it."""
    return [
        (told(finding), ADVICE if is_its_own else finding.fix)
        for finding, is_its_own in found(session, site, sender, name, now)
    ]


def found(
    session: Session, site: Site, sender: Sender, name: str, now: datetime
) -> list[tuple[Finding, bool]]:
    """Return what is refused of a list of this name, and whether the name is to blame.

    A plain name is judged beside it only where something is.
    """
    refused = refusals(session, site, sender, name, now)
    anyway = refusals(session, site, sender, PLAIN, now) if refused else {}
    return [(finding, rule not in anyway) for rule, finding in refused.items()]


def refusals(
    session: Session, site: Site, sender: Sender, name: str, now: datetime
) -> dict[str, Finding]:
    """Judge the confirmation mail of a list of this name; keep of each rule what quotes it."""
    question = Question(sender, name, specimens.ADDRESS, number=0, serial=0)
    letter = confirmations.candidate(session, site, question, now)
    refusing = gate.judge(letter, gate.OF_THE_MESSAGE).refusals
    return {one.rule: one for one in sorted(refusing, key=lambda one: name in one.evidence)}


def told(finding: Finding) -> str:
    return f"{finding.named} ({finding.evidence})."
