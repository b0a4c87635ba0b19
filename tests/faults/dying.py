"""Runs a module and dies at a named failpoint, as after `kill -9`.

`python -m tests.faults.dying before 2 mailer.cli.main campaign send 7 --yes` ends just before
its second COMMIT reaches the database; with ``after``, when the database has answered.
"""

import os
import runpy
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine.default import DefaultDialect


def main() -> None:
    side, number, module, *words = sys.argv[1:]
    arm(side, int(number))
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def arm(side: str, number: int) -> None:
    """Count the commits of this process, and die at the one that was named."""
    committing: Callable[..., None] = DefaultDialect.do_commit
    seen = 0

    def do_commit(dialect: DefaultDialect, connection: Any) -> None:  # noqa: ANN401 - any driver's
        nonlocal seen
        seen += 1
        if (side, number) == ("before", seen):
            os.kill(os.getpid(), signal.SIGKILL)
        committing(dialect, connection)
        if (side, number) == ("after", seen):
            os.kill(os.getpid(), signal.SIGKILL)

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
