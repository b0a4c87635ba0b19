"""The processes under test: started, killed by the number that they were given, started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config import ROOT
from tests import servers

SECONDS_TO_END = 60
SCHEDULER = "[apscheduler."
RUN = (sys.executable, "-m", "mailer.cli.main", "run")


def sender(threads: int) -> tuple[str, ...]:
    """Return the command of a sending process on the server tier."""
    words = ("wsgi:broker", "--processes", "1", "--threads", str(threads))
    return (sys.executable, "-m", "dramatiq", *words)


def within(wrapper: str, value: int, command: Sequence[str]) -> tuple[str, ...]:
    """Return the command that runs the same program within one of the wrappers beside this file."""
    python, flag, *words = command
    assert flag == "-m"
    return (python, flag, f"tests.faults.{wrapper}", str(value), *words)


@dataclass
class Member:
    """A process with all that it starts itself: one process group, killed as one."""

    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    deaths: int = 0
    prefix: Sequence[str] = field(default=())

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own programs
                [*self.prefix, *self.command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=servers.dying_with_parent(signal.SIGTERM),  # noqa: PLW1509
            )

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.deaths += 1

    def end(self) -> float:
        """Ask it to end, as a deployment does; return the seconds that it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(SECONDS_TO_END)
        return time.monotonic() - began

    def outcome(self) -> int:
        """Wait for the end of a command; return its exit code."""
        assert self.process is not None
        return self.process.wait(SECONDS_TO_END)

    def clear(self) -> None:
        """Leave nothing behind, whatever state it is in."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self.process.wait()

    def said(self) -> str:
        """Return the end of what it printed, without what it prints all the time."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(line for line in text.splitlines() if SCHEDULER not in line)[-3000:]
