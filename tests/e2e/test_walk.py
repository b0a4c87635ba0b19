"""The purpose of the product, walked by hand in a real browser, on both tiers."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser import Watch
from tests.e2e.conftest import Installation

READER = "ines@example.org"
EMAIL_SUBJECT = "Peas and patience"
BODY = "Dear {{ subscriber.first_name | default: 'gardener' }},\n\nsow the peas on Sunday.\n"


def test_from_sign_up_to_the_campaign_that_no_longer_reaches_her(
    installation: Installation, browser: Browser
) -> None:
    watch = Watch()
    with browser.new_context() as hers, browser.new_context() as his:
        reader, marketer = watch.over(hers.new_page()), watch.over(his.new_page())
        enter(marketer, installation)
        sign_up(reader, form_of_the_list(marketer, installation))
        confirm(reader, installation)
        compose(marketer, installation, subject=f"Re: {EMAIL_SUBJECT}", body=BODY)
        see_it_refused(marketer)
        mend(marketer)
        send(marketer, readers=6)
        campaign = marketer.url
        leave(reader, installation)
        marketer.goto(campaign)
        marketer.get_by_role("button", name="Duplicate").click()
        send(marketer, readers=5)
        see_her_excluded(marketer)
        assert letters_to_her(reader, installation) == 2
    assert not watch.faults


def enter(page: Page, installation: Installation) -> None:
    page.goto(installation.sign_in_link)
    page.get_by_role("main").get_by_role("button").click()
    page.goto(installation.address)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Overview")


def form_of_the_list(page: Page, installation: Installation) -> str:
    page.goto(f"{installation.address}/lists/")
    page.get_by_role("link", name="The Potting Bench").first.click()
    link = page.locator("a[href*='/subscribe/']").first.get_attribute("href")
    assert link is not None
    return link


def sign_up(page: Page, form: str) -> None:
    page.goto(form)
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).first.fill(READER)
    page.wait_for_timeout(2500)  # who answers at once is taken for a machine
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def open_letter(page: Page, installation: Installation, subject: str) -> None:
    """Open her newest mail with this subject; it may take the worker a moment."""
    letter = page.get_by_role("row").filter(has_text=READER).filter(has_text=subject)
    for _ in range(60):
        page.goto(f"{installation.address}/inbox/")
        if letter.count():
            break
        page.wait_for_timeout(500)
    letter.first.get_by_role("link").first.click()


def confirm(page: Page, installation: Installation) -> None:
    open_letter(page, installation, "confirm")
    page.locator("a[href*='/c/']").first.click()
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("main")).to_contain_text("on the list")


def compose(page: Page, installation: Installation, *, subject: str, body: str) -> None:
    page.goto(f"{installation.address}/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Peas")
    page.get_by_label("Subject", exact=True).fill(subject)
    page.get_by_label("Text", exact=True).fill(body)
    page.get_by_role("button", name="Save as a new draft").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def see_it_refused(page: Page) -> None:
    """Both beside the text and in the way of the button that sends."""
    for rule in ("R06", "R13", "R14", "R16"):
        expect(page.locator("#gate")).to_contain_text(rule)
    page.get_by_role("link", name="Preview, test and send").click()
    page.get_by_role("link", name="Send now").click()
    expect(page.get_by_role("button", name="Mail 6 readers")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("R14 physical-address")
    expect(page.get_by_role("main")).to_contain_text("1128 Water Street")


def mend(page: Page) -> None:
    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("Subject", exact=True).fill(EMAIL_SUBJECT)
    page.get_by_role("button", name="Add the legal footer").first.click()
    expect(page.get_by_label("Text", exact=True)).to_have_value(re.compile("legal_footer"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("#gate")).not_to_contain_text("R14 physical-address:")
    page.get_by_role("link", name="Preview, test and send").click()


def send(page: Page, *, readers: int) -> None:
    page.get_by_role("link", name="Send now").click()
    page.get_by_role("button", name=f"Mail {readers} readers").click()
    expect(page.get_by_text("Finished", exact=True).first).to_be_visible(timeout=60_000)


def leave(page: Page, installation: Installation) -> None:
    open_letter(page, installation, EMAIL_SUBJECT)
    page.locator("a[href*='/u/']").first.click()
    expect(page.get_by_role("main")).to_contain_text("Juniper Lane")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("unsubscribed", re.IGNORECASE))


def see_her_excluded(page: Page) -> None:
    page.get_by_role("link", name="Report").first.click()
    row = page.get_by_role("row").filter(has_text=re.compile("unsubscribed", re.IGNORECASE))
    expect(row.first).to_contain_text("1")


def letters_to_her(page: Page, installation: Installation) -> int:
    page.goto(f"{installation.address}/inbox/")
    return page.get_by_role("row").filter(has_text=READER).count()
