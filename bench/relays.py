"""The relays of the benches: ours that only reads and answers, and Postfix's test programs."""

import json
import os
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
# As many as a bench sends: a client that opens connections anew measures the opening.
KEPT = 10_000_000


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


def poured(pairs: int, messages: int) -> float:
    """Let Postfix's source fill Postfix's sink, in so many pairs; return messages a second."""
    with ExitStack() as stack:
        ports = [stack.enter_context(smtp_sink()).port for _ in range(pairs)]
        began = time.monotonic()
        sources = [subprocess.Popen(source(port, messages // pairs)) for port in ports]  # noqa: S603
        codes = [one.wait() for one in sources]
        assert not any(codes), f"smtp-source ended with {codes}"  # noqa: S101 - else no figure
        return messages // pairs * pairs / (time.monotonic() - began)


def source(port: int, messages: int) -> list[str]:
    often = ["-s", str(SESSIONS), "-l", str(LENGTH), "-m", str(messages), "-d"]
    envelope = ["-f", "letters@sender.example", "-t", "reader@reader.example"]
    return [postfix.demanded("smtp-source"), *often, *envelope, f"{HOST}:{port}"]
