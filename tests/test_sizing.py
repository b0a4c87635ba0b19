"""The arithmetic of sizes: what follows from measured costs."""

import pytest

from bench.sizing import Costs, Plan, needs

COSTS = Costs(own_us=100, database_us=50, latency_ms=100, row_bytes=500, wal_bytes=1000)
PLAN = Plan(hours=10, share=0.5, connections=32, cores=8, days=30)


def test_a_thousand_a_second_need_what_rate_times_cost_says() -> None:
    found = needs(36_000_000, COSTS, PLAN)
    assert found.rate == pytest.approx(1000)
    assert found.lines == 100
    assert found.processes == 4  # for the lines; a fifth of a core would do for the work
    assert found.database_cores == pytest.approx(0.1)
    assert (found.ledger_a_day, found.ledger_kept) == pytest.approx((18, 540))
    assert found.log_a_day == pytest.approx(36)


def test_who_sends_one_letter_needs_one_process_and_one_line() -> None:
    found = needs(1, COSTS, PLAN)
    assert (found.processes, found.lines, found.sender_machines) == (1, 1, 1)
