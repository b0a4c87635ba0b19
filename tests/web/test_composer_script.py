"""The composer in a real browser: check, footer, preview and save, without losing a word."""

import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from tests.web.conftest import Write


@pytest.fixture
def desk(visitor: FlaskClient, address: str, page: Page) -> Page:
    """Bob's tab."""
    visitor.get("/")
    cookie = visitor.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page.set_viewport_size({"width": 1280, "height": 900})
    return page


def page_of(session: Session, campaign: Campaign) -> str:
    path = f"/campaigns/{campaign.id}"
    session.commit()  # gives back the write lock, which the browser's requests need
    return path


@pytest.mark.usefixtures("rosa")
def test_a_refused_text_is_mended_previewed_and_saved(
    desk: Page, address: str, session: Session, write: Write
) -> None:
    campaign = write(body="Hello {{ subscriber.first_name | default: 'friend' }}")
    desk.goto(f"{address}{page_of(session, campaign)}/edit")
    expect(desk.locator("#gate-title")).to_have_text("This text cannot be sent yet")
    desk.get_by_role("button", name="Add the legal footer").click()
    expect(desk.locator("#field-body")).to_have_value(re.compile(r"\{\{ legal_footer \}\}\n$"))
    desk.get_by_role("button", name="Check", exact=True).click()
    expect(desk.locator("#gate-title")).to_contain_text("may be sent")
    desk.locator("#preview-reader").select_option(label="Rosa · rosa@example.org")
    expect(desk.frame_locator("iframe[name=preview]").locator("body")).to_contain_text("Hello Rosa")
    desk.keyboard.press("Control+s")
    expect(desk.get_by_text("Saved.")).to_be_visible()
    expect(desk.locator("#gate-title")).to_contain_text("may be sent")


@pytest.mark.usefixtures("rosa")
def test_a_variable_is_inserted_and_the_preview_follows(
    desk: Page, address: str, session: Session, write: Write
) -> None:
    campaign = write(body="")
    desk.goto(f"{address}{page_of(session, campaign)}/edit")
    desk.get_by_text("Variables you may use").click()
    desk.get_by_role("button", name="Insert {{ subscriber.email }}").click()
    expect(desk.locator("#field-body")).to_have_value("{{ subscriber.email }}")
    preview = desk.frame_locator("iframe[name=preview]").locator("body")
    expect(preview).to_contain_text("reader@example.com")


@pytest.mark.usefixtures("rosa")
def test_the_time_zone_is_the_browsers_own(
    desk: Page, address: str, session: Session, write: Write
) -> None:
    desk.goto(f"{address}{page_of(session, write())}")
    own = desk.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    expect(desk.locator("#field-zone")).to_have_value(own)
