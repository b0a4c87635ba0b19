"""The gate's verdicts as pages and programs are told them."""

from flask import Response, jsonify, make_response

from mailer.compliance import gate
from mailer.compliance.candidate import Kind
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.gate import Verdict

REFUSED = 422


def shown(verdict: Verdict) -> list[dict[str, str]]:
    """Return the findings as the page's parts take them, refusals first."""
    ordered = sorted(verdict.findings, key=lambda finding: finding.severity is Severity.warn)
    return [one(finding) for finding in ordered]


def one(finding: Finding) -> dict[str, str]:
    where = f" ({finding.part})" if finding.part else ""
    return {
        "rule": f"{finding.rule} {finding.name}",
        "severity": finding.severity.value,
        "message": f"{finding.title}{where}.",
        "evidence": finding.evidence,
        "fix": finding.fix,
        "citation": finding.citation,
    }


def asked(kind: Kind) -> list[str]:
    """Return the names of the rules that bind a kind of message."""
    return [f"{rule.id} {rule.name}" for rule in gate.RULES if kind in rule.kinds]


def as_json(verdict: Verdict) -> Response:
    """Answer a program: 200 when lawful, 422 when refused."""
    return make_response(jsonify(verdict.as_dict()), 200 if verdict.is_lawful else REFUSED)
