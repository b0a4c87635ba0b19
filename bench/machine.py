"""The machine that a bench ran on, in a few lines: figures mean nothing without it."""

import os
import platform
import subprocess
from pathlib import Path

import psycopg

from bench.installation import POSTGRESQL
from mailer import clock
from tests import postfix

GB = 1e9


def described(database: str) -> list[tuple[str, str]]:
    """Return names and texts; ``database`` is the URL of the PostgreSQL that was measured."""
    return [
        ("Date", f"{clock.now():%Y-%m-%d}"),
        ("Processor", f"{model()}, {cores()} cores"),
        ("Memory", f"{memory() / GB:.0f} GB"),
        ("Kernel", f"{platform.system()} {platform.release()}"),
        ("Python", platform.python_version()),
        ("PostgreSQL", f"{server_version(database)}, {', '.join(POSTGRESQL)}"),
        ("Postfix", postfix_version()),
    ]


def model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def server_version(database: str) -> str:
    with psycopg.connect(database) as connection:
        found = connection.execute("SHOW server_version").fetchone()
    return str(found[0]) if found else ""


def postfix_version() -> str:
    command = [postfix.demanded("postconf"), "-d", "-h", "mail_version"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()  # noqa: S603
