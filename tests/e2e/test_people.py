"""Chromium at the pages about who sees what: the password again, some lists alone, exceptions."""

import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience.models import MailingList
from mailer.web.access import FRESH
from tests.browser import Watch
from tests.conftest import PASSWORD
from tests.e2e import judging
from tests.e2e.conftest import Tone
from tests.visitors import sign_in


@pytest.fixture
def tab(
    browser: Browser, client: FlaskClient, alice: User, address: str, tone: Tone
) -> Iterator[Page]:
    """Alice's tab; she signed in a quarter of an hour ago."""
    sign_in(client, alice)
    with client.session_transaction() as kept:
        kept["fs_paa"] = time.time() - FRESH.total_seconds() - 1
    cookie = client.get_cookie("session")
    assert cookie is not None
    context = browser.new_context(base_url=address, bypass_csp=True, color_scheme=tone)
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    watch = Watch()
    yield watch.over(context.new_page())
    context.close()
    assert not watch.faults


def test_an_owner_narrows_a_colleague_excepts_a_field_and_hands_a_list_out(
    tab: Page, session: Session, bob: User, letters: MailingList, tone: Tone
) -> None:
    name, colleague, number = letters.name, bob.id, letters.id
    session.commit()
    tab.goto(f"/people/{colleague}")
    tab.get_by_label("These alone").check()
    tab.get_by_label(name).check()
    judging.approve(tab, f"person-{tone}")
    tab.get_by_role("button", name="Keep").click()
    expect(tab.get_by_text("works on 1 of 1 lists and sees no others")).to_be_visible()
    tab.goto("/fields/")
    tab.get_by_label("Label").fill("Allergies")
    tab.get_by_label("Key").fill("allergy")
    tab.get_by_label("Why it is kept").fill("Pollen warnings, agreed to on the form")
    tab.get_by_role("button", name="Add the field").click()
    expect(tab.get_by_text("Excepted by an owner")).to_be_visible()
    judging.approve(tab, f"fields-{tone}")
    tab.goto(f"/lists/{number}/export")
    tab.get_by_label("Your password").fill(PASSWORD)
    judging.approve(tab, f"confirm-{tone}")
    tab.get_by_role("button", name="Go on").click()
    tab.wait_for_url(f"**/lists/{number}/export")
