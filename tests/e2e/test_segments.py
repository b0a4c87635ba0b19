"""Chromium at the rule builder and at a bulk act, with and without scripts."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience.models import Subscriber
from mailer.audience.segments import fields
from mailer.audience.segments.models import FieldKind, Segment
from mailer.audience.words import SubscriptionStatus
from tests.browser import Watch
from tests.conftest import MakeReader
from tests.e2e import judging
from tests.visitors import sign_in

AT_WORK = ".htmx-request, .htmx-swapping, .htmx-settling"

Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def people(session: Session, make_reader: MakeReader, now: datetime) -> None:
    fields.create(session, now, fields.Details("land", "Country", FieldKind.country))
    fields.create(session, now, fields.Details("plan", "Plan", FieldKind.choice, ("free", "gold")))
    for number in range(6):
        kept = {"land": "DE" if number < 4 else "FR", "plan": "gold" if number % 2 else "free"}
        make_reader(f"reader{number}", attributes=kept)
    make_reader("una", SubscriptionStatus.unconfirmed, attributes={"land": "DE"})
    session.commit()


@pytest.fixture
def opened(
    browser: Browser, client: FlaskClient, session: Session, bob: User, address: str
) -> Iterator[Open]:
    """``opened(scripts=False)`` opens a tab in which Bob is signed in."""
    sign_in(client, bob)
    cookie = client.get_cookie("session")
    assert cookie is not None
    session.commit()  # and SQLite has its lock back
    value, contexts, watches = cookie.value, [], []

    def open_tab(*, scripts: bool = True, is_dark: bool = False) -> Page:
        context = browser.new_context(
            java_script_enabled=scripts,
            bypass_csp=True,
            color_scheme="dark" if is_dark else "light",
            base_url=address,
        )
        context.add_cookies([{"name": "session", "value": value, "url": address}])
        contexts.append(context)
        watches.append(Watch())
        page: Page = watches[-1].over(context.new_page())
        page.set_viewport_size(judging.DESK)
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert not [fault for watch in watches for fault in watch.faults]


def settle(page: Page) -> None:
    """Wait until htmx listens to what it has put into the page, some 20 ms after it is seen."""
    page.wait_for_function(f"!document.querySelector('{AT_WORK}')")
    page.wait_for_timeout(100)
    page.wait_for_function(f"!document.querySelector('{AT_WORK}')")


@pytest.mark.parametrize("is_dark", [False, True])
def test_a_segment_is_built_while_the_count_follows(
    opened: Open, session: Session, *, is_dark: bool
) -> None:
    page = opened(is_dark=is_dark)
    page.goto("/segments/new")
    count = page.locator("#count")
    page.get_by_label("Name").fill("Germans with gold")
    page.get_by_label("About").select_option(label="Country")
    expect(count).to_contain_text("Say what “Country” is compared with.")
    settle(page)
    page.get_by_label("Country, two letters").fill("de")
    expect(count).to_contain_text("5 readers")
    expect(count).to_contain_text("Has not confirmed the subscription yet")
    page.get_by_role("button", name="Add a rule").click()
    expect(page.get_by_label("About")).to_have_count(2)
    settle(page)
    page.get_by_label("About").nth(1).select_option(label="Plan")
    expect(count).to_contain_text("Say what “Plan” is compared with.")
    settle(page)
    page.get_by_label("Value").nth(0).select_option("gold")
    expect(count).to_contain_text("2 readers")
    settle(page)
    page.get_by_role("button", name="Add a group").click()
    expect(page.get_by_role("group", name="A group of rules")).to_be_visible()
    settle(page)
    judging.approve(page, f"builder-{'dark' if is_dark else 'light'}")
    page.get_by_role("button", name="Remove the group").click()
    expect(page.get_by_role("group", name="A group of rules")).to_have_count(0)
    settle(page)
    kept(page, session, "dark" if is_dark else "light")


def kept(page: Page, session: Session, tone: str) -> None:
    page.get_by_role("button", name="Save the segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Germans with gold")
    expect(page.locator(".figure")).to_have_text("2 readers")
    judging.approve(page, f"segment-{tone}")
    assert session.query(Segment).one().name == "Germans with gold"


def test_a_segment_is_built_without_scripts(opened: Open, session: Session) -> None:
    page = opened(scripts=False)
    page.goto("/segments/new")
    page.get_by_label("Name").fill("Germans")
    page.get_by_label("About").select_option(label="Country")
    page.get_by_role("button", name="Count, and show what fits").click()
    page.get_by_label("Country, two letters").fill("DE")
    page.get_by_role("button", name="Count, and show what fits").click()
    expect(page.locator("#count")).to_contain_text("5 readers")
    page.get_by_role("button", name="Save the segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Germans")
    assert session.query(Segment).count() == 1


@pytest.mark.parametrize("is_dark", [False, True])
def test_a_bulk_act_asks_the_number_back_and_is_done_to_these_alone(
    opened: Open, session: Session, *, is_dark: bool
) -> None:
    page, tone = opened(is_dark=is_dark), "dark" if is_dark else "light"
    page.goto("/subscribers/")
    page.get_by_label("Address or name").fill("reader")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("6 readers found")).to_be_visible()
    judging.approve(page, f"readers-{tone}")
    page.get_by_role("link", name="Change all of them").click()
    page.get_by_label("Disable them").check()
    page.get_by_label("Why?").fill("They asked at the fair")
    page.get_by_label("Type 6 to go on").fill("5")
    page.get_by_role("button", name="Do it to 6 readers").click()
    expect(page.get_by_text("This is not the number of readers.")).to_be_visible()
    judging.approve(page, f"bulk-{tone}")
    page.get_by_label("Type 6 to go on").fill("6")
    page.get_by_role("button", name="Do it to 6 readers").click()
    expect(page.get_by_text("Done")).to_be_visible()
    judging.approve(page, f"bulk-done-{tone}")
    session.expire_all()
    on = session.query(Subscriber).filter_by(status="enabled")
    assert [one.name for one in on] == ["Una"]


def test_a_readers_page_and_its_form(opened: Open, session: Session) -> None:
    page = opened()
    number = session.query(Subscriber).filter_by(name="Una").one().id
    session.commit()
    page.goto(f"/subscribers/{number}")
    page.get_by_label("A problem to be solved").check()
    page.get_by_label("In a few words").fill("A question by phone")
    judging.approve(page, "look")
    page.get_by_role("button", name="Show this reader").click()
    expect(page.get_by_text("Reason given for looking")).to_be_visible()
    judging.approve(page, "reader")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Plan").select_option("gold")
    judging.approve(page, "reader-edit")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Profile changed")).to_be_visible()
    page.goto("/fields/")
    judging.approve(page, "fields")
