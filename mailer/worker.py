"""A process that sends: how it is fitted for that, keeps the time, and ends without haste."""

import gc
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType

import dramatiq
from flask import Flask

from mailer import clockwork

# Who writes to the database holds its locks, and must not wait for the lines at every step (s).
SWITCH = 0.0005
# Copies come and go by the thousand and leave no circles: to look for some after each 700 of them
# costs a tenth of the CPU of sending.
GARBAGE = 50_000

Handler = Callable[[int, FrameType | None], object]


class Clockwork(dramatiq.Middleware):
    """Ticks in every worker process, so that no further process is needed to keep the time."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.running = ExitStack()

    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        del broker
        hear_sigterm_once()
        make_room()
        self.running.enter_context(clockwork.ticking(self.app))

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """End the turns: a copy on its way gets its answer, no other leaves."""
        del broker, worker
        self.app.extensions["turns"].stopping.set()

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Stop the clock last: a tick that is trying an opt-out must not keep the turns waiting."""
        del broker, worker
        self.running.close()


def hear_sigterm_once() -> None:
    """Let the second SIGTERM and all later ones pass.

    A service manager sends it to each process, dramatiq's master passes its own on, and at the
    second dramatiq ends a worker at once, whatever is on its way.
    """
    first = signal.getsignal(signal.SIGTERM)
    if not callable(first):
        return

    def hear(number: int, frame: FrameType | None, first: Handler = first) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        first(number, frame)

    signal.signal(signal.SIGTERM, hear)


def make_room() -> None:
    """Fit this process to sending; what it has loaded by now it keeps."""
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    # A look that comes late is made up for by the next.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
