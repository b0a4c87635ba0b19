"""Whole installations, as a person starts them, and tabs of people who are signed in."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from config import ROOT
from mailer.accounts.models import User
from mailer.audience.models import MailingList
from mailer.cli import demo
from tests import world
from tests.conftest import Tier
from tests.databases import SECRET_KEY, SUPPRESSION_KEY
from tests.visitors import sign_in
from tests.world import World

Tone = Literal["light", "dark"]


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


@pytest.fixture
def made(app: Flask, session: Session, letters: MailingList, alice: User) -> World:
    """One of each thing that a page is about."""
    return world.fill(app, session, letters, alice)


@pytest.fixture(params=["light", "dark"])
def tone(request: pytest.FixtureRequest) -> Tone:
    chosen: Tone = request.param
    return chosen


@pytest.fixture
def tab(
    browser: Browser, client: FlaskClient, alice: User, address: str, tone: Tone
) -> Iterator[Page]:
    """A tab in which the owner is signed in; axe is let past the policy for scripts."""
    sign_in(client, alice)
    with signed_in(browser, client, address, tone) as page:
        yield page


@contextmanager
def signed_in(browser: Browser, client: FlaskClient, address: str, tone: Tone) -> Iterator[Page]:
    """Open a tab in the session that the client has."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    with browser.new_context(bypass_csp=True, color_scheme=tone) as context:
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        yield context.new_page()


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
