"""The page that keeps what a bench of whole sends has measured: docs/benchmark.md and its chart."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from bench import chart
from bench.chart import Bar
from bench.targets import RATE, TITLES, Row
from config import ROOT

PAGE = ROOT / "docs/benchmark.md"
CHART = ROOT / "docs/benchmark.svg"
COMPARED = ("floor", "floor-kept", "floor-2x2", "signing")
HEAD = """\
# What a whole send costs

Measured by `{command}`, which writes this page.

Everything ran on one machine, over its loopback: what sends, PostgreSQL, Valkey and the relay
shared its cores. So the figures tell how fast Mailer hands mail to a relay, not how fast a relay
delivers it. Each message is personal: the reader's
first name, a link of her own in both parts, and her own unsubscribe link in the header and both
parts. Nothing of the guarantee is switched off: the gate judges each copy, PostgreSQL writes to
the disk what it says it wrote, and each reader has a row that tells what became of her copy.

Messages: {messages:,}. Rounds: {rounds}, and each figure is their median. In a round everybody took
part once, so that a machine that gets slower does so for all, and ratios are made within it. The
rate of Mailer is what was accepted, divided by the time from the first mark before a hand-over to
the last outcome, as its deliveries say; on the server tier the bench fails unless the relay counted
as many. CPU is user and system time of all processes from
before the start until the campaign is finished; memory counts a page that several share once.

![Messages a second, as in the table below](benchmark.svg)

| contestant | figure | measured | range | target | |
|---|---|---:|---|---:|---|
"""
MACHINE = """
## The machine

| | |
|---|---|
"""


def write(
    rows: Sequence[Row],
    machine: Iterable[tuple[str, str]],
    command: str,
    messages: int,
    rounds: int,
) -> None:
    """Renew the page and its chart."""
    text = HEAD.format(command=command, messages=messages, rounds=rounds)
    text += "".join(map(line, rows)) + MACHINE
    text += "".join(f"| {name} | {value} |\n" for name, value in machine)
    PAGE.write_text(text, encoding="utf-8")
    CHART.write_text(drawn(rows), encoding="utf-8")


def line(row: Row) -> str:
    name = TITLES[row.figure.contestant]
    verdict = ("met" if row.is_met else "**missed**") if row.target else ""
    cells = (name, row.figure.title, row.shown, row.range, row.target, verdict)
    return f"| {' | '.join(cells)} |\n"


def drawn(rows: Iterable[Row]) -> str:
    """Return a chart of the rates, one bar for each contestant."""
    rates = [row for row in rows if row.figure.form == RATE]
    bars = [
        Bar(TITLES[name], next(mine).value, is_own=name not in COMPARED)
        for name, mine in groupby(rates, lambda row: row.figure.contestant)
    ]
    return chart.drawn("Messages a second", bars)
