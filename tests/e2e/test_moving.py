"""Correcting one's data in a real browser: another address, one's own fields."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience.address_models import AddressLetter, Side
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.segments import fields
from mailer.audience.segments.fields import Details
from mailer.audience.segments.models import FieldKind
from mailer.links import Site
from tests.browser import Watch
from tests.e2e import judging

DAY = timedelta(days=1)
NEW = "rosa@elsewhere.example"


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A tab that runs no scripts."""
    watch = Watch()
    with browser.new_context(java_script_enabled=False) as context:
        yield watch.over(context.new_page())
    assert not watch.faults


@pytest.fixture
def hers(session: Session, site: Site, rosa: Subscriber, letters: MailingList) -> str:
    """The path of Rosa's own page; she has a field of each shape, and so has the form."""
    for details in (
        Details("born", "Birthday", FieldKind.date, is_hers=True),
        Details("country", "Country", FieldKind.country, is_hers=True),
        Details("soil", "Soil", FieldKind.choice, ("clay", "sand"), is_hers=True),
    ):
        fields.create(session, clock.now(), details)
    letters.asked_fields = "born soil"
    path = site.preferences(rosa.id, rosa.address_key, clock.now() + DAY)
    session.commit()
    return path.removeprefix(site.public_url)


def letter(session: Session, site: Site, side: Side) -> str:
    """Return the path that one mailbox was sent."""
    found = session.query(AddressLetter).filter_by(side=side).one()
    path = site.agree(found.id, clock.now() + DAY).removeprefix(site.public_url)
    session.commit()  # on SQLite an open transaction would keep the pages waiting
    return path


def heading(tab: Page, words: str) -> None:
    expect(tab.get_by_role("heading", level=1)).to_have_text(words)


@pytest.mark.parametrize("way", ["page", "plain"])
def test_she_corrects_fields_and_address_with_scripts_and_without(
    request: pytest.FixtureRequest,
    session: Session,
    site: Site,
    rosa: Subscriber,
    hers: str,
    address: str,
    way: str,
) -> None:
    tab: Page = request.getfixturevalue(way)
    tab.goto(f"{address}{hers}")
    tab.get_by_label("Birthday").fill("1990-05-04")
    tab.get_by_label("Soil").select_option("sand")
    tab.get_by_label("Country").fill("be")
    tab.get_by_label("Country").press("Enter")
    expect(tab.get_by_text("Saved.")).to_be_visible()
    tab.get_by_label("New address").fill(NEW)
    tab.get_by_label("New address").press("Enter")
    heading(tab, "Look into both mailboxes")
    tab.goto(f"{address}{letter(session, site, Side.new)}")
    tab.get_by_role("button", name="Yes, this is my address").click()
    heading(tab, "One more mailbox")
    tab.goto(f"{address}{letter(session, site, Side.old)}")
    tab.get_by_role("button", name="Use my other address").click()
    heading(tab, "Your address is corrected")
    tab.goto(f"{address}{hers}")
    heading(tab, "This link has run out")
    session.refresh(rosa)
    assert rosa.email == NEW
    assert rosa.attributes == {"born": "1990-05-04", "soil": "sand", "country": "BE"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_she_corrects_her_data(
    browser: Browser, session: Session, site: Site, hers: str, address: str, scheme: str
) -> None:
    with browser.new_context(bypass_csp=True, color_scheme=scheme) as context:  # type: ignore[arg-type]
        tab = context.new_page()
        tab.goto(f"{address}/subscribe/letters")
        judging.approve(tab, f"{scheme} form with fields")
        tab.goto(f"{address}{hers}")
        tab.get_by_label("Country").fill("Belgium")
        tab.get_by_role("button", name="Save", exact=True).click()
        judging.approve(tab, f"{scheme} her fields")
        tab.get_by_label("New address").fill("rosa@example.org")
        tab.get_by_role("button", name="Write to both addresses").click()
        judging.approve(tab, f"{scheme} same address")
        tab.get_by_label("New address").fill(NEW)
        tab.get_by_role("button", name="Write to both addresses").click()
        judging.approve(tab, f"{scheme} asked")
        tab.goto(f"{address}{letter(session, site, Side.old)}")
        judging.approve(tab, f"{scheme} other mailbox")
        tab.get_by_role("button", name="Use my other address").click()
        heading(tab, "One more mailbox")
