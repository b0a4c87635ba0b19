"""The composer in a real browser: check, footer, preview and save, without losing a word."""

import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber
from mailer.campaigns.models import Campaign
from tests.visitors import look_at
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


def test_a_refused_text_is_mended_previewed_and_saved(
    desk: Page, address: str, session: Session, write: Write, visitor: FlaskClient, rosa: Subscriber
) -> None:
    look_at(visitor, rosa.id)
    campaign = write(body="Hello {{ subscriber.first_name | default: 'friend' }}")
    desk.goto(f"{address}{page_of(session, campaign)}/edit")
    expect(desk.locator("#gate-title")).to_have_text("This text cannot be sent yet")
    desk.locator("#gate").get_by_role("button", name="Add the legal footer").first.click()
    expect(desk.locator("#field-body")).to_have_value(re.compile(r"\{\{ legal_footer \}\}\n$"))
    desk.get_by_role("button", name="Check", exact=True).click()
    expect(desk.locator("#gate-title")).to_contain_text("Lawful as far as")
    desk.locator("label[for=side-preview]").click()
    desk.locator("#preview-reader").select_option(label="Rosa · rosa@example.org")
    expect(desk.frame_locator("iframe[name=preview]").locator("body")).to_contain_text("Hello Rosa")
    desk.keyboard.press("Control+s")
    expect(desk.get_by_text("Saved.")).to_be_visible()
    expect(desk.locator("#gate-title")).to_contain_text("Lawful as far as")


@pytest.mark.usefixtures("rosa")
def test_a_variable_is_inserted_and_the_preview_follows(
    desk: Page, address: str, session: Session, write: Write
) -> None:
    campaign = write(body="")
    desk.goto(f"{address}{page_of(session, campaign)}/edit")
    desk.locator("label[for=side-preview]").click()
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


def caret(desk: Page, field: str) -> str:
    """Return the words that are selected in a field that has the focus."""
    return str(
        desk.evaluate(
            """(id) => {
                const one = document.getElementById(id);
                return document.activeElement === one
                    ? one.value.slice(one.selectionStart, one.selectionEnd) : "not there";
            }""",
            field,
        )
    )


@pytest.mark.usefixtures("rosa")
def test_findings_follow_the_typing_lead_to_their_place_and_turn_green(
    desk: Page, address: str, session: Session, write: Write
) -> None:
    desk.goto(f"{address}{page_of(session, write())}/edit")
    expect(desk.locator("#gate-title")).to_contain_text("Lawful as far as")
    subject, body = desk.locator("#field-subject"), desk.locator("#field-body")
    subject.press_sequentially(" tonight", delay=20)
    subject.fill("Re: News in May")
    expect(desk.locator("#gate")).to_contain_text("R06")
    expect(desk.locator("#gate-said")).to_have_text("1 rule refuses it.")
    expect(subject).to_be_focused()
    place = desk.locator("#gate [data-place=field-subject]").first
    place.focus()
    place.press("Enter")
    assert caret(desk, "field-subject") == "Re: News in May"
    desk.keyboard.type("News in May")
    expect(desk.locator("#gate-title")).to_contain_text("Lawful as far as")
    expect(desk.locator("#gate-said")).to_have_text("Lawful as far as it can be judged now.")
    body.fill("\U0001f44b hello\n\n" * 40 + "{{ nobody.knows }}\n\n{{ legal_footer }}")
    expect(desk.locator("#gate")).to_contain_text("'nobody' is undefined")
    desk.locator("#gate [data-place=field-body]").first.click()
    assert caret(desk, "field-body") == "{{ nobody.knows }}"


@pytest.mark.usefixtures("rosa")
def test_the_law_stays_open_while_others_type(
    desk: Page, address: str, session: Session, write: Write
) -> None:
    desk.goto(f"{address}{page_of(session, write(body='Buy now!'))}/edit")
    law = desk.locator("details[data-key='law-R16 unsubscribe-present']")
    law.locator("summary").click()
    with desk.expect_response("**/findings"):
        desk.locator("#field-subject").fill("Another subject")
    expect(desk.locator("#pending")).to_be_hidden()
    expect(law).to_have_attribute("open", "")
    expect(law).to_contain_text("7704")


@pytest.mark.usefixtures("rosa")
def test_a_place_inside_a_closed_section_is_opened(
    desk: Page, address: str, session: Session, write: Write
) -> None:
    campaign = write(subject="Free in May", body="It is free in May.\n\n{{ legal_footer }}")
    desk.goto(f"{address}{page_of(session, campaign)}/edit")
    desk.locator("#gate [data-place=field-offer_ends]").first.click()
    expect(desk.locator("#field-offer_ends")).to_be_focused()
    desk.locator("#field-offer_terms").fill("For everybody, all evening.")
    expect(desk.locator("#gate-title")).to_contain_text("Lawful as far as")
