"""Readers' pages under load: `python -m bench.public`.

Two processes of granian before a PostgreSQL that keeps its promises, and one client on the same
machine, over the loopback: the page behind an unsubscribe link, one-click opt-outs, each by
another reader, and sign-ups, each by another address. Beside them a bare application in the same
run, which does nothing: no page can be faster. Nothing of it is left behind.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import click
import psycopg
from sqlalchemy import make_url

from bench import client, installation, table
from bench.client import Seen
from bench.installation import Ground
from config import ROOT, Config
from mailer import clock
from mailer.audience.joining import tickets
from mailer.cli.demo import free_ports
from mailer.links import Site
from mailer.tokens import Keys
from tests import servers
from tests.databases import libpq

# As docs/scaling.md advises: readers who leave at the same moment do so in one transaction.
PROCESSES, THREADS = 2, 16
CONNECTIONS = 32
WARM = 200
COUNTED = {
    "opt-outs": "SELECT count(*) FROM suppressions",
    "sign-ups": "SELECT count(*) FROM sign_ups",
}


@dataclass(frozen=True)
class Target:
    """What a way must reach: requests a second, and perhaps its p99 in seconds."""

    rate: int
    p99: float | None = None


TARGETS = {
    "unsubscribe page": Target(2_500),
    "one-click opt-out": Target(2_000, 0.05),
    "sign-up": Target(500),
}


@click.command()
@click.option("--requests", type=click.IntRange(min=500), default=10_000, show_default=True)
@click.option("--connections", default=CONNECTIONS, show_default=True)
def main(requests: int, connections: int) -> None:
    """Print the table; the exit code is 1 when a target is missed."""
    with installation.ground() as ground, tempfile.TemporaryDirectory() as folder:
        url = ground.database(requests + WARM)
        try:
            is_met = measured(ground, Path(folder), url, requests, connections)
        finally:
            ground.drop(url)
    sys.exit(not is_met)


def measured(ground: Ground, folder: Path, url: str, count: int, connections: int) -> bool:
    given = ground.environment(folder, url, "smtp://127.0.0.2:9", 1)
    given |= {"MAILER_RATE_LIMITS": "off", "MAILER_CONFIRMATIONS_PER_HOUR": "100000000"}
    config = Config.from_environ(given)
    site = Site(config.public_url, Keys(config.secret_keys, config.suppression_key))
    with psycopg.connect(libpq(make_url(url)), autocommit=True) as database, ExitStack() as stack:
        row = database.execute("SELECT public_id FROM lists").fetchone()
        assert row is not None  # noqa: S101 - the bench has made one
        bare = stack.enter_context(served("bench.bare:app", given, folder / "bare"))
        floor = client.asked(bare, pages(site, count * 2), connections)
        print(f"{count:,} requests each over {connections} connections, {PROCESSES} processes")
        told("bare application", floor, floor)
        port = stack.enter_context(served("wsgi:app", given, folder / "app"))
        client.asked(port, pages(site, WARM), connections)
        ways = {
            "unsubscribe page": pages(site, count),
            "one-click opt-out": presses(site, count),
            "sign-up": sign_ups(site, str(row[0]), count),
        }
        met = [told(name, client.asked(port, ways[name], connections), floor) for name in ways]
        for what, query in COUNTED.items():
            found = database.execute(query.encode()).fetchone()
            met.append(found == (count,))
            table.line(f"{what} on the disk", f"{found[0] if found else 0:,}")
    return all(met)


@contextmanager
def served(app: str, given: dict[str, str], log: Path) -> Iterator[int]:
    """Serve an application with granian, as an installation does; yield its port."""
    (port,) = free_ports(1)
    words = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-ws"]
    words += ["--workers", str(PROCESSES), "--blocking-threads", str(THREADS), app]
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *words],
            cwd=ROOT,
            env=given,
            stdout=file,
            stderr=file,
            preexec_fn=servers.dying_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )
        try:
            await_ready(process, log)
            yield port
        finally:
            installation.end(process)


def await_ready(process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + installation.PATIENCE
    while log.read_text(errors="replace").count("Started worker-") < PROCESSES:
        if process.poll() is not None or time.monotonic() > until:
            raise installation.NotReady(log.read_text(errors="replace"))
        time.sleep(0.05)
    time.sleep(1.0)  # a worker says so before it has loaded the application


def pages(site: Site, count: int) -> Iterator[bytes]:
    """Return visits of the pages behind links, each another reader's."""
    for number in range(1, count + 1):
        yield request(site, "GET", path(site, number))


def presses(site: Site, count: int) -> Iterator[bytes]:
    """Return what mail programs send (RFC 8058), each for another reader."""
    body = b"List-Unsubscribe=One-Click"
    for number in range(1, count + 1):
        yield request(site, "POST", path(site, number), body)


def sign_ups(site: Site, public_id: str, count: int) -> Iterator[bytes]:
    """Return filled-in forms, each with another address, read for a minute."""
    ticket = tickets.issue(site.keys, clock.now() - tickets.PATIENCE)
    for number in range(count):
        form = {"email": f"guest{number}@example.org", "name": "Guest", "ticket": ticket}
        yield request(site, "POST", f"/subscribe/{public_id}", urlencode(form).encode())


def path(site: Site, number: int) -> str:
    return site.unsubscribe(1, number, number).removeprefix(site.public_url)


def request(site: Site, method: str, where: str, body: bytes = b"") -> bytes:
    head = f"{method} {where} HTTP/1.1\r\nHost: {site.host}\r\n"
    if body:
        head += "Content-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def told(name: str, seen: Seen, floor: Seen) -> bool:
    """Print one way's figures; tell whether its target is met."""
    p50, p99 = (table.quantile(seen.times, share) * 1000 for share in (0.5, 0.99))
    figures = f"{seen.rate:,.0f}/s  p50 {p50:.1f}  p99 {p99:.1f} ms"
    note = f"{seen.rate / floor.rate:.0%} of the bare one"
    target, is_met = TARGETS.get(name), not seen.faults
    if target:
        is_met &= seen.rate >= target.rate and p99 <= (target.p99 or float("inf")) * 1000
        within = f", p99 <= {target.p99 * 1000:.0f} ms" if target.p99 else ""
        note += f"; {table.verdict(f'{target.rate:,}/s{within}', is_met=is_met)}"
    table.line(name, figures, note)
    for fault in seen.faults[:1]:
        print(f"    {len(seen.faults)} answers were not as expected: {fault!r}")
    return is_met


if __name__ == "__main__":
    main()
