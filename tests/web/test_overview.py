"""The first page: what runs, what waits for a person, and what to do next."""

import pytest
from flask.testing import FlaskClient

from mailer.accounts.models import User
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns.models import CampaignStatus
from tests.conftest import MakeReader
from tests.visitors import sign_in
from tests.web.conftest import Write, press


def test_a_stranger_is_asked_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_an_empty_installation_says_what_comes_first(client: FlaskClient, adam: User) -> None:
    sign_in(client, adam)
    page = client.get("/").text
    assert "Add a sender" in page
    assert "Welcome" in page


@pytest.mark.usefixtures("letters")
def test_without_a_campaign_one_is_offered(visitor: FlaskClient) -> None:
    assert "No campaign yet" in visitor.get("/").text


def test_lists_are_shown_with_their_readers(visitor: FlaskClient, make_reader: MakeReader) -> None:
    make_reader("rosa")
    make_reader("pia", SubscriptionStatus.unconfirmed)
    page = visitor.get("/").text
    assert "Harbor Letters" in page
    assert "1 not confirmed yet" in page


@pytest.mark.usefixtures("rosa", "database")
def test_what_is_under_way_is_shown_with_its_progress(visitor: FlaskClient, write: Write) -> None:
    running = write(name="Running letter")
    press(visitor, running, "start")
    write(name="Coming letter").status = CampaignStatus.scheduled
    page = visitor.get("/").text
    assert "Running letter" in page
    assert "Coming letter" in page
    assert 'value="0" max="1"' in page
    assert 'hx-trigger="every 5s"' in page


def test_a_campaign_that_was_held_says_why(visitor: FlaskClient, write: Write) -> None:
    campaign = write(name="Held letter")
    campaign.hold_reason = "The gate refused it when it was due: R13."
    page = visitor.get("/").text
    assert "Held letter" in page
    assert "The gate refused it when it was due: R13." in page


def test_drafts_are_shown_with_what_the_gate_thinks(visitor: FlaskClient, write: Write) -> None:
    write(name="Good letter")
    assert "refused" not in visitor.get("/drafts").text
    write(name="Bad letter", body="Buy")
    page = visitor.get("/drafts").text
    assert "may be sent" in page
    assert "R13, R14, R16" in page
