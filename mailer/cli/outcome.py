"""How the answers of `mailer check` are told: one message in full, many line by line."""

import json
from collections import Counter
from collections.abc import Sequence

import click

from mailer.cli import answers
from mailer.cli.judging import OF_SENDER, Answer, Result
from mailer.compliance import gate
from mailer.compliance.finding import Finding

_NO_SENDER = (
    "Not all was judged: {rules} compare a message with its sender. Give the sender's name and "
    "postal address with --sender; mailer check --help shows such a file."
)


def tell_one(answer: Answer, *, as_json: bool) -> None:
    """Print all findings on a message, as the API answers or for people."""
    if answer.verdict is None:
        return
    if as_json:
        _print({**_told(answer), "ruleset": answer.verdict.ruleset})
    elif answer.is_whole:
        answers.show(answer.verdict)
    else:
        for finding in answer.verdict.findings:
            click.echo(answers.shown(finding) + "\n")
        nothing = answer.result is Result.incomplete
        said = "Nothing that was judged is unlawful." if nothing else answer.verdict.message
        click.echo(f"{said} (rules {answer.verdict.ruleset})")
        click.echo(_NO_SENDER.format(rules=", ".join(sorted(OF_SENDER))))


def tell_many(found: Sequence[Answer], *, as_json: bool, with_details: bool) -> None:
    """Print a line for each message, or all findings, and a summary."""
    if as_json:
        messages = [{"file": a.name, "result": a.result.value, **_told(a)} for a in found]
        summary = {**_results(found), "by_rule": dict(_by_rule(found))}
        _print({"ruleset": gate.RULESET, "messages": messages, "summary": summary})
        return
    for answer in found:
        rules = dict.fromkeys(finding.rule for finding in _refusals(answer))
        click.echo("  ".join(filter(None, (f"{answer.result:<10}", answer.name, " ".join(rules)))))
        for finding in answer.verdict.findings if with_details and answer.verdict else ():
            click.echo(answers.shown(finding))
    click.echo("\n" + _summary(found))


def _summary(found: Sequence[Answer]) -> str:
    counts = ", ".join(f"{number:,} {result}" for result, number in _results(found).items())
    lines = [f"{len(found):,} messages: {counts}. (rules {gate.RULESET})"]
    names = {rule.id: rule.name for rule in gate.RULES}
    lines += [f"  {number:>6,}  {rule} {names[rule]}" for rule, number in _by_rule(found)]
    if any(not answer.is_whole for answer in found):
        lines.append(_NO_SENDER.format(rules=", ".join(sorted(OF_SENDER))))
    return "\n".join(lines)


def _told(answer: Answer) -> dict[str, object]:
    if answer.verdict is None:
        return {"message": answer.fault, "violations": []}
    needed = {} if answer.is_whole else {"needs_sender": sorted(OF_SENDER)}
    return {**answer.verdict.as_dict(), **needed}


def _refusals(answer: Answer) -> tuple[Finding, ...]:
    return answer.verdict.refusals if answer.verdict else ()


def _results(found: Sequence[Answer]) -> dict[str, int]:
    counted = Counter(answer.result for answer in found)
    return {result.value: counted[result] for result in Result if counted[result]}


def _by_rule(found: Sequence[Answer]) -> list[tuple[str, int]]:
    """Count the messages that each rule refuses, the rule that refuses most first."""
    counted = Counter(rule for a in found for rule in {f.rule for f in _refusals(a)})
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def _print(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
