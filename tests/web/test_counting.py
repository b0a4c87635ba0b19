"""Pages among very many readers: they come first, and what is counted over everybody follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience.models import Subscriber
from mailer.audience.segments import catalogue, rules
from mailer.audience.words import SubscriberStatus
from mailer.campaigns.models import CampaignStatus
from mailer.db import db
from mailer.delivery import audience, reach, segmenting
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.incidents import affected
from mailer.privacy.incidents import register as incidents
from mailer.privacy.incidents.register import Facts
from mailer.privacy.keeping import runs
from mailer.privacy.requests import register
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.words import Channel, Kind
from mailer.web import campaigns
from tests.visitors import post, sign_in
from tests.web.conftest import Write, form_of

pytestmark = pytest.mark.usefixtures("rosa", "crowd")

RULES = {"mode": "all", "rules": [{"about": "name", "key": "", "op": "begins", "value": "ro"}]}
EVERYBODY = ("count(subscribers", "count(*)", "DISTINCT")


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is there is a crowd."""
    monkeypatch.setattr(reach, "CROWD", 0)


@pytest.fixture
def admin(client: FlaskClient, alice: User) -> FlaskClient:
    sign_in(client, alice)
    return client


@contextmanager
def statements() -> Iterator[list[str]]:
    """Yield what is asked of the database meanwhile."""
    found: list[str] = []

    def note(*given: object) -> None:
        found.append(str(given[2]))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(db.engine, "before_cursor_execute", note)


def gone_through(found: list[str]) -> list[str]:
    """Return the statements that read all readers."""
    return [one for one in found if "subscribers" in one and any(way in one for way in EVERYBODY)]


def test_a_segments_page_comes_first_and_its_count_follows(
    visitor: FlaskClient, session: Session, now: datetime
) -> None:
    tree = rules.parsed(RULES, segmenting.offers(session))
    number = catalogue.create(session, now, "Ro", tree)
    session.commit()
    with statements() as found:
        page = visitor.get(f"/segments/{number}").text
        builder = visitor.get(f"/segments/{number}/edit").text
    assert f'hx-get="/segments/{number}?counted=yes"' in page
    assert "Counting among all readers" in builder
    assert gone_through(found) == []
    assert "<strong>1</strong> reader" in visitor.get(f"/segments/{number}?counted=yes").text
    form = {"r.mode": "all", "r.0.about": "name:", "r.0.op": "begins", "r.0.value": "ro"}
    assert "<strong>1</strong> reader" in post(visitor, f"/segments/{number}/sketch", form).text


@pytest.mark.parametrize("status", [CampaignStatus.draft, CampaignStatus.paused])
def test_a_campaigns_page_comes_first_and_its_verdict_follows(
    visitor: FlaskClient, session: Session, write: Write, status: CampaignStatus
) -> None:
    campaign = write(body="Buy now!")
    campaign.status = status
    session.commit()
    here = f"/campaigns/{campaign.id}"
    with statements() as found:
        page = visitor.get(here).text
    assert f'hx-get="{here}?counted=yes"' in page
    assert "R16" not in page
    assert gone_through(found) == []
    whole = visitor.get(f"{here}?counted=yes").text
    assert "R16" in whole
    assert 'hx-trigger="load"' not in whole
    assert ("Would be mailed" in whole) is (status in campaigns.WAITING)


def test_the_composer_opens_at_once_and_asks_the_gate_itself(
    visitor: FlaskClient, write: Write
) -> None:
    campaign = write(body="Buy now!")
    with statements() as found:
        page = visitor.get(f"/campaigns/{campaign.id}/edit").text
    assert f'id="gate-live" hx-post="/campaigns/{campaign.id}/check"' in page
    assert gone_through(found) == []
    assert "R16" in post(visitor, f"/campaigns/{campaign.id}/check", form_of(campaign)).text


def test_an_incidents_page_comes_first_and_whom_no_mail_may_reach_follows(
    admin: FlaskClient, session: Session, rosa: Subscriber, now: datetime
) -> None:
    incident = incidents.enter(session, now, "a test", Facts("A stolen laptop", now, now))
    affected.add_everybody(session, incident.id)
    rosa.status = SubscriberStatus.disabled
    session.commit()
    here = f"/incidents/{incident.id}"
    with statements() as found:
        page = admin.get(here).text
    assert f'hx-get="{here}?counted=yes"' in page
    assert gone_through(found) == []
    whole = admin.get(f"{here}?counted=yes").text
    assert "1 of them no mail may reach" in whole
    assert 'hx-trigger="load"' not in whole


@pytest.mark.parametrize("page", ["/requests/", "/requests/1", "/incidents/", "/retention/"])
def test_the_desk_asks_as_often_among_many_as_among_few(
    admin: FlaskClient, session: Session, rosa: Subscriber, now: datetime, page: str
) -> None:
    def enter(number: int) -> int:
        """Enter so many more of each; return how often the page asks then."""
        key = rosa.address_key
        asked = Asked(Kind.complaint, Regime.gdpr, Channel.letter, now, key, rosa.email)
        for _ in range(number):
            register.receive(session, now, Desk(), asked, "a test")
            incidents.enter(session, now, "a test", Facts("A stolen laptop", now, now))
            runs.rehearse(session, now, ZoneInfo("UTC"), "a test")
        session.commit()
        admin.get(page)  # what a process keeps is kept by now
        with statements() as found:
            assert admin.get(page).status_code == 200
        return len(found)

    assert enter(1) == enter(12)


def test_nothing_is_put_off_while_readers_are_few(
    visitor: FlaskClient, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "CROWD", 50_000)
    page = visitor.get(f"/campaigns/{write(body='Buy now!').id}").text
    assert "R16" in page
    assert "counted=yes" not in page


def test_examples_are_the_same_wherever_they_are_looked_for(
    session: Session, write: Write, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = write()

    def examples() -> list[int]:
        ends = [audience.edge(session, campaign, now, 2, is_newest=end) for end in (True, False)]
        return [one.id for end in ends for one in end]

    everybody = examples()
    monkeypatch.setattr(audience, "NEAR", 1)
    assert everybody
    assert examples() == everybody
