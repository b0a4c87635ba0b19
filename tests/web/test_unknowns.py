"""Copies in doubt on the pages: seen, sent again or settled by a person, and recorded."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import User
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import launch, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause, Unknown
from mailer.links import Site
from tests.conftest import MakeReader
from tests.visitors import post, sign_in
from tests.web.conftest import JSON, Write, acts, press


@pytest.fixture
def doubtful(
    session: Session, site: Site, write: Write, make_reader: MakeReader, now: datetime
) -> Campaign:
    """A running campaign with two copies in doubt, and one that waits."""
    for name in ("rosa", "ines", "omar"):
        make_reader(name)
    campaign = write()
    launch.start(session, site, campaign, now)
    numbers = []
    for one in session.query(Delivery).order_by(Delivery.id).limit(2):
        one.status, one.sending_at = DeliveryStatus.unknown, now
        numbers.append(one.id)
    session.flush()
    unknowns.note(session, numbers[:1], Cause.timeout, now, "relay.example")
    unknowns.note(session, numbers[1:], Cause.crash, now)
    session.commit()
    return campaign


def statuses(session: Session) -> list[str]:
    session.expire_all()
    return [one.status.value for one in session.query(Delivery).order_by(Delivery.id)]


@pytest.mark.usefixtures("database")
def test_the_report_leads_to_the_copies_in_doubt(visitor: FlaskClient, doubtful: Campaign) -> None:
    report = visitor.get(f"/campaigns/{doubtful.id}/report").text
    assert "Nobody can say whether 2 copies arrived" in report
    assert f"/campaigns/{doubtful.id}/unknown" in report
    page = visitor.get(f"/campaigns/{doubtful.id}/unknown").text.replace("<wbr>", "")
    assert "rosa@example.org" in page
    assert "The relay did not answer in time" in page
    assert "relay.example" in page
    assert "The sending process ended before the relay answered" in page
    assert "omar@example.org" not in page


@pytest.mark.usefixtures("database")
def test_they_are_sent_again_after_a_page_has_asked(
    visitor: FlaskClient, session: Session, doubtful: Campaign
) -> None:
    asking = visitor.get(f"/campaigns/{doubtful.id}/unknown/resend").text
    assert "Send it again to 2 people?" in asking
    assert statuses(session)[:2] == ["unknown", "unknown"]
    answer = press(visitor, doubtful, "unknown/resend", back="report")
    assert answer.location == f"/campaigns/{doubtful.id}/report"
    assert statuses(session) == ["pending", "pending", "pending"]
    assert acts(session) == ["campaign.resend"]
    assert {one.actor for one in session.query(Unknown)} == {"bob@example.com"}


@pytest.mark.usefixtures("database")
def test_a_second_press_changes_nothing(
    visitor: FlaskClient, session: Session, doubtful: Campaign
) -> None:
    press(visitor, doubtful, "unknown/settle")
    for verb in ("unknown/resend", "unknown/settle"):
        assert press(visitor, doubtful, verb).status_code == 409
    assert statuses(session) == ["accepted", "accepted", "pending"]
    assert acts(session) == ["campaign.settle"]
    for page in ("unknown", "unknown/resend", "unknown/settle"):
        assert "Nothing is in doubt" in visitor.get(f"/campaigns/{doubtful.id}/{page}").text


def test_the_ledger_tells_the_second_hand_over_from_the_first(
    visitor: FlaskClient, doubtful: Campaign
) -> None:
    press(visitor, doubtful, "unknown/resend")
    page = visitor.get(f"/campaigns/{doubtful.id}/report/people").text
    assert page.count("Sent again, by bob@example.com") == 2
    assert "first handed over" in page


def test_a_finished_campaign_passes_the_gate_before_anything_is_sent_again(
    visitor: FlaskClient, session: Session, doubtful: Campaign
) -> None:
    finish(session, doubtful)
    doubtful.body = "Buy now, without a footer."
    session.commit()
    answer = press(visitor, doubtful, "unknown/resend")
    assert answer.status_code == 422
    assert "The gate refuses this campaign." in answer.text
    assert statuses(session)[:2] == ["unknown", "unknown"]
    assert doubtful.status is CampaignStatus.finished
    assert acts(session) == []


def test_a_finished_campaign_runs_again(
    visitor: FlaskClient, session: Session, doubtful: Campaign
) -> None:
    finish(session, doubtful)
    assert "The campaign runs again" in visitor.get(f"/campaigns/{doubtful.id}/unknown/resend").text
    assert press(visitor, doubtful, "unknown/resend").status_code == 302
    session.expire_all()
    assert doubtful.status is CampaignStatus.running


def finish(session: Session, campaign: Campaign) -> None:
    campaign.status, campaign.finished_at = CampaignStatus.finished, clock.now()
    session.query(Delivery).filter_by(status="pending").update({"status": "accepted"})
    session.commit()


def test_a_cancelled_campaign_offers_a_word_but_no_second_copy(
    visitor: FlaskClient, session: Session, doubtful: Campaign
) -> None:
    doubtful.status = CampaignStatus.cancelled
    session.commit()
    page = visitor.get(f"/campaigns/{doubtful.id}/unknown").text
    assert "They have it" in page
    assert "Send again" not in page
    assert "sends nothing more" in visitor.get(f"/campaigns/{doubtful.id}/unknown/resend").text
    assert press(visitor, doubtful, "unknown/resend").status_code == 409


def test_a_program_is_answered_in_json(visitor: FlaskClient, doubtful: Campaign) -> None:
    answer = post(visitor, f"/campaigns/{doubtful.id}/unknown/settle", headers=JSON)
    assert answer.json is not None
    assert answer.json["status"] == "running"


def test_a_viewer_sees_them_without_buttons(
    client: FlaskClient, vera: User, doubtful: Campaign
) -> None:
    sign_in(client, vera)
    page = client.get(f"/campaigns/{doubtful.id}/unknown").text.replace("<wbr>", "")
    assert "ro…@example.org" in page
    assert "They have it" not in page
    assert press(client, doubtful, "unknown/settle").status_code == 403
