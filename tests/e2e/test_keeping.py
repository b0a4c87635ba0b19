"""Retention and incidents in a real browser, in light and in dark."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from mailer import clock
from mailer.privacy.incidents import register
from mailer.privacy.incidents.models import Incident
from tests.e2e import judging
from tests.world import World


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
    judging.judge(tab, "retention")
    tab.get_by_role("button", name="Run now").click()
    judging.judge(tab, "retention-run")
    tab.goto(f"{address}/incidents/new")
    judging.judge(tab, "incident-new")
    now = clock.now()
    one = session.get_one(Incident, made.parts["incident_id"])
    one.aware_at = one.noticed_at = now
    span = now - timedelta(hours=1), now + timedelta(hours=1)
    register.announce(session, now, "a test", one, "A laptop with addresses was stolen.", span)
    session.commit()
    tab.goto(f"{address}/incidents/{one.id}")
    tab.get_by_label("First noticed").focus()
    judging.judge(tab, "incident")
    go_until_shown(tab, f"{address}/incidents/", "A laptop with addresses was stolen.")
    judging.judge(tab, "incidents")
    page = f"{address}/subscribe/{made.parts['public_id']}"
    go_until_shown(tab, page, "A laptop with addresses was stolen.")
    judging.judge(tab, "subscribe-with-banner")
