"""The report of a campaign, alive in a real browser: it moves, and its buttons do what they say."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import User
from mailer.audience.models import MailingList, Subscriber
from mailer.campaigns import drafts, lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import claims, fence, launch, statistics, tallies
from mailer.delivery.counting import Counts
from mailer.delivery.fence import Outcome
from mailer.delivery.models import Delivery, DeliveryStatus, Portion
from mailer.delivery.report_models import Cause
from mailer.delivery.windows import Span, Wait, Window
from mailer.links import Site
from tests.conftest import MakeReader
from tests.visitors import sign_in

PEOPLE = 40
PATIENCE = 20_000
TOO_WIDE = """[...document.querySelectorAll(".table-wrap")]
    .filter(table => table.scrollWidth > table.clientWidth)
    .map(table => table.innerText).filter(text => text)"""
BODY = "Hello,\n\nthe peas are up." + drafts.FRESH_BODY
A_MINUTE = timedelta(minutes=1)

Work = Callable[..., None]


@pytest.fixture
def campaign(
    session: Session, letters: MailingList, site: Site, make_reader: MakeReader
) -> Campaign:
    """A running campaign to forty people; nobody works on it but ``work``."""
    for number in range(PEOPLE):
        make_reader(f"reader{number}")
    now = clock.now()
    draft = drafts.Draft("Peas", "Peas are up", letters.sender_id, (letters.id,), body=BODY)
    made = drafts.create(session, draft, now)
    session.commit()
    launch.start(session, site, made, now - A_MINUTE)
    session.commit()
    return made


@pytest.fixture
def work(session: Session, campaign: Campaign) -> Work:
    """``work(n)`` brings n copies through the fence to an outcome, as a sender would."""
    number = campaign.id

    def act(people: int, status: DeliveryStatus = DeliveryStatus.accepted) -> None:
        now = clock.now()
        window = Window(number, now)
        hold = claims.claim(session, number, "a lease", now)
        assert hold is not None
        public_ids = {one.id: one.public_id for one in campaign.lists}
        some = [one.delivery_id for one in claims.people(session, hold, public_ids, now)][:people]
        assert fence.passed(session, hold, some, now) == set(some)
        for one in some:
            told = Outcome(one, "", status, cause=Cause.timeout, relay="127.0.0.1")
            fence.settle(session, [told], now)
            window.count(status)
        assert claims.is_left(session, hold, now)
        tallies.count_again(session, number, [hold.portion_id])
        for _ in range(400):
            window.add(Span.reply, 0.6)
        window.wait(Wait.relay, 240.0)
        window.lines(4, 4)
        window.write(session, now)
        session.commit()

    return act


@pytest.fixture
def report(session: Session, campaign: Campaign, address: str) -> str:
    """Where the report is; the test's own session holds no lock afterwards."""
    url = f"{address}/campaigns/{campaign.id}/report"
    session.commit()
    return url


@pytest.fixture
def tab(page: Page, client: FlaskClient, bob: User, address: str) -> Page:
    """A tab in which bob is signed in; it notes how often the page itself was loaded."""
    sign_in(client, bob)
    cookie = client.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    return page


def test_the_report_moves_by_itself_and_keeps_what_is_unfolded(
    tab: Page, report: str, work: Work
) -> None:
    loads: list[str] = []
    tab.on("load", lambda page: loads.append(page.url))
    tab.goto(report)
    main = tab.get_by_role("main")
    expect(main).to_contain_text("0 of 40")
    work(10)
    expect(main).to_contain_text("10 of 40", timeout=PATIENCE)
    expect(main).to_contain_text("a minute, ")
    expect(main).to_contain_text("The relay answers in 600 ms \u00d7 4 connections = 6.7/s.")
    expect(tab.get_by_role("img", name=re.compile("Copies a minute"))).to_be_visible()
    tab.get_by_text("The same as a table").click()
    work(10)
    expect(main).to_contain_text("20 of 40", timeout=PATIENCE)
    expect(tab.get_by_role("table", name="Copies through time")).to_be_visible()
    assert len(loads) == 1


