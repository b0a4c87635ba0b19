"""What a command says when it cannot go on, and how it tells the gate's verdict."""

import click

from mailer.compliance import gate
from mailer.compliance.finding import Finding
from mailer.compliance.gate import Verdict


class Unusable(click.ClickException):
    """What was given cannot be used; one line on stderr says why, and the exit code is 2."""

    exit_code = 2


def show(verdict: Verdict) -> None:
    for finding in verdict.findings:
        click.echo(shown(finding) + "\n")
    click.echo(f"{verdict.message} (rules {verdict.ruleset})")


def shown(finding: Finding) -> str:
    return "\n".join(
        (
            f"{finding.rule} {finding.severity.upper()}  {finding.title}",
            f"    Asked:  {gate.ASKS[finding.rule]}",
            f"    Found:  {finding.evidence}",
            f"    Mend:   {finding.fix}",
            f"    Source: {finding.citation}",
        )
    )
