"""Approved bytes: what the gate let through, the only thing that the door takes."""

from typing import NamedTuple

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from mailer.compliance.case import Case
from mailer.compliance.gate import Verdict
from mailer.compliance.rule import Rule

OWN_FAULT = "The gate refuses this reader's own copy: {}."


class Unlawful(Exception):  # noqa: N818 - errors are named for the situation
    """The gate refuses a message; the message of this error names the rules.

    At hand-off it is the copy's own fault: whoever was to get it is excluded, and nobody else.
    """


class Overtaken(Unlawful):
    """What the gate let go has become unlawful since, by no fault of this copy's own.

    The campaign waits for a person, with the message of this error, and nobody is excluded.
    """


class Approved(NamedTuple):
    """One message's bytes and the version of the rules that they were judged by.

    The verdict is on these bytes: another byte would need an approval of its own. Made here and
    by the inspector of a campaign's copies, nowhere else; a house test holds it to that.
    """

    raw: bytes
    ruleset: str


def approved(candidate: Candidate, rules: tuple[Rule[Case], ...] = gate.OF_THE_MESSAGE) -> Approved:
    """Judge one message by itself; raises Unlawful."""
    verdict = gate.judge(candidate, rules)
    demand_lawful(verdict)
    return Approved(candidate.raw, verdict.ruleset)


def demand_lawful(verdict: Verdict) -> None:
    """Raise Unlawful, naming the rules that refuse."""
    rules = dict.fromkeys(finding.rule for finding in verdict.refusals)
    if rules:
        raise Unlawful(OWN_FAULT.format(", ".join(rules)))
