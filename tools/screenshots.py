"""Make the README's screenshots: ``python -m tools.screenshots [FOLDER]``.

Runs an installation of its own with the made-up data, so that the pictures are the product's.
"""

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from config import ROOT, Config
from mailer import clock, tokens
from mailer.app import create_app
from mailer.audience.models import Subscriber, Subscription
from mailer.campaigns.models import Campaign
from mailer.cli import demo
from mailer.db import db
from tests import browser as chromium
from tests.sink import running as sinks

DESK = {"width": 1280, "height": 860}
LAWFUL, UNLAWFUL = 1, 2
CROWD = 20_000
DOMAINS = ("gmail.example", "outlook.example", "web.example", "posteo.example")
MIDST = 60_000  # milliseconds after the start


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
        take(page, f"{site}/campaigns/{LAWFUL}/certificate", target / "certificate.png")
        take(page, link_out(page, site), target / "unsubscribe.png")
        page.emulate_media(color_scheme="dark")
        take(page, site, target / "overview-dark.png")
        take_in_the_midst(browser, Path(folder) / "large", target / "report.png")


def take_in_the_midst(browser: Browser, folder: Path, file: Path) -> None:
    """Take the report of a large campaign while it is sent to a relay that takes its time."""
    addresses = [f"reader{n}@{DOMAINS[n % len(DOMAINS)]}" for n in range(CROWD)]
    with sinks.running(folder / "relay", is_plain=True) as relay:
        words = dict.fromkeys(addresses[::211], "550 5.1.1 No such user here")
        relay.order(delay=0.03, at_rcpt=words)
        with demo.running(folder, MAILER_SMTP_URL=relay.url) as (site, link):
            crowd(folder, site, addresses)
            page = opened(browser, "light")
            enter(page, link)
            page.goto(f"{site}/campaigns/{LAWFUL}/start")
            page.get_by_role("main").get_by_role("button").click()
            page.wait_for_timeout(MIDST)
            take(page, f"{site}/campaigns/{LAWFUL}/report", file, is_live=True)


def crowd(folder: Path, site: str, addresses: list[str]) -> None:
    """Add confirmed readers to the list that the lawful draft goes to."""
    given = {"MAILER_ENV": "development", "MAILER_DATA_DIR": str(folder), "MAILER_PUBLIC_URL": site}
    app, now = create_app(Config.from_environ(given)), clock.now()
    with app.app_context():
        session, keys = db.session(), app.extensions["site"].keys
        people = [
            {
                "email": email,
                "address_key": tokens.fingerprint(keys, email),
                "created_at": now,
                "updated_at": now,
            }
            for email in addresses
        ]
        (to,) = session.get_one(Campaign, LAWFUL).lists
        ids = session.scalars(sa.insert(Subscriber).returning(Subscriber.id), people)
        places = [
            {"subscriber_id": one, "list_id": to.id, "status": "confirmed", "created_at": now}
            for one in ids
        ]
        session.execute(sa.insert(Subscription), places)
        session.commit()


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


def take(page: Page, address: str, file: Path, *, is_live: bool = False) -> None:
    page.goto(address)
    if not is_live:  # it asks for news of itself again and again
        page.wait_for_load_state("networkidle")
    page.screenshot(path=file)
    print(file)


if __name__ == "__main__":
    main()
