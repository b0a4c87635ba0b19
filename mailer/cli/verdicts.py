"""The gate's verdict on a terminal: every finding, then one sentence."""

import click

from mailer.compliance.finding import Finding
from mailer.compliance.gate import Verdict


def show(verdict: Verdict) -> None:
    for finding in verdict.findings:
        click.echo(shown(finding) + "\n")
    click.echo(f"{verdict.message} (rules {verdict.ruleset})")


def shown(finding: Finding) -> str:
    return "\n".join(
        (
            f"{finding.rule} {finding.severity.upper()}  {finding.title}",
            f"    Found:  {finding.evidence}",
            f"    Mend:   {finding.fix}",
            f"    Source: {finding.citation}",
        )
    )
