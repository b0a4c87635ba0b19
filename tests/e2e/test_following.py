"""Chromium at pages among very many readers: what is counted comes in after the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.segments import catalogue, rules
from mailer.audience.words import SubscriberStatus
from mailer.campaigns import drafts
from mailer.delivery import reach, segmenting
from mailer.privacy.incidents import affected
from mailer.privacy.incidents import register as incidents
from mailer.privacy.incidents.register import Facts
from tests.browser import Watch
from tests.conftest import MakeReader
from tests.e2e import judging
from tests.visitors import sign_in

RULES = {"mode": "all", "rules": [{"about": "name", "key": "", "op": "begins", "value": "re"}]}


@pytest.fixture
def segment_id(
    session: Session, make_reader: MakeReader, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> int:
    """A segment of three, who are a crowd."""
    monkeypatch.setattr(reach, "CROWD", 0)
    for number in range(3):
        make_reader(f"reader{number}")
    number = catalogue.create(
        session, now, "Readers", rules.parsed(RULES, segmenting.offers(session))
    )
    session.commit()
    return number


@pytest.fixture
def campaign_id(session: Session, letters: MailingList, now: datetime, segment_id: int) -> int:
    draft = drafts.Draft("May", "May", letters.sender_id, (letters.id,), (segment_id,), body="Buy!")
    found = drafts.create(session, draft, now).id
    session.commit()
    return found


@pytest.fixture
def page(
    browser: Browser, client: FlaskClient, session: Session, bob: User, address: str
) -> Iterator[Page]:
    """A tab in which Bob is signed in."""
    with tab_of(bob, browser, client, session, address) as page:
        yield page


@pytest.fixture
def desk(
    browser: Browser, client: FlaskClient, session: Session, alice: User, address: str
) -> Iterator[Page]:
    """A tab in which Alice is signed in."""
    with tab_of(alice, browser, client, session, address) as page:
        yield page


@contextmanager
def tab_of(
    user: User, browser: Browser, client: FlaskClient, session: Session, address: str
) -> Iterator[Page]:
    sign_in(client, user)
    cookie = client.get_cookie("session")
    assert cookie is not None
    session.commit()  # and SQLite has its lock back
    context = browser.new_context(bypass_csp=True, base_url=address)
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    watch = Watch()
    yield watch.over(context.new_page())
    context.close()
    assert not watch.faults


def test_counts_and_verdicts_come_in_after_their_page(
    page: Page, segment_id: int, campaign_id: int
) -> None:
    page.goto(f"/segments/{segment_id}")
    expect(page.locator("#reach .figure")).to_have_text("3 readers")
    judging.approve(page, "following-segment")
    page.goto(f"/segments/{segment_id}/edit")
    expect(page.locator("#count .figure")).to_have_text("3 readers")
    page.goto(f"/campaigns/{campaign_id}")
    expect(page.locator("#judged")).to_contain_text("R16")
    expect(page.locator("#whom")).to_contain_text("Would be mailed")
    judging.approve(page, "following-campaign")
    page.goto(f"/campaigns/{campaign_id}/edit")
    expect(page.locator("#gate-live")).to_contain_text("R16")


def test_the_page_is_whole_before_its_counts(page: Page, segment_id: int, campaign_id: int) -> None:
    """As it stands while somebody waits for them, or who has no scripts."""
    page.route("**/*counted=yes*", lambda _route: None)
    page.emulate_media(color_scheme="dark")
    for path, words in (
        (f"/segments/{segment_id}", "Count them"),
        (f"/campaigns/{campaign_id}", "Show them with the page"),
    ):
        page.goto(path)
        expect(page.get_by_role("link", name=words)).to_be_visible()
        judging.approve(page, f"waiting{path.replace('/', '-')}")


def test_whom_no_mail_may_reach_comes_in_after_an_incidents_page(
    desk: Page, session: Session, letters: MailingList, segment_id: int, now: datetime
) -> None:
    assert segment_id
    incident = incidents.enter(session, now, "a test", Facts("A stolen laptop", now, now))
    affected.add_list(session, incident.id, letters.id)
    disabled = session.scalars(sa.select(Subscriber)).first()
    assert disabled is not None
    disabled.status = SubscriberStatus.disabled
    session.commit()
    desk.emulate_media(color_scheme="dark")
    desk.goto(f"/incidents/{incident.id}")
    expect(desk.locator("#affected")).to_contain_text("1 of them no mail may reach")
    judging.approve(desk, "following-incident")
    desk.route("**/*counted=yes*", lambda _route: None)
    desk.emulate_media(color_scheme="light")
    desk.goto(f"/incidents/{incident.id}")
    expect(desk.get_by_role("link", name="Count those whom no mail may reach")).to_be_visible()
    judging.approve(desk, "waiting-incident")
