"""The worker process beside ``mailer run``: followed when it is killed, and never left alone."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import ROOT
from mailer.cli import demo
from mailer.cli.demo import Walk

SECONDS = 60.0


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    """The owner and a reader of a running installation, made up for development."""
    with demo.running(tmp_path, PYTHONPATH=str(ROOT)) as (site, link):
        walk = Walk(site, tmp_path / "inbox")
        walk.enter(link)
        until(lambda: len(workers()) == 1)
        yield walk


def workers() -> dict[int, int]:
    """Return the worker processes of all installations that this one has started: id, parent."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    ours = {pid for pid, parent, *_ in rows if parent == str(os.getpid())}
    return {
        int(pid): int(parent)
        for pid, parent, *words in rows
        if parent in ours and "work --leash" in words[0]
    }


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_worker_is_followed_by_another_which_hears_what_is_rung(walk: Walk) -> None:
    (first,) = workers()
    os.kill(first, signal.SIGKILL)
    walk.sign_up()
    assert "confirm" in walk.letter("confirm")
    assert first not in workers()


def test_a_worker_whose_pages_were_killed_ends(walk: Walk) -> None:
    ((first, pages),) = workers().items()
    os.kill(pages, signal.SIGKILL)
    until(lambda: not lives(first))
    assert walk.site


def test_ctrl_c_is_not_for_the_worker_but_its_end_is_the_end_of_all(walk: Walk) -> None:
    ((first, pages),) = workers().items()
    os.kill(first, signal.SIGINT)
    time.sleep(0.5)
    assert list(workers()) == [first]
    os.kill(pages, signal.SIGINT)
    until(lambda: not lives(first))
    assert walk.site
