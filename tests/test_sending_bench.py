"""The bench of whole sends: it runs to its end, says what it measured, and leaves nothing."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench import chart, page, processes, targets
from bench.chart import Bar
from bench.targets import FIGURES, Figure, Round, Row
from config import ROOT

BUSY, MEGABYTES = 0.5, 80
ROUNDS: list[Round] = [
    {"floor": {"rate": 1000.0}, "postfix": {"rate": 1300.0}},
    {"floor": {"rate": 500.0}, "postfix": {"rate": 500.0}},
    {"floor": {"rate": 800.0}, "postfix": {"rate": 1200.0}},
]


def test_the_bench_runs_to_its_end_and_tells_rates_and_verdicts() -> None:
    only = [word for name in ("floor", "reading") for word in ("--only", name)]
    words = ["--quick", "--messages", "500", *only]
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bench.sending", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode in {0, 1}, ran.stderr
    assert "accepted 500" in ran.stderr
    titles = ["smtp-source → smtp-sink", "Mailer → a sink that only reads"]
    found = re.findall(r"^(\S.*)\n  rate +[\d,]+/s", ran.stdout, re.MULTILINE)
    assert found == titles
    missed = "MISSED" in ran.stdout
    assert (ran.returncode == 1) == missed
    assert "Traceback" not in ran.stderr


def test_a_ratio_is_made_within_each_round() -> None:
    ratio = Figure("postfix", "rate", "ratio", "{:.2f}", least=1.2, over=("floor", "rate"))
    assert ratio.values(ROUNDS) == [1.3, 1.0, 1.5]


def test_the_median_counts_and_the_range_is_told() -> None:
    rows = {row.figure.title: row for row in targets.rows(ROUNDS)}
    ratio = rows["rate over smtp-source's"]
    assert (ratio.value, ratio.low, ratio.high, ratio.is_met) == (1.3, 1.0, 1.5, True)


def test_who_did_not_take_part_has_no_row() -> None:
    assert {row.figure.contestant for row in targets.rows(ROUNDS)} == {"floor", "postfix"}


@pytest.mark.parametrize(("value", "is_met"), [(14.9, True), (15.0, True), (15.1, False)])
def test_a_figure_above_its_most_is_missed(value: float, is_met: bool) -> None:  # noqa: FBT001
    row = Row(Figure("reading", "database", "CPU", "{:.1f} µs", most=15), value, value, value)
    assert (row.is_met, row.target) == (is_met, "≤ 15.0 µs")


def test_every_figure_belongs_to_a_contestant() -> None:
    assert {figure.contestant for figure in FIGURES} == set(targets.TITLES)


def test_the_page_and_its_chart_hold_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmark.md")
    monkeypatch.setattr(page, "CHART", tmp_path / "benchmark.svg")
    page.write(targets.rows(ROUNDS), [("Python", "3")], "python -m bench.sending", 1000, 3)
    text, drawing = page.PAGE.read_text(), page.CHART.read_text()
    assert (
        "| Mailer → smtp-sink | rate over smtp-source's | 1.30 times | 1.00 times to 1.50 times |"
        " ≥ 1.20 times | met |"
    ) in text
    assert "| Python | 3 |" in text
    assert drawing.count("<rect") == 2
    assert ">1,200</text>" in drawing


def test_a_title_cannot_break_the_chart() -> None:
    assert "a &lt;b&gt; &amp; c" in chart.drawn("Rates", [Bar("a <b> & c", 1.0, is_own=True)])


def test_what_a_child_has_used_counts_and_its_memory_too() -> None:
    busy = "x = bytearray(b'x') * 80_000_000\nwhile True: pass"
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    with subprocess.Popen([sys.executable, "-c", parent, busy]) as root:  # noqa: S603 - our own
        try:
            while processes.cpu(root.pid) < BUSY or processes.memory(root.pid) < MEGABYTES:
                assert root.poll() is None
            assert len(processes.tree(root.pid)) == 2
        finally:
            for pid in reversed(processes.tree(root.pid)):
                os.kill(pid, signal.SIGTERM)
