"""Whose fault it is that a copy is unlawful: its own, or that of all copies."""

from dataclasses import replace

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from mailer.compliance.finding import Finding
from mailer.compliance.gate import Verdict
from mailer.compliance.inputs import Recipient
from mailer.delivery import approval, specimens
from mailer.delivery.approval import Overtaken, Unlawful
from mailer.delivery.office import Office


def rules(findings: tuple[Finding, ...]) -> set[str]:
    """Return which rules refuse."""
    return {finding.rule for finding in Verdict(findings).refusals}


def of_all(office: Office, one: Candidate) -> tuple[Finding, ...]:
    """Return what is found, when ``one`` leaves, on the copy of somebody who is not known.

    It was lawful at the start. If it is not now, time went by, or a key or a setting changed.
    """
    reader = specimens.nobody(office.stated.dealing_field)
    _, raw = specimens.copied(office, reader)
    url = office.site.unsubscribe(0, 0, 0)
    to, dealing = Recipient(reader.email, ""), office.stated.dealing(reader.attributes)
    asking = office.asking(url)
    copy = replace(one, raw=raw, unsubscribe_url=url, recipient=to, dealing=dealing, asking=asking)
    return gate.judge(copy, gate.OF_THE_MESSAGE).findings


def refusal(findings: tuple[Finding, ...], shared: set[str]) -> Unlawful:
    """Return the error for a copy, given by which rules all copies are refused by now."""
    refusing = {finding.rule: finding for finding in Verdict(findings).refusals}
    common = sorted(refusing.keys() & shared)
    if not common:
        return Unlawful(approval.OWN_FAULT.format(", ".join(refusing)))
    told = "; ".join(refusing[rule].named for rule in common)
    return Overtaken(
        f"Since the gate let it go, it has become unlawful: {told}. "
        "Resume it once that is mended, or cancel it."
    )
