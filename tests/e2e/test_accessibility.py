"""Every page, in light and in dark, on a desk and on a phone: nothing to object to."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience.models import MailingList
from tests import world
from tests.e2e import judging
from tests.visitors import sign_in
from tests.web.test_access import RULES, path_of

# What a frame or a program is answered, and files.
NO_PAGE = {
    "campaigns.preview",
    "certificates.download",
    "imports.faults",
    "imports.progress",
    "inbox.part",
    "incidents.form",
    "metrics.show",
    "public.open_lists",
    "public.person_schema",
    "reports.progress",
    "static",
    "security.static",
}


@pytest.fixture
def addresses(
    app: Flask, session: Session, letters: MailingList, alice: User, address: str
) -> dict[str, str]:
    """What each page is called, by its address."""
    made = world.fill(app, session, letters, alice)
    return {
        address + path_of(rule, made): rule.endpoint
        for rule in RULES
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGE
    }


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


@pytest.mark.timeout(300)
def test_axe_finds_nothing_and_nothing_overflows(
    tab: Page, addresses: dict[str, str], request: pytest.FixtureRequest
) -> None:
    found = {}
    for page, endpoint in addresses.items():
        name = f"{endpoint}-{request.node.callspec.params['tab']}"
        tab.set_viewport_size(judging.DESK)
        answer = tab.goto(page)
        assert answer is not None
        assert answer.status == 200, page
        problems = judging.objections(tab)
        judging.photograph(tab, f"{name}-desk")
        tab.set_viewport_size(judging.PHONE)
        wide = judging.overflow(tab)
        judging.photograph(tab, f"{name}-phone")
        problems += [f"{wide} px too wide for a phone"] if wide > 0 else []
        if problems:
            found[page] = problems
    assert not found
    assert len(addresses) > 30
