"""Chromium sets up a second factor, signs in by it, and an owner demands it of everybody."""

from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.factor import enrolment, totp
from mailer.accounts.factor.demand import SignInRule
from mailer.accounts.models import User
from mailer.links import Site
from tests.browser import Watch
from tests.conftest import PASSWORD
from tests.e2e import judging
from tests.e2e.conftest import Tone
from tests.visitors import sign_in


@pytest.fixture
def tab(
    browser: Browser, client: FlaskClient, alice: User, address: str, tone: Tone
) -> Iterator[Page]:
    """Alice's tab, under the policy that the pages come with."""
    sign_in(client, alice)
    cookie = client.get_cookie("session")
    assert cookie is not None
    context = browser.new_context(base_url=address, color_scheme=tone)
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    watch = Watch()
    yield watch.over(context.new_page())
    context.close()
    assert not watch.faults


def shown(secret: bytes, later: int = 0) -> str:
    """Return what the phone shows now, or a step later, which counts as well; nobody waits."""
    return totp.code(secret, totp.step_of(clock.now()) + later)


def test_a_phone_is_set_up_and_asked_for(
    tab: Page, session: Session, alice: User, tone: Tone, tmp_path: Path
) -> None:
    email = alice.email
    session.commit()
    tab.goto("/account/")
    judging.approve(tab, f"factor-none-{tone}")
    tab.get_by_role("link", name="Set up").click()
    secret = scanned(tab, tone)
    kept(tab, tone, tmp_path / "codes.txt")
    demanded(tab, tone)
    tab.get_by_role("button", name="Sign out").first.click()
    tab.get_by_label("Email").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_label("Code", exact=True)).to_be_focused()
    judging.approve(tab, f"factor-ask-{tone}")
    tab.get_by_text("No phone at hand?").click()
    tab.get_by_label("Recovery code").fill("abcd-efgh-jkmn-pqrs")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("That did not match, or was used before")).to_be_visible()
    expect(tab.get_by_label("Recovery code")).to_be_focused()
    judging.approve(tab, f"factor-wrong-{tone}")
    tab.get_by_label("Code", exact=True).fill(shown(secret, 1))
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/")
    tab.goto("/account/")
    expect(tab.get_by_text("10 of 10 recovery codes are left")).to_be_visible()
    judging.approve(tab, f"factor-there-{tone}")
    tab.goto("/account/confirm")
    judging.approve(tab, f"factor-confirm-{tone}")
    tab.get_by_role("link", name="No phone at hand?").click()
    expect(tab.get_by_label("Recovery code")).to_be_visible()


def test_who_has_none_is_led_to_it_and_reaches_nothing_else(
    tab: Page, session: Session, tone: Tone
) -> None:
    session.add(SignInRule(needs_factor=True))
    session.commit()
    tab.goto("/people/")
    expect(tab.get_by_text("A second factor is needed here.")).to_be_visible()
    expect(tab.get_by_role("link", name="Campaigns")).to_have_count(0)
    judging.approve(tab, f"factor-held-{tone}")


def test_an_owner_helps_who_has_lost_the_phone(
    tab: Page, session: Session, site: Site, bob: User, tone: Tone
) -> None:
    now, secret = clock.now(), totp.new_secret()
    enrolment.set_up(session, site.keys, bob, secret, shown(secret), now)
    number = bob.id
    session.commit()
    tab.goto(f"/people/{number}")
    judging.approve(tab, f"factor-lost-{tone}")
    tab.get_by_role("button", name="Remove second factor").click()
    expect(tab.get_by_text("signs in by the password alone")).to_be_visible()


def scanned(tab: Page, tone: Tone) -> bytes:
    """Set a phone up by the keyboard alone, after a mistake; return its secret."""
    expect(tab.get_by_role("img", name="A picture of the key below")).to_be_visible()
    secret = b32decode(tab.locator("#secret").inner_text().replace(" ", ""))
    tab.get_by_label("Code", exact=True).fill("000000")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("Wait for the next one")).to_be_visible()
    expect(tab.get_by_label("Code", exact=True)).to_be_focused()
    judging.approve(tab, f"factor-set-up-{tone}")
    tab.keyboard.type(shown(secret))
    tab.keyboard.press("Enter")
    return secret


def kept(tab: Page, tone: Tone, file: Path) -> None:
    """Download the recovery codes; no server is asked for that."""
    codes = tab.locator("#codes").inner_text().split()
    judging.approve(tab, f"factor-codes-{tone}")
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download").click()
    download.value.save_as(file)
    assert file.read_text().split() == codes
    tab.get_by_role("link", name="I have kept them").click()


def demanded(tab: Page, tone: Tone) -> None:
    tab.goto("/people/")
    tab.get_by_role("button", name="Demand it of everybody").click()
    expect(tab.get_by_text("Everybody must have one")).to_be_visible()
    judging.approve(tab, f"factor-demanded-{tone}")
