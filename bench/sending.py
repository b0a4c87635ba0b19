"""Whole sends, from a started campaign to the last outcome: `python -m bench.sending`.

The server tier as it is installed (`dramatiq wsgi:broker`, PostgreSQL that keeps its promises,
Valkey), the embedded tier beside it, and Postfix's own test programs as the yardstick. Each round
runs every contestant once; the figures are medians over the rounds. All of it happens on the
loopback, and nothing of it is left behind.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack

import click

from bench import machine, page, table, targets
from bench.contestants import CONTESTANTS, LARGE, Contestant, Stage
from bench.targets import Round, Row

MESSAGES, ROUNDS = 100_000, 3
QUICK = 10_000
NAMES = [one.name for one in (*CONTESTANTS, LARGE)]


@click.command()
@click.option("--messages", type=click.IntRange(min=500), default=MESSAGES, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=ROUNDS, show_default=True)
@click.option("--quick", is_flag=True, help=f"At most {QUICK:,} messages, one round.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Only these contestants.")
@click.option("--million", is_flag=True, help="Once more with a million readers.")
@click.option("--write", is_flag=True, help="Renew docs/benchmark.md and its chart.")
def main(
    *, messages: int, rounds: int, quick: bool, only: tuple[str, ...], million: bool, write: bool
) -> None:
    """Print the table; the exit code is 1 when a target is missed."""
    if quick:
        messages, rounds = min(messages, QUICK), 1
    load = f"{os.getloadavg()[0]:.1f}"
    taking_part = [one for one in CONTESTANTS if not only or one.name in only]
    with ExitStack() as stack:
        stage = Stage(messages, stack)
        found = [held(stage, taking_part, f"{place + 1}/{rounds}") for place in range(rounds)]
        if million or LARGE.name in only:
            found.append(held(stage, [LARGE], "once"))
        rows = targets.rows(found)
        told(rows, messages, rounds)
        if write:
            command = f"python -m bench.sending {' '.join(sys.argv[1:])}"
            about = [*machine.described(stage.ground.postgresql.url), ("Load average before", load)]
            page.write(rows, about, command, messages, rounds)
    sys.exit(not all(row.is_met for row in rows))


def held(stage: Stage, taking_part: Sequence[Contestant], round_name: str) -> Round:
    """Let everybody run once; return what each found."""
    found = {}
    for one in taking_part:
        found[one.name] = figures = one.run(stage)
        seen = ", ".join(f"{name} {value:,.4g}" for name, value in figures.items())
        click.echo(f"{round_name} {one.name}: {seen}", err=True)
    return found


def told(rows: Sequence[Row], messages: int, rounds: int) -> None:
    print(f"{messages:,} messages on {machine.cores()} cores, medians of {rounds} rounds")
    named = ""
    for row in rows:
        if row.figure.contestant != named:
            named = row.figure.contestant
            print(targets.TITLES[named])
        note = "; ".join(filter(None, (row.verdict, row.range)))
        table.line(row.figure.title, row.shown, note)


if __name__ == "__main__":
    main()
