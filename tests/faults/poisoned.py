"""Runs a module in which one reader's copy ends the process, as a crash in a library would.

`python -m tests.faults.poisoned 7 dramatiq wsgi:broker` dies at once whenever it composes a copy
for subscriber 7: at the moment at which her own link is made.
"""

import os
import runpy
import signal
import sys

from mailer.links import Site


def main() -> None:
    number, module, *words = sys.argv[1:]
    poison(int(number))
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def poison(number: int) -> None:
    making = Site.unsubscribe

    def unsubscribe(site: Site, list_id: int, subscriber_id: int, delivery_id: int) -> str:
        if subscriber_id == number:
            os.killpg(0, signal.SIGKILL)
        return making(site, list_id, subscriber_id, delivery_id)

    Site.unsubscribe = unsubscribe  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    main()