def test_it_is_paused_resumed_and_cancelled_from_its_report(
    tab: Page, report: str, session: Session, campaign: Campaign, work: Work
) -> None:
    work(5)
    tab.goto(report)
    tab.get_by_role("button", name="Pause").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("paused")
    tab.get_by_role("button", name="Resume").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("running")
    tab.get_by_role("link", name="Cancel").click()
    tab.get_by_role("button", name="Cancel the campaign").click()
    tab.get_by_role("link", name="Report").first.click()
    expect(tab.get_by_role("main")).to_contain_text("40 of 40")
    row = tab.get_by_role("row").filter(has_text="Not mailed yet when the campaign was cancelled")
    expect(row).to_contain_text("35")
    session.expire_all()
    assert campaign.status is CampaignStatus.cancelled


def test_a_report_that_was_left_open_learns_that_the_campaign_was_paused(
    tab: Page, report: str, session: Session, campaign: Campaign
) -> None:
    tab.goto(report)
    expect(tab.get_by_role("button", name="Pause")).to_be_visible()
    lifecycle.pause(session, campaign, clock.now())
    session.commit()
    expect(tab.get_by_role("button", name="Resume")).to_be_visible(timeout=PATIENCE)


def test_copies_in_doubt_are_sent_again_and_finish(
    tab: Page, report: str, session: Session, campaign: Campaign, work: Work
) -> None:
    work(38)
    tab.goto(report)
    work(2, DeliveryStatus.unknown)
    doubt = tab.get_by_text("Nobody can say whether 2 copies arrived")
    expect(doubt).to_be_visible(timeout=PATIENCE)
    tab.get_by_role("link", name="See and decide").click()
    expect(tab.get_by_role("table")).to_contain_text("The relay did not answer in time")
    tab.get_by_role("link", name="Send again to 2 people").click()
    tab.get_by_role("button", name="Send again to 2 people").click()
    expect(tab.get_by_text("They go out again.")).to_be_visible()
    expect(tab.get_by_role("main")).to_contain_text("38 of 40")
    work(2)
    expect(tab.get_by_role("main")).to_contain_text("40 of 40", timeout=PATIENCE)
    expect(doubt).to_have_count(0)
    session.expire_all()
    assert statistics.is_done(session, campaign)


def test_a_campaign_that_rests_says_until_when(
    tab: Page, report: str, session: Session, work: Work
) -> None:
    work(38)
    tab.goto(report)
    expect(tab.get_by_role("main")).to_contain_text("38 of 40")
    later = clock.now() + timedelta(hours=1)
    session.execute(sa.update(Portion).values(next_at=later))
    session.commit()
    waiting = tab.get_by_text(f"Nothing is due until {later:%H:%M} UTC.")
    expect(waiting).to_be_visible(timeout=PATIENCE)


def test_a_campaign_that_no_worker_takes_up_says_so(tab: Page, report: str) -> None:
    tab.goto(report)
    expect(tab.get_by_text("No worker has taken it up")).to_be_visible()


def test_one_person_in_very_many_is_no_share_of_nothing(
    tab: Page, report: str, session: Session
) -> None:
    counts = Counts(states=Counter(accepted=19_999, refused=1)).as_dict()
    session.execute(sa.update(Portion).values(people=20_000, counts=counts))
    session.commit()
    tab.goto(report)
    row = tab.get_by_role("row").filter(has_text="refused").first
    expect(row).to_contain_text("< 0.1 %")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_about_a_campaign_is_wider_than_the_window(
    tab: Page, report: str, session: Session, work: Work, width: int
) -> None:
    """With names and addresses as long as people have them."""
    long = "a-reader-with-a-long-name@riverside-community-college.example"
    session.execute(sa.update(Delivery).values(email=long))
    session.execute(sa.update(Subscriber).where(Subscriber.id == 1).values(email=long))
    work(20)
    work(10, DeliveryStatus.unknown)
    work(5, DeliveryStatus.deferred)
    tab.set_viewport_size({"width": width, "height": 860})
    own = report.removesuffix("/report")
    pages = ("", "/report", "/report/people", "/unknown", "/unknown/resend", "/cancel")
    for address in (*(f"{own}{page}" for page in pages), f"{own}/../../relays/limits/"):
        tab.goto(address)
        assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
        assert tab.evaluate(TOO_WIDE) == [], address
