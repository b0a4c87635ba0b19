"""Warnings of the gate that a named person accepts for one campaign, with a reason."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.campaigns.models import Campaign
from mailer.compliance.finding import Finding
from mailer.compliance.gate import Verdict
from mailer.delivery.models import Override

SHORTEST, LONGEST = 10, 400


class NeedsOverride(Exception):  # noqa: N818 - errors are named for the situation
    """Warnings stand that nobody has accepted with a reason; ``verdict`` holds all findings."""

    def __init__(self, verdict: Verdict, open_ones: Sequence[Finding]) -> None:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in open_ones))
        super().__init__(f"It has a warning that nobody has accepted with a reason: {rules}.")
        self.verdict = verdict
        self.open_ones = tuple(open_ones)


@dataclass(frozen=True)
class Acceptance:
    """What a person says to warnings: reasons by fingerprint, or by rule ("R08") for all of one."""

    actor: User | str
    reasons: Mapping[str, str] = field(default_factory=dict)

    def reason(self, finding: Finding) -> str:
        """Return the reason given for a finding; empty if it is too short to be one."""
        given = self.reasons.get(fingerprint(finding)) or self.reasons.get(finding.rule) or ""
        reason = " ".join(given.split())[:LONGEST]
        return reason if len(reason) >= SHORTEST else ""


def fingerprint(finding: Finding) -> str:
    """Return what tells a finding from every other, as 64 hexadecimal digits.

    One about readers is the same whoever of them it was found for: the sample changes daily.
    """
    evidence = "" if finding.part == "recipient" else finding.evidence
    parts = (finding.rule, finding.part or "", evidence, finding.fix)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def in_force(session: Session, campaign: Campaign) -> dict[str, Override]:
    """Return the overrides of a campaign by the fingerprint of what was accepted."""
    mine = sa.select(Override).where(Override.campaign_id == campaign.id).order_by(Override.id)
    return {one.finding: one for one in session.scalars(mine)}


def demand(
    session: Session, campaign: Campaign, verdict: Verdict, said: Acceptance | None, now: datetime
) -> None:
    """Record the warnings that are accepted now; raise NeedsOverride when others are left.

    Then nothing is recorded: the caller rolls back.
    """
    known = in_force(session, campaign)
    left = []
    for finding in verdict.warnings:
        if fingerprint(finding) in known:
            continue
        if said is None or not said.reason(finding):
            left.append(finding)
            continue
        known[fingerprint(finding)] = accepted(session, campaign, verdict, finding, said, now)
    if left:
        raise NeedsOverride(verdict, left)


def accepted(
    session: Session,
    campaign: Campaign,
    verdict: Verdict,
    finding: Finding,
    said: Acceptance,
    now: datetime,
) -> Override:
    reason = said.reason(finding)
    made = Override(
        campaign_id=campaign.id,
        rule=finding.rule,
        finding=fingerprint(finding),
        reason=reason,
        actor=said.actor if isinstance(said.actor, str) else said.actor.email,
        ruleset=verdict.ruleset,
        at=now,
    )
    session.add(made)
    subject = f"campaign {campaign.id}"
    audit.record(
        session, now, said.actor, "campaign.accept", subject, reason=f"{finding.rule}: {reason}"
    )
    return made
