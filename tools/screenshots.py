"""Make the README's screenshots: ``python -m tools.screenshots [FOLDER]``.

Runs an installation of its own with the made-up data, so that the pictures are the product's.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from config import ROOT
from mailer.cli import demo
from tests import browser as chromium

DESK = {"width": 1280, "height": 860}
LAWFUL, UNLAWFUL = 1, 2


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/screenshots"
    target.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo.running(Path(folder)) as (site, link),
        chromium.running() as browser,
    ):
        page = opened(browser, "light")
        enter(page, link)
        send(page, f"{site}/campaigns/{LAWFUL}")
        take(page, f"{site}/campaigns/{UNLAWFUL}/edit", target / "composer.png")
        take(page, f"{site}/campaigns/{UNLAWFUL}/start", target / "refusal.png")
        take(page, f"{site}/campaigns/{LAWFUL}/report", target / "report.png")
        take(page, f"{site}/campaigns/{LAWFUL}/certificate", target / "certificate.png")
        take(page, link_out(page, site), target / "unsubscribe.png")
        page.emulate_media(color_scheme="dark")
        take(page, site, target / "overview-dark.png")


def opened(browser: Browser, scheme: str) -> Page:
    context = browser.new_context(viewport=DESK, color_scheme=scheme)  # type: ignore[arg-type]
    return context.new_page()


def enter(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("main").get_by_role("button").click()


def send(page: Page, campaign: str) -> None:
    page.goto(f"{campaign}/start")
    page.get_by_role("main").get_by_role("button").click()
    page.get_by_text("Finished", exact=True).first.wait_for()


def link_out(page: Page, site: str) -> str:
    """Return the unsubscribe link of the newest mail in the inbox."""
    page.goto(f"{site}/inbox/")
    page.get_by_role("row").nth(1).get_by_role("link").first.click()
    return str(page.locator("a[href*='/u/']").first.get_attribute("href"))


def take(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file)
    print(file)


if __name__ == "__main__":
    main()
