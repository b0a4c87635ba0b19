"""The sink's memory: each message is on the disk before the relay says that it took it."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

MISSING = "-"


@dataclass(frozen=True)
class Taken:
    """One message that a relay took: Message-ID, envelope, and when its last byte was read.

    ``at`` is in seconds since 1970, by this machine's clock.
    """

    message_id: str
    sender: str
    recipient: str
    at: float


class Journal:
    """Appends lines and calls back when they are on the disk: one fsync for all who wait."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.loop = loop
        self.waiting: list[tuple[str, Callable[[], None]]] = []
        self.is_writing = False

    def add(self, one: Taken, done: Callable[[], None]) -> None:
        """Call ``done`` once the message cannot be forgotten any more."""
        line = f"{one.at:.6f}\t{one.message_id}\t{one.sender}\t{one.recipient}\n"
        self.waiting.append((line, done))
        if not self.is_writing:
            self.is_writing = True
            self.loop.call_soon(self.begin)

    def begin(self) -> None:
        batch, self.waiting = self.waiting, []
        text = "".join(line for line, _ in batch)
        writing = self.loop.run_in_executor(None, self.write, text)
        writing.add_done_callback(lambda done: self.end(batch, done))

    def write(self, text: str) -> None:
        os.write(self.file, text.encode())
        os.fsync(self.file)

    def end(
        self, batch: Iterable[tuple[str, Callable[[], None]]], done: "asyncio.Future[None]"
    ) -> None:
        done.result()  # a journal that cannot be written must not stay unnoticed
        for _, call in batch:
            call()
        if self.waiting:
            self.begin()
        else:
            self.is_writing = False


def read(path: Path) -> list[Taken]:
    """Return what a journal holds, in the order in which it was written."""
    if not path.exists():
        return []
    lines = path.read_text().splitlines()
    parts = [line.split("\t") for line in lines]
    return [Taken(name, sender, to, float(at)) for at, name, sender, to in parts]


def now() -> float:
    return time.time()
