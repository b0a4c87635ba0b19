"""Signing up and choosing in a real browser, with scripts and without."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from config import Config
from mailer import clock
from mailer.audience import letterbox
from mailer.audience.joining import tickets
from mailer.audience.joining.models import AskedMail
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.wishes import topics
from mailer.links import Site
from tests.browser import Watch
from tests.conftest import ConfigFor
from tests.e2e import judging

BUDGET = 20
EMBEDDED = """<!doctype html><title>Garden</title>
<form method="post" action="{}/subscribe/letters">
<input type="email" name="email" aria-label="Email"><button>Join</button></form>"""


@pytest.fixture
def config(config_for: ConfigFor, sqlite_url: str) -> Config:
    return config_for(sqlite_url, confirmations_per_hour=BUDGET)


@pytest.fixture
def strained(session: Session) -> None:
    """Half of the hour's budget has been asked for."""
    now = clock.now()
    asked = [AskedMail(at=now, mailbox_key=bytes([n]) * 32, list_id=1) for n in range(BUDGET // 2)]
    session.add_all(asked)
    session.commit()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A tab that runs no scripts."""
    watch = Watch()
    with browser.new_context(java_script_enabled=False) as context:
        yield watch.over(context.new_page())
    assert not watch.faults


def fill_in(tab: Page, address: str) -> None:
    tab.goto(f"{address}/subscribe/letters")
    tab.get_by_label("Email").fill("rosa@example.org")
    tab.wait_for_timeout(2100)
    press(tab)


def press(tab: Page) -> None:
    tab.get_by_role("button", name="Subscribe").click()


def own_page(site: Site, reader: Subscriber) -> str:
    until = clock.now() + timedelta(days=1)
    return site.preferences(reader.id, reader.address_key, until).removeprefix(site.public_url)


def thanked(tab: Page) -> None:
    expect(tab.get_by_role("heading", level=1)).to_have_text("Thank you")


@pytest.mark.parametrize("way", ["page", "plain"])
@pytest.mark.usefixtures("letters")
def test_the_hosted_form_works_with_scripts_and_without(
    request: pytest.FixtureRequest, session: Session, address: str, way: str
) -> None:
    tab: Page = request.getfixturevalue(way)
    fill_in(tab, address)
    thanked(tab)
    assert len(letterbox.waiting(session)) == 1


@pytest.mark.parametrize("way", ["page", "plain"])
@pytest.mark.usefixtures("letters")
def test_the_form_on_another_site_takes_one_more_press(
    request: pytest.FixtureRequest, session: Session, address: str, way: str
) -> None:
    tab: Page = request.getfixturevalue(way)
    tab.set_content(EMBEDDED.format(address))
    tab.get_by_label("Email").fill("rosa@example.org")
    tab.get_by_role("button", name="Join").click()
    expect(tab.get_by_text("One more press")).to_be_visible()
    expect(tab.get_by_label("Email")).to_have_value("rosa@example.org")
    tab.wait_for_timeout(2100)
    press(tab)
    thanked(tab)
    assert len(letterbox.waiting(session)) == 1


@pytest.mark.usefixtures("letters", "strained")
def test_under_strain_the_browser_solves_the_puzzle_by_itself(
    page: Page, session: Session, address: str
) -> None:
    """Pressed at once, by the keyboard: the form leaves when the puzzle is solved."""
    fill_in(page, address)
    expect(page.get_by_text("Many people are using this form")).to_be_visible()
    page.get_by_label("Email").press("Enter")
    expect(page.get_by_role("status").last).to_contain_text("puzzle")
    thanked(page)
    assert len(letterbox.waiting(session)) == 1


@pytest.mark.usefixtures("letters", "strained")
def test_under_strain_a_browser_without_scripts_waits_a_minute(
    app: Flask, plain: Page, session: Session, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_in(plain, address)
    expect(plain.get_by_text("wait a minute, then press")).to_be_visible()
    monkeypatch.setattr(tickets, "PATIENCE", timedelta(seconds=3))
    plain.wait_for_timeout(3100)
    press(plain)
    thanked(plain)
    assert len(letterbox.waiting(session)) == 1
    assert app


def test_a_reader_chooses_on_her_own_page_by_the_keyboard(
    page: Page, session: Session, site: Site, rosa: Subscriber, letters: MailingList, address: str
) -> None:
    topics.keep(session, letters.id, ["Beans", "Peas"])
    path = own_page(site, rosa)
    session.commit()
    page.goto(f"{address}{path}")
    page.get_by_label("Beans").press("Space")
    page.get_by_label("once a week at most").press("Space")
    page.get_by_label("No mail until").fill("2027-05-04")
    page.get_by_label("Your name").fill("Rosa Luz")
    page.get_by_label("Your name").press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Beans")).to_be_checked()
    expect(page.get_by_label("once a week at most")).to_be_checked()
    expect(page.get_by_label("No mail until")).to_have_value("2027-05-04")
    page.get_by_role("button", name="Stop all mail, whoever sends it here").click()
    expect(page.get_by_label("Harbor Letters", exact=True)).not_to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("strained")
def test_axe_finds_nothing_on_pages_that_only_a_press_leads_to(
    browser: Browser,
    session: Session,
    site: Site,
    rosa: Subscriber,
    letters: MailingList,
    address: str,
    scheme: str,
) -> None:
    letters.least_age = 16
    topics.keep(session, letters.id, ["Beans", "Peas"])
    hers = own_page(site, rosa)
    link = site.unsubscribe(letters.id, rosa.id, 1).removeprefix(site.public_url)
    session.commit()  # on SQLite an open transaction would keep the pages waiting
    with browser.new_context(bypass_csp=True, color_scheme=scheme) as context:  # type: ignore[arg-type]
        tab = context.new_page()
        for name, path, button in (
            ("puzzle", "/subscribe/letters", "Subscribe"),
            ("lost link", "/preferences", "Send me the link"),
            ("her own page", hers, "Save"),
            ("left", link, "Unsubscribe"),
        ):
            tab.goto(f"{address}{path}")
            if name in {"puzzle", "lost link"}:
                tab.get_by_label("Email").fill("ines@example.org")
            if name == "puzzle":
                tab.get_by_label("I am at least 16").check()
            tab.get_by_role("button", name=button, exact=True).click()
            judging.approve(tab, name)
