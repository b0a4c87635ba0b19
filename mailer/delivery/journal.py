"""The crash journal: what a sending process did last, readable after it was killed.

One small file for each portion that is held, mapped into memory: what is stored there outlives
the process, without a system call. It does not outlive a power cut, and then it says so.
"""

import fcntl
import json
import mmap
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Self

from mailer.delivery.claims import Hold

HEADER = 512
CELL = 2
# Any greater number is the relay's reply code.
NOTHING, RELEASED, COMPOSING, MARKED = 0, 1, 2, 3
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Journal:
    """A portion's cells, one for each of its people. Locked as long as its process lives."""

    def __init__(self, path: Path, descriptor: int, hold: Hold) -> None:
        self.path = path
        self.descriptor = descriptor
        self.hold = hold
        self.map = mmap.mmap(descriptor, 0)
        self.cells = memoryview(self.map)[HEADER:].cast("H")

    @classmethod
    def begun(cls, folder: Path, hold: Hold) -> Self:
        """Open a new journal; raises OSError when the disk has no room for it."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{hold.lease}-{hold.portion_id}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = HEADER + CELL * (hold.last_id - hold.first_id + 1)
            # Room is taken now: a page that cannot be written later would kill the process.
            os.posix_fallocate(descriptor, 0, size)
            os.pwrite(descriptor, json.dumps({"boot": boot(), **asdict(hold)}).encode(), 0)
        except BaseException:
            os.close(descriptor)
            path.unlink()
            raise
        return cls(path, descriptor, hold)

    def mark(self, delivery_id: int, what: int) -> None:
        self.cells[delivery_id - self.hold.first_id] = what

    def told(self, what: int) -> list[int]:
        """Return the deliveries whose cell says this."""
        return [self.hold.first_id + at for at, cell in enumerate(self.cells) if cell == what]

    def answers(self) -> Iterator[tuple[int, int]]:
        """Return delivery and reply code of each copy that the relay has answered."""
        for at, cell in enumerate(self.cells):
            if cell > MARKED:
                yield self.hold.first_id + at, cell

    @property
    def is_of_this_boot(self) -> bool:
        """Tell whether all that was stored can still be read: memory does not outlive power."""
        began = json.loads(self.map[:HEADER].rstrip(b"\0"))["boot"]
        return bool(began) and began == boot()

    def end(self) -> None:
        """Delete the journal, once the database knows all that it tells."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        self.abandon()

    def abandon(self) -> None:
        """Leave the journal for whoever recovers it."""
        self.cells.release()
        self.map.close()
        os.close(self.descriptor)


def boot() -> str:
    """Return what changes with each start of the machine; empty where nothing tells."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def abandoned(folder: Path) -> Iterator[Journal]:
    """Return the journals whose processes are dead, each locked by us until it is ended.

    One that was killed before its header was whole had sent nothing: it is deleted.
    """
    for path in sorted(folder.glob("*-*")):
        with suppress(FileNotFoundError, BlockingIOError):
            descriptor = locked(path)
            try:
                told = json.loads(os.pread(descriptor, HEADER, 0).rstrip(b"\0"))
            except ValueError:
                path.unlink()
                os.close(descriptor)
                continue
            del told["boot"]
            yield Journal(path, descriptor, Hold(**told))


def locked(path: Path) -> int:
    """Open a journal that nobody holds any more and return its descriptor.

    Raises BlockingIOError while its process lives, FileNotFoundError when it is gone, perhaps
    because another process has just recovered it.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.fstat(descriptor).st_nlink:
            raise FileNotFoundError
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
