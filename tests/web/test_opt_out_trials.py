"""The opt-out on trial from the pages: by its button, and before every start."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, clockwork, tasks
from mailer.accounts.models import User
from mailer.audience.models import MailingList, Sender, Subscriber
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.delivery import launch, opt_out_trials
from mailer.delivery.models import Delivery, OptOutTrialRow
from mailer.links import Site
from tests import strangers
from tests.browser import serving
from tests.strangers import says
from tests.visitors import post, sign_in
from tests.web.conftest import Write, acts, press

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def served(app: Flask, site: Site) -> Iterator[Site]:
    """The application, served at the public address that it believes to have."""
    with serving(app) as address:
        app.extensions["site"] = Site(address, site.keys, development=True)
        yield app.extensions["site"]


@pytest.fixture
def broken(app: Flask, site: Site) -> Iterator[None]:
    """Another program answers at the public address."""
    with strangers.serving(lambda handler: says(handler, 500, "oops")) as address:
        app.extensions["site"] = Site(address, site.keys, development=True)
        yield


def trials(session: Session) -> int:
    session.expire_all()
    return len(session.scalars(sa.select(OptOutTrialRow)).all())


@pytest.mark.usefixtures("served")
def test_an_admin_tries_the_link_and_sees_what_was_found(
    client: FlaskClient, session: Session, adam: User, letters: MailingList
) -> None:
    sign_in(client, adam)
    page = f"/senders/{letters.sender_id}"
    assert "It was not tried yet" in client.get(page).text
    answer = post(client, f"/senders/{letters.sender_id}/try-opt-out", follow_redirects=True)
    assert "The unsubscribe link was tried. What was found stands below." in answer.text
    assert "One click in a mail program (multipart)" in client.get(page).text
    assert "3 rules were asked, 1 could not be" in client.get(page).text
    assert acts(session) == ["senders.try-opt-out"]


@pytest.mark.usefixtures("broken")
def test_a_broken_link_is_told_with_the_way_to_mend_it(
    client: FlaskClient, adam: User, letters: MailingList
) -> None:
    sign_in(client, adam)
    answer = post(client, f"/senders/{letters.sender_id}/try-opt-out", follow_redirects=True)
    assert "something is wrong" in answer.text
    assert "The link is answered with 500 instead of the page." in answer.text


def test_a_sender_without_a_list_is_told_so(
    client: FlaskClient, adam: User, sender: Sender
) -> None:
    sign_in(client, adam)
    answer = post(client, f"/senders/{sender.id}/try-opt-out", follow_redirects=True)
    assert "no link to try" in answer.text


@pytest.mark.usefixtures("served", "rosa")
def test_a_start_tries_first_and_the_canary_gets_nothing(
    visitor: FlaskClient, session: Session, write: Write
) -> None:
    campaign = write()
    assert press(visitor, campaign, "start").status_code == 302
    assert trials(session) == 1
    assert campaign.status is CampaignStatus.running
    assert [one.email for one in session.scalars(sa.select(Delivery))] == ["rosa@example.org"]
    other = write()
    press(visitor, other, "schedule", at="2999-01-01T10:00", zone="UTC")
    assert other.status is CampaignStatus.scheduled
    assert trials(session) == 1  # within the hour one trial serves both


@pytest.mark.usefixtures("broken", "rosa")
@pytest.mark.parametrize("verb", ["start", "schedule", "test"])
def test_no_button_sends_past_a_broken_link(
    visitor: FlaskClient, session: Session, write: Write, bob: User, verb: str
) -> None:
    campaign = write()
    given = {"at": "2999-01-01T10:00", "zone": "UTC", "address": bob.email}
    for tried in (1, 2):  # what has failed is tried anew each time
        answer = press(visitor, campaign, verb, **given)
        assert answer.status_code == 422
        assert "500 instead of the page" in answer.text
        assert trials(session) == tried
    assert campaign.status is CampaignStatus.draft
    assert session.scalars(sa.select(Delivery)).all() == []


@pytest.mark.usefixtures("broken")
def test_a_paused_campaign_stays_paused_when_the_link_breaks(
    visitor: FlaskClient, session: Session, write: Write, site: Site, rosa: Subscriber
) -> None:
    assert rosa
    campaign = write()
    launch.start(session, site, campaign, clock.now())
    campaign.status = CampaignStatus.paused
    session.commit()
    assert press(visitor, campaign, "resume").status_code == 422
    assert campaign.status is CampaignStatus.paused


@pytest.mark.usefixtures("rosa")
def test_the_tick_tries_what_is_due_and_holds_it_when_the_link_is_broken(
    app: Flask, session: Session, site: Site, write: Write, broken: None
) -> None:
    assert broken is None
    campaign = due(session, site, write())
    clockwork.tick(app)
    session.expire_all()
    assert campaign.status is CampaignStatus.draft
    assert campaign.hold_reason == "The gate refused it when it was due: R19, R42."


@pytest.mark.usefixtures("rosa", "served")
def test_the_tick_starts_what_is_due_when_the_link_works(
    app: Flask, session: Session, site: Site, write: Write
) -> None:
    campaign = due(session, site, write())
    clockwork.tick(app)
    session.expire_all()
    assert campaign.status is CampaignStatus.running


def due(session: Session, site: Site, campaign: Campaign) -> Campaign:
    now = clock.now()
    launch.schedule(session, site, campaign, now.replace(year=now.year + 1), now)
    campaign.send_at = now
    session.commit()
    return campaign


@pytest.mark.usefixtures("served")
def test_every_sender_is_tried_once_a_day(
    app: Flask, session: Session, letters: MailingList
) -> None:
    sender_id = letters.sender_id
    session.commit()
    for _ in range(2):
        tasks.try_daily(sender_id)
    assert trials(session) == 1
    assert opt_out_trials.untried(session, app.extensions["site"], clock.now()) == []
    db.session.commit()
