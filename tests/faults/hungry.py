"""Runs a module and kills it when it takes too much memory, as the kernel does.

`python -m tests.faults.hungry 150 dramatiq wsgi:broker`: at 150 MB above what it had when it
was asked first, the process is gone, at whatever it was doing.
"""

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

LOOK = 0.003  # seconds
MEGABYTE = 1024 * 1024
STATEMENT = Path("/proc/self/statm")


def main() -> None:
    megabytes, module, *words = sys.argv[1:]
    os.register_at_fork(after_in_child=lambda: watch(int(megabytes)))
    watch(int(megabytes))
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def watch(megabytes: int) -> None:
    threading.Thread(target=guard, args=(megabytes * MEGABYTE,), daemon=True).start()


def guard(most: int) -> None:
    while resident() < most:
        time.sleep(LOOK)
    os.killpg(0, signal.SIGKILL)


def resident() -> int:
    """Return the memory that this process holds now, in bytes."""
    return int(STATEMENT.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
