"""``mailer work`` sends and keeps the time; ``mailer run`` keeps such a process beside itself.

The pipe between the two is doorbell and leash: the pages ring through it, and when it ends the
worker knows that it is alone, however that came about.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import FileIO
from threading import Event, Lock, Thread

import click

from config import Config
from mailer import broker, clockwork, worker
from mailer.broker import EmbeddedBroker
from mailer.cli.within import application

# Between the death of a worker and the start of the next (s).
PAUSE = 1.0
# Where the cores are few, people who look at pages come before mail that leaves all day.
NICENESS = 10
CTRL_C = frozenset({signal.SIGINT})
FAREWELLS = CTRL_C | {signal.SIGTERM}


@click.command()
@click.option(
    "--leash", is_flag=True, help="Be rung through standard input, and end when that ends."
)
@click.pass_context
def work(ctx: click.Context, *, leash: bool) -> None:
    """Send the mail and keep the time, without the pages.

    Ends on SIGTERM or Ctrl-C, once every message on its way has its answer.
    """
    # Before any thread begins: none of them shall be interrupted, and this one waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, FAREWELLS)
    app = application(ctx)
    config: Config = app.extensions["config"]
    if leash:
        os.nice(NICENESS)
        Thread(target=heed, args=[app.extensions["broker"]], daemon=True).start()
    worker.make_room()
    with clockwork.ticking(app), broker.working(app.extensions["broker"], config.connections):
        # Ctrl-C reaches all processes of a terminal; on a leash, the one that holds it decides.
        signal.sigwait(FAREWELLS - CTRL_C if leash else FAREWELLS)


def heed(bell: EmbeddedBroker) -> None:
    """Be rung through standard input; its end is the end of this process."""
    try:
        broker.hear(bell, sys.stdin.buffer)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def beside(bell: EmbeddedBroker) -> Iterator["Worker"]:
    """Keep a worker process for as long as the block lasts, rung by this process's ``bell``.

    At the end it is asked to end, and waited for: what is on its way gets its answer.
    """
    ear, mouth = os.pipe()
    with ExitStack() as parts:
        parts.callback(os.close, ear)
        # One pipe for all workers that may follow each other: what was rung between them is heard.
        os.set_blocking(mouth, False)
        bell.wire = parts.enter_context(FileIO(mouth, "w"))
        worker = Worker(ear)
        parts.callback(worker.end)
        yield worker


class Worker:
    """The process beside this one. Another takes its place when it dies."""

    def __init__(self, ear: int) -> None:
        self.ear = ear
        self.lock = Lock()
        self.is_over = Event()
        self.process = self.begun()
        self.keeper = Thread(target=self.keep, name="worker's keeper", daemon=True)
        self.keeper.start()

    def begun(self) -> "subprocess.Popen[bytes]":
        # It finds the very program that runs here, wherever this one was started from.
        same = "PYTHONPATH=" + os.pathsep.join(sys.path)
        # What is blocked here is blocked there from its first instant.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, CTRL_C)
        try:
            return subprocess.Popen(  # noqa: S603 - our own program
                ["env", same, sys.executable, "-P", "-m", "mailer.cli.main", "work", "--leash"],  # noqa: S607
                stdin=self.ear,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def keep(self) -> None:
        while True:
            code = self.process.wait()
            if self.is_over.is_set():
                return
            click.echo(f"The worker process has ended ({code}); another follows.", err=True)
            self.is_over.wait(PAUSE)
            with self.lock:
                if self.is_over.is_set():
                    return
                self.process = self.begun()

    def end(self) -> None:
        with self.lock:
            self.is_over.set()
            self.process.terminate()
        self.keeper.join()
