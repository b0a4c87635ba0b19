"""What an installation needs: `python -m bench.sizing --messages-per-day 1e6 --own-us … …`.

Plain arithmetic on costs that were measured, by default none is assumed: rate x CPU time gives
cores, rate x latency gives connections (Little's law), messages x bytes gives disks.
"""

from dataclasses import dataclass
from math import ceil

import click

SESSIONS = 15  # that a process may open at most: SQLAlchemy's pool


@dataclass(frozen=True)
class Costs:
    """What one message costs. CPU in µs, the relay's answer in ms, storage in bytes."""

    own_us: float
    database_us: float
    latency_ms: float
    row_bytes: float
    wal_bytes: float


@dataclass(frozen=True)
class Plan:
    """How the work is spread: over which hours, how full a core may be, on what machines."""

    hours: float
    share: float
    connections: int
    cores: int
    days: int


@dataclass(frozen=True)
class Needs:
    """What follows. ``rate`` is in messages a second, the volumes in GB."""

    rate: float
    processes: int
    lines: int
    sender_machines: int
    database_cores: float
    database_machines: int
    sessions: int
    ledger_a_day: float
    ledger_kept: float
    log_a_day: float


def needs(messages: float, costs: Costs, plan: Plan) -> Needs:
    """Return what so many messages a day need."""
    rate = messages / (plan.hours * 3600)
    lines = ceil(rate * costs.latency_ms / 1000)
    by_cpu = ceil(rate * costs.own_us / 1e6 / plan.share)
    processes = max(1, by_cpu, ceil(lines / plan.connections))
    database_cores = rate * costs.database_us / 1e6 / plan.share
    ledger = messages * costs.row_bytes / 1e9
    return Needs(
        rate=rate,
        processes=processes,
        lines=max(lines, processes),
        # A process takes one core at most, and less where it waits for relays.
        sender_machines=ceil(max(1, by_cpu) / plan.cores),
        database_cores=database_cores,
        database_machines=ceil(database_cores / plan.cores),
        sessions=processes * SESSIONS,
        ledger_a_day=ledger,
        ledger_kept=ledger * plan.days,
        log_a_day=messages * costs.wal_bytes / 1e9,
    )


@click.command()
@click.option("--messages-per-day", "messages", type=float, multiple=True, required=True)
@click.option("--own-us", type=float, required=True, help="Our CPU time per message (µs).")
@click.option("--database-us", type=float, required=True, help="PostgreSQL's (µs).")
@click.option("--latency-ms", type=float, required=True, help="From a dot to its answer (ms).")
@click.option("--row-bytes", type=float, required=True, help="A ledger row with its indexes.")
@click.option("--wal-bytes", type=float, required=True, help="Write-ahead log per message.")
@click.option("--hours", default=24.0, help="The hours of a day in which all is sent.")
@click.option("--share", default=0.5, help="How full a core may be on average.")
@click.option("--connections", default=32, help="MAILER_CONNECTIONS of each process.")
@click.option("--cores", default=8, help="Of one machine.")
@click.option("--days", default=30, help="How long the ledger is kept.")
def main(messages: tuple[float, ...], hours: float, share: float, **given: float) -> None:
    """Print what each number of messages a day needs, one column for each."""
    costs = Costs(**{name: given[name] for name in Costs.__dataclass_fields__})
    plan = Plan(hours, share, *(int(given[name]) for name in ("connections", "cores", "days")))
    found = [needs(one, costs, plan) for one in messages]
    row("messages a day", [f"{one:,.0f}" for one in messages])
    row("messages a second", [f"{one.rate:,.0f}" for one in found])
    row("sending processes", [f"{one.processes:,}" for one in found])
    row("lines to relays, busy on average", [f"{one.lines:,}" for one in found])
    row(f"machines of {plan.cores} cores for them", [f"{one.sender_machines}" for one in found])
    row("cores of PostgreSQL", [f"{one.database_cores:.1f}" for one in found])
    row(f"machines of {plan.cores} cores for it", [f"{one.database_machines}" for one in found])
    row("database sessions, at most", [f"{one.sessions:,}" for one in found])
    row("ledger, GB a day", [f"{one.ledger_a_day:,.1f}" for one in found])
    row(f"ledger, GB in {plan.days} days", [f"{one.ledger_kept:,.0f}" for one in found])
    row("write-ahead log, GB a day", [f"{one.log_a_day:,.1f}" for one in found])


def row(name: str, figures: list[str]) -> None:
    print(f"  {name:<34}" + "".join(f"{figure:>15}" for figure in figures))


if __name__ == "__main__":
    main()
