"""A sink as those who started it see it: its address, orders, counts and journal."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config import ROOT
from tests import servers
from tests.sink import journal
from tests.sink.journal import Taken
from tests.sink.orders import Orders

HOST = "127.0.0.1"
# The same address in another spelling: for the usual one, `mailer run` opens its own inbox there.
SPELLED = "127.1"
SECONDS = 20


@dataclass
class RunningSink:
    """A sink in a process of its own."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    orders: Orders = field(default_factory=Orders)

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    @property
    def url(self) -> str:
        return f"smtp://{SPELLED}:{self.port}"

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    def order(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of Orders
        """Change the orders, and wait until the sink has read them."""
        self.orders = replace(self.orders, revision=self.orders.revision + 1, **changes)
        self.orders.write(self.folder / "orders")
        self.until(lambda: self.counts().get("revision") == self.orders.revision)

    def counts(self) -> dict[str, float]:
        """Return what was counted, at most a tenth of a second ago."""
        path = self.folder / "counts"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def taken(self) -> list[Taken]:
        return journal.read(self.journal)

    def until(self, is_so: Any) -> None:  # noqa: ANN401 - a plain question
        deadline = time.monotonic() + SECONDS
        while not is_so():
            assert self.process.poll() is None, "the sink has ended"
            assert time.monotonic() < deadline, "the sink does not answer"
            time.sleep(0.01)


@contextmanager
def running(folder: Path, *, is_plain: bool = False, port: int = 0) -> Iterator[RunningSink]:
    """Run a sink for as long as the block lasts; it dies with this process in any case."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [str(folder), "--host", HOST, "--port", str(port), *(["--plain"] if is_plain else [])]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.sink", *words],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            preexec_fn=servers.dying_with_parent(signal.SIGKILL),  # noqa: PLW1509
        )
    sink = RunningSink(folder, process)
    try:
        sink.until((folder / "counts").exists)
        yield sink
        assert process.poll() is None, (folder / "log").read_text(errors="replace")
    finally:
        process.kill()
        process.wait()
