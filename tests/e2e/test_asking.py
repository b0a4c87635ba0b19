"""Asking again for consent in a real browser: the reader's page and the composer's choice."""

from typing import Literal

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import User
from mailer.audience import expiry
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.words import SubscriptionStatus
from mailer.links import Site
from tests.e2e import judging
from tests.visitors import sign_in

Scheme = Literal["light", "dark"]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    found: Scheme = request.param
    return found


def test_a_reader_says_yes_by_one_press_without_scripts(
    browser: Browser,
    session: Session,
    site: Site,
    letters: MailingList,
    rosa: Subscriber,
    address: str,
    scheme: Scheme,
) -> None:
    path = site.renewal(site.unsubscribe(letters.id, rosa.id, 77)).removeprefix(site.public_url)
    rosa.subscriptions[0].confirmed_at = expiry.before(clock.now(), 18)
    session.commit()
    with browser.new_context(java_script_enabled=False, color_scheme=scheme) as context:
        tab = context.new_page()
        tab.goto(address + path)
        expect(tab.get_by_role("heading")).to_contain_text("Keep getting")
        if judging.PICTURES:
            tab.screenshot(path=f"{judging.PICTURES}/asked-{scheme}.png")
        tab.get_by_role("button", name="Yes, keep sending it").focus()
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("heading")).to_have_text("You stay on the list")
    with browser.new_context(bypass_csp=True, color_scheme=scheme) as context:
        tab = context.new_page()
        tab.goto(address + path)
        expect(tab.get_by_role("heading")).to_have_text("You stay on the list")
        judging.approve(tab, f"asked-done-{scheme}")
        session.refresh(rosa)
        rosa.subscriptions[0].status = SubscriptionStatus.unsubscribed
        session.commit()
        tab.goto(address + path)
        expect(tab.get_by_role("link", name="Sign up")).to_be_visible()
        judging.approve(tab, f"asked-left-{scheme}")


def test_a_marketer_is_told_whom_a_question_reaches(
    browser: Browser,
    client: FlaskClient,
    session: Session,
    letters: MailingList,
    rosa: Subscriber,
    bob: User,
    address: str,
    scheme: Scheme,
) -> None:
    assert rosa.subscriptions[0].list_id == letters.id
    sign_in(client, bob)
    session.commit()
    cookie = client.get_cookie("session")
    assert cookie is not None
    with browser.new_context(bypass_csp=True, color_scheme=scheme) as context:
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        tab = context.new_page()
        compose(tab, address)
        judging.approve(tab, f"asking-composer-{scheme}")
        tab.get_by_role("button", name="Save as a new draft").click()
        tab.goto(f"{address}/campaigns/1")
        expect(tab.get_by_text("Not asked: the consent is recent")).to_be_visible()
        expect(tab.get_by_text("Would be asked for consent")).to_be_visible()
        judging.approve(tab, f"asking-campaign-{scheme}")


def compose(tab: Page, address: str) -> None:
    tab.goto(f"{address}/campaigns/new")
    tab.get_by_label("Name", exact=True).fill("Again")
    tab.get_by_label("Subject", exact=True).fill("Shall the letter go on?")
    tab.get_by_text("What this message is").click()
    tab.get_by_label("It asks readers for their consent again").check()
