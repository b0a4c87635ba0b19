"""The gate's verdicts as pages and programs are told them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, has_request_context, jsonify, make_response, url_for

from mailer.audience import senders
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign
from mailer.compliance import gate
from mailer.compliance.candidate import Kind
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.gate import Verdict
from mailer.compliance.packs import EVERY_PACK, Pack
from mailer.delivery import checklist, checks, overrides
from mailer.delivery.models import Override
from mailer.web import placing

REFUSED = 422
# Asked of the set-up, and yet more often broken by the message itself.
OF_A_MESSAGE_TOO = frozenset({"R40"})
ORDER = (Severity.refuse, Severity.warn, Severity.note)


def shown(verdict: Verdict) -> list[dict[str, object]]:
    """Return the findings as the page's parts take them, refusals first."""
    ordered = sorted(verdict.findings, key=lambda finding: ORDER.index(finding.severity))
    return [one(finding) for finding in ordered]


def kept(findings: Iterable[Mapping[str, Any]]) -> list[dict[str, object]]:
    """Return findings that were stored with a seed copy, as pages show them."""
    read = (Finding(**{**found, "severity": Severity(found["severity"])}) for found in findings)
    return shown(Verdict(tuple(read)))


@dataclass(frozen=True)
class Panel:
    """What a page shows of a verdict: what is wrong, what was asked, what was not judged here."""

    findings: list[dict[str, object]]
    notes: list[dict[str, object]]
    asked: list[tuple[str, str]]
    summary: str


def panel(
    verdict: Verdict,
    campaign: Campaign,
    draft: Draft,
    accepted: dict[str, Override] | None = None,
) -> Panel:
    """Return a verdict with the place where each finding is mended, refusals first."""
    told = [
        one(finding)
        | {
            "places": placing.places(finding, draft),
            "fingerprint": overrides.fingerprint(finding),
            "accepted": (accepted or {}).get(overrides.fingerprint(finding)),
        }
        for finding in verdict.findings
    ]
    notes = [one for one in told if one["severity"] == Severity.note.value]
    unjudged = {str(note["id"]) for note in notes}
    is_readable = checks.is_readable(verdict)
    bound = asked(campaign.kind, senders.packs(campaign.sender))
    return Panel(
        findings=sorted(
            (one for one in told if one not in notes), key=lambda one: one["severity"] != "refuse"
        ),
        notes=notes,
        asked=[pair for pair in bound if pair[0] not in unjudged] if is_readable else [],
        summary=summary(verdict),
    )


def summary(verdict: Verdict) -> str:
    """Return the verdict in a few words, to be spoken."""
    refusals = len({finding.rule for finding in verdict.refusals})
    warnings = len({finding.rule for finding in verdict.warnings})
    if refusals:
        return f"{refusals} {'rule refuses' if refusals == 1 else 'rules refuse'} it."
    if warnings:
        return f"{warnings} {'warning' if warnings == 1 else 'warnings'}, no refusal."
    return "Lawful as far as it can be judged now."


def one(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.rule,
        "rule": f"{finding.rule} {finding.name}",
        "severity": finding.severity.value,
        "title": finding.title,
        "part": finding.part or "",
        "evidence": finding.evidence,
        "fix": finding.fix,
        "citation": finding.citation,
        "law": gate.ASKS.get(finding.rule, ""),
        "mend_at": mend_at(finding),
    }


def mend_at(finding: Finding) -> str:
    """Return the page where a finding about the sending side is mended; empty for all others."""
    needs = [need for need in checklist.NEEDS if finding.rule in need.rules]
    if finding.rule in OF_A_MESSAGE_TOO or not needs or not has_request_context():
        return ""
    exact = [need.key for need in needs if need.part in (None, finding.part)]
    return url_for("setup.index", _anchor=exact[0] if exact else needs[0].key)


def asked(kind: Kind, packs: frozenset[Pack] = EVERY_PACK) -> list[tuple[str, str]]:
    """Return the rules that bind a kind of message: each one's id and what it asks."""
    return [(rule.id, rule.asks) for rule in gate.bound(kind, packs)]


def as_json(verdict: Verdict) -> Response:
    """Answer a program: 200 when lawful, 422 when refused."""
    return make_response(jsonify(verdict.as_dict()), 200 if verdict.is_lawful else REFUSED)
