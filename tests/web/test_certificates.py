"""The certificate as a page, and as a file."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience.models import Subscriber
from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign
from mailer.delivery import certificates, launch
from mailer.links import Site
from tests.conftest import MakeReader
from tests.web.conftest import Write


@pytest.fixture
def over(
    session: Session, site: Site, write: Write, make_reader: MakeReader, now: datetime
) -> Campaign:
    """A campaign that was started and cancelled."""
    make_reader("rosa")
    campaign = write()
    launch.start(session, site, campaign, now)
    launch.cancel(session, site, campaign, now)
    session.commit()
    return campaign


def test_a_draft_has_none_yet(visitor: FlaskClient, write: Write) -> None:
    page = visitor.get(f"/campaigns/{write().id}/certificate").text
    assert "Nothing to certify yet" in page
    assert "Download" not in page


@pytest.mark.usefixtures("database")
def test_it_tells_who_approved_what_and_how_to_check_it(
    visitor: FlaskClient, over: Campaign
) -> None:
    page = visitor.get(f"/campaigns/{over.id}/certificate").text
    for words in (
        "Approved and sent",
        "What became of it",
        "Harbor Press LLC",
        "R14 physical-address",
        "this installation",
        f"mailer verify certificate-{over.id}.json",
    ):
        assert words in page


def test_a_resume_tells_what_has_become_of_its_people_so_far(
    visitor: FlaskClient, session: Session, site: Site, write: Write, rosa: Subscriber
) -> None:
    campaign, at = write(), clock.now()
    launch.start(session, site, campaign, at)
    lifecycle.pause(session, campaign, at)
    launch.resume(session, site, campaign, at)
    session.commit()
    page = " ".join(visitor.get(f"/campaigns/{campaign.id}/certificate").text.split())
    assert "Judged again and resumed" in page
    assert "<dt>pending</dt><dd>1</dd>" in page.replace("> <", "><")
    assert rosa.email not in page


def test_the_file_holds(visitor: FlaskClient, over: Campaign) -> None:
    answer = visitor.get(f"/campaigns/{over.id}/certificate.json")
    assert answer.mimetype == "application/json"
    assert f"certificate-{over.id}.json" in answer.headers["Content-Disposition"]
    assert [page["occasion"] for page in certificates.checked(answer.data)] == ["start", "end"]
