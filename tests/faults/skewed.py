"""Runs a module with a wrong clock: `python -m tests.faults.skewed +120 dramatiq wsgi:broker`.

The house reads the time of day at one place, mailer.clock, and dramatiq from ``time.time``; both
are set wrong before the module begins. What must not jump, ``time.monotonic``, does not.
"""

import runpy
import sys
import time
from datetime import timedelta

from mailer import clock


def main() -> None:
    seconds, module, *words = sys.argv[1:]
    set_wrong(float(seconds))
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def set_wrong(seconds: float) -> None:
    right_time, right_now = time.time, clock.now
    time.time = lambda: right_time() + seconds
    clock.now = lambda: right_now() + timedelta(seconds=seconds)


if __name__ == "__main__":
    main()
