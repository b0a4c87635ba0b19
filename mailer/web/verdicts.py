"""The gate's verdicts as pages and programs are told them."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, has_request_context, jsonify, make_response, url_for

from mailer.compliance import gate
from mailer.compliance.candidate import Kind
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.gate import Verdict
from mailer.delivery import checklist

REFUSED = 422
# Asked of the set-up, and yet more often broken by the message itself.
OF_A_MESSAGE_TOO = frozenset({"R40"})
ORDER = (Severity.refuse, Severity.warn, Severity.note)


def shown(verdict: Verdict) -> list[dict[str, str]]:
    """Return the findings as the page's parts take them, refusals first."""
    ordered = sorted(verdict.findings, key=lambda finding: ORDER.index(finding.severity))
    return [one(finding) for finding in ordered]


def kept(findings: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return findings that were stored with a seed copy, as pages show them."""
    read = (Finding(**{**found, "severity": Severity(found["severity"])}) for found in findings)
    return shown(Verdict(tuple(read)))


def one(finding: Finding) -> dict[str, str]:
    where = f" ({finding.part})" if finding.part else ""
    return {
        "rule": f"{finding.rule} {finding.name}",
        "severity": finding.severity.value,
        "message": f"{finding.title}{where}.",
        "evidence": finding.evidence,
        "fix": finding.fix,
        "citation": finding.citation,
        "mend_at": mend_at(finding),
    }


def mend_at(finding: Finding) -> str:
    """Return the page where a finding about the sending side is mended; empty for all others."""
    needs = [need for need in checklist.NEEDS if finding.rule in need.rules]
    if finding.rule in OF_A_MESSAGE_TOO or not needs or not has_request_context():
        return ""
    exact = [need.key for need in needs if need.part in (None, finding.part)]
    return url_for("setup.index", _anchor=exact[0] if exact else needs[0].key)


def asked(kind: Kind) -> list[str]:
    """Return the names of the rules that bind a kind of message."""
    return [f"{rule.id} {rule.name}" for rule in gate.RULES if kind in rule.kinds]


def as_json(verdict: Verdict) -> Response:
    """Answer a program: 200 when lawful, 422 when refused."""
    return make_response(jsonify(verdict.as_dict()), 200 if verdict.is_lawful else REFUSED)
