"""What is wrong with a page as it stands, for those who cannot see it and on a small screen."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)
SIZES = {"desk": DESK, "phone": PHONE}
# Where the pictures go that a person looks at; nowhere unless asked for.
PICTURES = os.environ.get("MAILER_TEST_PICTURES", "")
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def objections(page: Page) -> list[str]:
    """Return what axe finds; it looks when all has come, since half a page has no styles yet."""
    page.wait_for_load_state("load")
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def overflow(page: Page) -> int:
    """Return how far the page sticks out at the side (CSS pixels)."""
    return int(page.evaluate(OVERFLOW))


def approve(page: Page, name: str) -> None:
    """Find nothing to object to at either width, and take pictures where they are wanted."""
    for width, size in SIZES.items():
        page.set_viewport_size(size)
        assert objections(page) == [], f"{name} at {width}"
        assert overflow(page) <= 0, f"{name} at {width}"
        photograph(page, f"{name}-{width}")
    page.set_viewport_size(DESK)


def judge(page: Page, name: str) -> None:
    """Approve a page under a name that tells whether it is dark."""
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    approve(page, f"{name}-{'dark' if is_dark else 'light'}")


def photograph(page: Page, name: str) -> None:
    """Take a picture of the whole page, if pictures are wanted."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
