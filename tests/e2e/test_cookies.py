"""The page about cookies tells of those that a browser receives, on every route, and no others."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience.models import MailingList
from mailer.privacy.policy.cookies import COOKIES, REMEMBER, SAME_SITE, SESSION
from tests import world
from tests.conftest import PASSWORD, MakeUser
from tests.e2e.test_accessibility import NO_PAGE
from tests.web.matrix import EVERYBODY, FOR_STAFF, ROWS, RULES, path_of

FIVE_MINUTES = 300


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as context:
        yield context


@pytest.fixture
def paths(
    app: Flask, session: Session, letters: MailingList, dora: User, alice: User
) -> dict[str, str]:
    """Whatever can be looked at, by its endpoint: pages, and files that are none."""
    assert alice
    made = world.fill(app, session, letters, dora)
    return {rule.endpoint: path_of(rule, made) for rule in RULES if "GET" in (rule.methods or ())}


@pytest.fixture
def dora(make_user: MakeUser) -> User:
    return make_user("dora", "marketer")


def names(context: BrowserContext) -> set[str]:
    return {one["name"] for one in context.cookies()}


def visit(page: Page, endpoint: str, url: str) -> None:
    if endpoint in NO_PAGE:
        # No page to stand on; the browser keeps the cookies of the answer all the same.
        assert page.request.get(url).status < 500, url
        return
    answer = page.goto(url)
    assert answer is not None
    assert answer.status < 400, url


@pytest.mark.timeout(300)
def test_a_browser_receives_the_cookies_of_the_table_and_no_others(
    context: BrowserContext, paths: dict[str, str], address: str
) -> None:
    page = context.new_page()
    for endpoint, path in paths.items():
        if ROWS[endpoint] == EVERYBODY and endpoint not in FOR_STAFF:
            visit(page, endpoint, address + path)
            assert names(context) == set(), f"{path} is for readers"
    visit(page, "security.login", f"{address}/sign-in")
    assert names(context) == {SESSION.name}
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Keep me signed in").check()
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")
    signed_in = time.time()
    for endpoint, path in paths.items():
        visit(page, endpoint, address + path)
    received = {one["name"]: one for one in context.cookies()}
    assert set(received) == {one.name for one in COOKIES}
    for cookie in COOKIES:
        one = received[cookie.name]
        assert (one["httpOnly"], one["sameSite"]) == (True, SAME_SITE)
    assert received[SESSION.name]["expires"] == -1
    assert REMEMBER.lasts is not None
    lasts = received[REMEMBER.name]["expires"] - signed_in
    assert abs(lasts - REMEMBER.lasts.total_seconds()) < FIVE_MINUTES
    page.goto(f"{address}/cookies")
    cells = page.locator("#staff tbody th").all_inner_texts()
    assert set(cells) == set(received)
    durations = page.locator("#staff tbody td:last-child").all_inner_texts()
    assert durations == [one.duration for one in COOKIES]
