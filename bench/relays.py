"""The relays of the benches: ours that only reads and answers, and Postfix's test programs."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from bench.sink import HOST
from tests import postfix
from tests.servers import dying_with_parent, free_port

SESSIONS, LENGTH = 8, 20_480
# More than any bench sends: smtp-source keeps its connections, too.
KEPT = 10_000_000


class NotPoured(Exception):  # noqa: N818 - errors are named for the situation
    """Postfix's programs did not do what they were asked to; there is no figure."""


@dataclass(frozen=True)
class Relay:
    """A relay that listens; ``counts`` is what it prints its counters to."""

    process: "subprocess.Popen[bytes]"
    port: int
    counts: IO[bytes]

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}?messages={KEPT}"

    def said(self) -> str:
        """End it; return what it has printed."""
        self.process.terminate()
        self.process.wait()
        self.counts.seek(0)
        return self.counts.read().decode()


@contextmanager
def reading(delay: float = 0.0) -> Iterator[Relay]:
    """Run the sink that only reads and answers; it answers each message ``delay`` seconds late."""
    port = free_port()
    words = [sys.executable, "-m", "bench.sink", str(port), "--delay", str(delay)]
    with listening(words, port) as relay:
        yield relay


@contextmanager
def smtp_sink() -> Iterator[Relay]:
    """Run Postfix's sink with its counters, in the way that the floor is measured."""
    port = free_port()
    # As root it insists on another account.
    account = ["-u", "nobody"] if os.geteuid() == 0 else []
    words = [postfix.demanded("smtp-sink"), *account, "-c", f"inet:{HOST}:{port}", "1000"]
    with listening(words, port) as relay:
        yield relay


@contextmanager
def listening(command: list[str], port: int) -> Iterator[Relay]:
    with (
        TemporaryFile() as counts,
        subprocess.Popen(  # noqa: S603 - our own programs
            command,
            stdout=counts,
            stderr=subprocess.DEVNULL,
            preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509
        ) as process,
    ):
        try:
            postfix.await_port(port, HOST)
            yield Relay(process, port, counts)
        finally:
            process.terminate()


def counted(relay: Relay) -> dict[str, int]:
    """End the reading sink; return its messages and bytes."""
    found: dict[str, int] = json.loads(relay.said())
    return found


def poured(pairs: int, messages: int, *, is_kept: bool) -> tuple[float, float]:
    """Let Postfix's source fill Postfix's sink, in so many pairs.

    It makes a connection for each message, unless they are kept. Returns messages a second, and
    the CPU of both for one message in microseconds.
    """
    each = messages // pairs
    before = ended()
    with ExitStack() as stack:
        relays = [stack.enter_context(smtp_sink()) for _ in range(pairs)]
        began = time.monotonic()
        sources = [
            subprocess.Popen(source(one.port, each, is_kept=is_kept), stdout=subprocess.DEVNULL)  # noqa: S603
            for one in relays
        ]
        codes = [one.wait() for one in sources]
        took = time.monotonic() - began
        said = [one.said() for one in relays]
    if any(codes):
        raise NotPoured(f"smtp-source ended with {codes}.")
    for text in said:
        demand_count(text, each)
    return pairs * each / took, (ended() - before) / (pairs * each) * 1e6


def demand_count(said: str, messages: int) -> None:
    """Raise NotPoured unless so many messages is the last that smtp-sink counted."""
    if not said.rstrip().endswith(f"mesg={messages}"):
        raise NotPoured(f"smtp-sink counted {said[-40:]!r} instead of {messages}.")


def ended() -> float:
    """Return the seconds of CPU that all ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def source(port: int, messages: int, *, is_kept: bool) -> list[str]:
    often = ["-s", str(SESSIONS), "-l", str(LENGTH), "-m", str(messages), "-c"]
    often += ["-d"] if is_kept else []
    envelope = ["-f", "letters@sender.example", "-t", "reader@reader.example"]
    return [postfix.demanded("smtp-source"), *often, *envelope, f"{HOST}:{port}"]
