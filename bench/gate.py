"""What the full check of one skeleton costs: `python -m bench.gate`.

Processor time, so that neighbours on the machine count for little. The yardstick, measured beside
each message, is what it costs only to parse it.
"""

import gc
import sys
from time import thread_time

from bench import designs, table, yardstick
from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from tests.corpus import wrapping

SKELETONS = 200
WARM_UP = 10
MOST = 15.0  # ms, at the 95th percentile


def main() -> int:
    """Print the table; the answer is 1 when the target is missed."""
    candidates = [wrapping.candidate(designs.campaign(n)) for n in range(WARM_UP + SKELETONS)]
    gc.collect()
    gc.freeze()  # the bench's own messages are not what the collector should walk through
    times = [(parsing(one), judging(one)) for one in candidates][WARM_UP:]
    print(f"Full check of {SKELETONS} skeletons, {mean_size(candidates) / 1000:.0f} KB on the wire")
    for place, design in enumerate(designs.DESIGNS):
        own = times[place :: len(designs.DESIGNS)]
        show(design.__name__, [judged for _, judged in own])
    judged = [judged for _, judged in times]
    is_met = table.quantile(judged, 0.95) <= MOST
    show("all", judged, table.verdict(f"p95 <= {MOST:.0f} ms", is_met=is_met))
    show("yardstick: only parsing", [parsed for parsed, _ in times])
    ratio = table.quantile([judged / parsed for parsed, judged in times], 0.5)
    table.line("full check / yardstick", f"{ratio:.1f} times")
    return 0 if is_met else 1


def mean_size(candidates: list[Candidate]) -> float:
    return sum(len(one.raw) for one in candidates) / len(candidates)


def judging(candidate: Candidate) -> float:
    """Return the milliseconds of a full check, which must find the message lawful."""
    start = thread_time()
    verdict = gate.judge(candidate)
    spent = thread_time() - start
    if not verdict.is_lawful:
        sys.exit(f"A campaign of the bench is refused: {verdict.refusals[0]}")
    return spent * 1000


def parsing(candidate: Candidate) -> float:
    start = thread_time()
    yardstick.parse(candidate.raw)
    return (thread_time() - start) * 1000


def show(name: str, times: list[float], note: str = "") -> None:
    p50, p95 = table.quantile(times, 0.5), table.quantile(times, 0.95)
    table.line(name, f"p50 {p50:6.2f}  p95 {p95:6.2f} ms", note)


if __name__ == "__main__":
    sys.exit(main())
