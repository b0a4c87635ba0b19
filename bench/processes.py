"""What processes have used: the CPU of a tree of them, and the memory that they hold together."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

TICK = os.sysconf("SC_CLK_TCK")
EVERY = 0.25  # s between two looks at the memory
# Of /proc/PID/stat, counted after the name: parent, then CPU of its own and of ended children.
PARENT, CPU = 1, slice(11, 15)
KB = 1024


def stat(pid: int) -> list[str]:
    """Return the fields after the name, which may itself hold spaces; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def tree(root: int) -> list[int]:
    """Return a process and all below it."""
    children: dict[int, list[int]] = {}
    for pid in (int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal()):
        if fields := stat(pid):
            children.setdefault(int(fields[PARENT]), []).append(pid)
    found = [root]
    for pid in found:  # which grows on the way
        found += children.get(pid, ())
    return found


def cpu(root: int) -> float:
    """Return the seconds of CPU of a process and all below it, those that have ended too."""
    return sum(int(ticks) for pid in tree(root) for ticks in stat(pid)[CPU]) / TICK


def memory(root: int) -> float:
    """Return the megabytes of a tree of processes; a page that several share counts once."""
    return sum(map(proportional, tree(root))) * KB / 1e6


def proportional(pid: int) -> int:
    """Return one process's part of the memory in KB, 0 when it is gone."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return 0


@dataclass
class Peak:
    """The most memory seen, in megabytes."""

    most: float = 0.0


@contextmanager
def watched(root: int) -> Iterator[Peak]:
    """Look at the memory of a tree of processes again and again while the block lasts."""
    peak, over = Peak(), Event()

    def look() -> None:
        while not over.wait(EVERY):
            peak.most = max(peak.most, memory(root))

    peak.most = memory(root)
    thread = Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()
