"""Command ``mailer promises``: what the privacy policy promises, and the proof of each promise."""

import json
import textwrap

import click
from flask import Flask

from mailer import desk
from mailer.cli.steering import NO
from mailer.cli.within import with_app
from mailer.privacy.promises import catalogue
from mailer.privacy.promises.proof import Row, State

WIDTH = 96
INDENT = " " * 6


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for programs.")
@with_app
def promises(app: Flask, as_json: bool) -> None:  # noqa: FBT001 - a flag
    """Print each promise: kept, broken or not set up, with the evidence of this moment.

    Exit code 1 when one is broken. With --json: {"at": ISO 8601, "promises": [{"id", "says",
    "control", "state", "evidence", "proven_at", "remedy", "tests"}, …]}.
    """
    del app
    ground = desk.ground()
    found = catalogue.rows(ground)
    if as_json:
        table = {"at": ground.now.isoformat(), "promises": [one.as_dict() for one in found]}
        click.echo(json.dumps(table, indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(line for one in found for line in lines(one)))
        click.echo(", ".join(f"{number(found, state)} {state}" for state in State))
    if number(found, State.broken):
        raise SystemExit(NO)


def number(found: list[Row], state: State) -> int:
    return sum(one.proof.state is state for one in found)


def lines(row: Row) -> list[str]:
    """Return a promise as text: its head, the evidence, the remedy, and how many tests back it."""
    promise, proof = row.promise, row.proof
    proven = f" (proven {proof.at:%Y-%m-%d %H:%M} UTC)" if proof.at else ""
    told = [
        f"{promise.id:<4}  {proof.state.upper():<10}  {promise.says}",
        *wrapped(f"{proof.evidence}{proven}"),
        *(wrapped(f"To do: {proof.remedy}") if proof.remedy else ()),
        *(f"{INDENT}Test: {one}" for one in row.tests),
    ]
    return [*told, ""]


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
