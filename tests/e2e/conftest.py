"""Whole installations, as a person starts them, on either tier."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import ROOT
from mailer.cli import demo
from tests.conftest import Tier
from tests.databases import SECRET_KEY, SUPPRESSION_KEY


@dataclass(frozen=True)
class Installation:
    """Where it is reached, and the link that signs its owner in, once."""

    address: str
    sign_in_link: str


@pytest.fixture
def installation(tier: Tier, tmp_path: Path) -> Iterator[Installation]:
    """``mailer run`` with its made-up data; on the server tier with worker processes beside it."""
    (mail_port,) = demo.free_ports(1)
    settings = {
        "MAILER_DATABASE_URL": tier.database_url,
        "MAILER_REDIS_URL": tier.redis_url or "",
        "MAILER_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
        "MAILER_SECRET_KEY": SECRET_KEY,
        "MAILER_SUPPRESSION_KEY": SUPPRESSION_KEY,
        "MAILER_RATE_LIMITS": "off",
    }
    with ExitStack() as parts:
        address, link = parts.enter_context(demo.running(tmp_path, **settings))
        if tier.redis_url:
            parts.enter_context(workers(settings | {"MAILER_PUBLIC_URL": address}, tmp_path))
        yield Installation(address, link)


@contextmanager
def workers(settings: dict[str, str], data_dir: Path) -> Iterator[None]:
    given = settings | {"MAILER_ENV": "development", "MAILER_DATA_DIR": str(data_dir)}
    command = ["env", *(f"{name}={value}" for name, value in given.items())]
    command += [sys.executable, "-m", "dramatiq", "wsgi:broker", "-p", "1", "-t", "4"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
