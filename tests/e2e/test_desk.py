"""A person at her own desk and staff at theirs, in a real browser, in light and in dark."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from mailer.privacy.requests.models import Challenge, Notice, Recipient, Request
from mailer.tokens import Purpose
from tests.e2e import judging
from tests.world import World


@pytest.mark.timeout(120)
def test_she_opens_her_link_once_and_does_it_herself(
    tab: Page, address: str, made: World, session: Session
) -> None:
    tab.goto(f"{address}/authorities")
    judging.judge(tab, "authorities")
    tab.get_by_role("link", name="complain to us").click()
    judging.judge(tab, "your-data")
    link = session.scalars(sa.select(Challenge).where(Challenge.used_at.is_(None))).one()
    link.home = "US-CA"
    session.commit()
    tab.goto(f"{address}/d/{made.tokens[Purpose.challenge]}")
    judging.judge(tab, "open-data")
    tab.get_by_role("button", name="Open my data").click()
    judging.judge(tab, "my-data")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download my data").click()
    assert download.value.suggested_filename == "your-data.zip"
    tab.get_by_label("What went wrong?").fill("Mail at night")
    tab.get_by_role("button", name="Send the complaint").click()
    assert tab.get_by_text("It is request number").is_visible()
    tab.get_by_role("button", name="Restrict my data").click()
    judging.judge(tab, "my-data-restricted")
    tab.get_by_label("Erase all of it.").check()
    tab.get_by_role("button", name="Erase my data").click()
    judging.judge(tab, "data-erased")


@pytest.mark.timeout(120)
def test_staff_enters_and_answers_a_request(
    tab: Page, address: str, made: World, session: Session
) -> None:
    tab.goto(f"{address}/requests/new")
    judging.judge(tab, "desk-new")
    tab.get_by_label("What is asked?").select_option("access")
    tab.get_by_label("Address it is about").fill("rosa@example.org")
    tab.get_by_label("words").fill("What do you have about me?")
    tab.get_by_label("Whose law?").select_option("CCPA")
    tab.get_by_role("button", name="Enter it").click()
    judging.judge(tab, "desk-request")
    tab.get_by_role("button", name="Confirm receipt").click()
    tab.get_by_role("button", name="Identified").click()
    tab.get_by_label("What is the person told?").fill("Here is your copy.")
    tab.get_by_role("button", name="Close the request").click()
    stuck = session.scalars(sa.select(Notice).order_by(Notice.id)).first()
    assert stuck is not None
    stuck.due_at, stuck.fault = None, "550 5.1.1 no such mailbox"
    session.add(Recipient(request_id=stuck.request_id, name="Postbote GmbH"))
    session.commit()
    tab.reload()
    judging.judge(tab, "desk-closed")
    tab.goto(f"{address}/subscribers/{made.parts['subscriber_id']}/erase")
    judging.judge(tab, "erase-with-requests")
    late = session.get_one(Request, made.parts["request_id"])
    late.due_at = late.received_at
    session.commit()
    tab.goto(f"{address}/requests/")
    judging.judge(tab, "desk-index")
    assert tab.get_by_text("Overdue by").is_visible()
