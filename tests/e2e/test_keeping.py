"""Retention and incidents in a real browser, in light and in dark."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import User
from mailer.audience.models import MailingList
from mailer.privacy.incidents import register
from mailer.privacy.incidents.models import Incident
from tests import world
from tests.e2e import judging
from tests.visitors import sign_in
from tests.world import World


@pytest.fixture
def made(app: Flask, session: Session, letters: MailingList, alice: User) -> World:
    return world.fill(app, session, letters, alice)


@pytest.fixture(params=["light", "dark"])
def tab(
    request: pytest.FixtureRequest, browser: Browser, client: FlaskClient, alice: User, address: str
) -> Iterator[Page]:
    """A tab in which the owner is signed in; axe is let past the policy for scripts."""
    sign_in(client, alice)
    cookie = client.get_cookie("session")
    assert cookie is not None
    with browser.new_context(bypass_csp=True, color_scheme=request.param) as context:
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        yield context.new_page()


def judge(tab: Page, name: str) -> None:
    scheme = tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    judging.approve(tab, f"{name}-{'dark' if scheme else 'light'}")


def go_until_shown(tab: Page, url: str, text: str) -> None:
    """Look again and again: a process asks for banners every two seconds."""
    for _ in range(50):
        tab.goto(url)
        if tab.get_by_text(text).count():
            return
        tab.wait_for_timeout(100)
    raise AssertionError(f"{url} never said: {text}")


@pytest.mark.timeout(120)
def test_retention_and_an_incident_are_handled_by_keyboard_and_eye(
    tab: Page, address: str, made: World, session: Session
) -> None:
    tab.goto(f"{address}/retention/")
    judge(tab, "retention")
    tab.get_by_role("button", name="Run now").click()
    judge(tab, "retention-run")
    tab.goto(f"{address}/incidents/new")
    judge(tab, "incident-new")
    now = clock.now()
    one = session.get_one(Incident, made.parts["incident_id"])
    one.aware_at = one.noticed_at = now
    span = now - timedelta(hours=1), now + timedelta(hours=1)
    register.announce(session, now, "a test", one, "A laptop with addresses was stolen.", span)
    session.commit()
    tab.goto(f"{address}/incidents/{one.id}")
    tab.get_by_label("First noticed").focus()
    judge(tab, "incident")
    go_until_shown(tab, f"{address}/incidents/", "A laptop with addresses was stolen.")
    judge(tab, "incidents")
    page = f"{address}/subscribe/{made.parts['public_id']}"
    go_until_shown(tab, page, "A laptop with addresses was stolen.")
    judge(tab, "subscribe-with-banner")
