"""F-13: the disk is full. No file of the process may grow, as on a full disk, until it may."""

import resource
import time
from pathlib import Path

import pytest

from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(400, 20_000)
ROOM = 4096  # bytes: the log of the database is longer, and writes in it fail
STILL = 1.0  # seconds without a message


def limit(pid: int, size: int) -> None:
    """Let no file of a process and its children be written beyond a size."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (pid, *map(int, children)):
        resource.prlimit(one, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def stands_still(scene: Scene) -> bool:
    before = scene.read()
    time.sleep(STILL)
    return scene.read() == before


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["embedded"], indirect=True)
def test_a_full_disk_stops_the_mail_and_loses_nobody(scene: Scene, figures: Figures) -> None:
    """F-13; Postal #1028, #1236: the queue was lost with the space on the disk.

    Without root there is no small disk to fill; a limit on the size of files makes the same
    writes fail, and can be lifted from a process that runs.
    """
    scene.sink.order(delay=0.02)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    (member,) = scene.hire()
    scene.more(READERS // 10)
    assert member.process is not None
    limit(member.process.pid, ROOM)
    scene.until(lambda: stands_still(scene), 20, "mail went on without a ledger")
    held_at = scene.read()
    assert held_at < READERS, "everything was sent before the disk was full: make it slower"
    assert member.is_alive
    limit(member.process.pid, resource.RLIM_INFINITY)
    seconds = scene.finish()
    books = scene.judge(Allowed(kills=1, connections=scene.connections))
    figures(held_at=held_at, unknown=books.states()["unknown"], seconds_to_the_end=seconds)
