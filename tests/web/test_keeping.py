"""Retention for staff: periods, counts, runs and holds by hand."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, clockwork, desk
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList, Subscriber
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import audience, statistics, tallies
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.privacy.keeping import holds, periods, runs
from mailer.privacy.keeping.classes import Class
from tests.visitors import post, sign_in


@pytest.fixture
def admin(client: FlaskClient, alice: User) -> FlaskClient:
    sign_in(client, alice)
    return client


def test_a_period_is_changed_within_its_bounds(admin: FlaskClient, session: Session) -> None:
    assert post(admin, "/retention/periods/analytics", {"length": "13"}).status_code == 302
    session.rollback()
    assert periods.in_force(session)[Class.analytics] == 13
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_id is not None) == ("retention.set", True)
    session.rollback()
    refused = post(admin, "/retention/periods/requests", {"length": "23"})
    assert (refused.status_code, "At least 24 months" in refused.text) == (422, True)
    assert post(admin, "/retention/periods/requests", {"length": "two"}).status_code == 422
    assert post(admin, "/retention/periods/nothing", {"length": "2"}).status_code == 404


def test_a_run_is_begun_here_done_by_the_clock_and_reported(
    app: Flask, admin: FlaskClient, session: Session
) -> None:
    counted = post(admin, "/retention/runs", {"dry": "yes"})
    assert "What would go" in admin.get(counted.location).text
    begun = post(admin, "/retention/runs", {})
    assert "Under way" in admin.get(begun.location).text
    bar = {"HX-Request": "true"}
    assert "<html" not in admin.get(begun.location, headers=bar).text
    assert post(admin, "/retention/runs", {}).location == begun.location  # it is the same
    session.rollback()
    clockwork.keep_house(app)
    assert "What is gone" in admin.get(begun.location).text
    assert admin.get(begun.location, headers=bar).headers["HX-Refresh"] == "true"
    session.rollback()
    assert runs.under_way(session) is None


def test_of_an_old_campaign_the_report_stays_and_says_that_the_people_are_gone(
    app: Flask, admin: FlaskClient, session: Session, rosa: Subscriber, letters: MailingList
) -> None:
    old = clock.now() - timedelta(days=1200)
    times = {"created_at": old, "updated_at": old, "finished_at": old}
    campaign = Campaign(
        sender_id=letters.sender_id, name="Tides", subject="Tides", lists=[letters], **times
    )
    campaign.status = CampaignStatus.finished
    session.add(campaign)
    session.flush()
    audience.freeze(session, campaign, old)
    session.execute(sa.update(Delivery).values(status=DeliveryStatus.accepted))
    tallies.forget(session, campaign.id)
    runs.begin(session, clock.now(), desk.where().zone, "a test")
    session.commit()
    clockwork.keep_house(app)
    assert session.scalars(sa.select(Delivery)).all() == []
    where = f"/campaigns/{campaign.id}/report"
    session.rollback()
    assert "Not kept any more" in admin.get(f"{where}/people").text
    assert admin.get(where).status_code == 200
    session.rollback()
    assert statistics.report(session, campaign).states[DeliveryStatus.accepted] == 1
    assert rosa.email


def test_a_hold_is_placed_and_ended(
    admin: FlaskClient, session: Session, rosa: Subscriber, letters: MailingList
) -> None:
    person = {"held": "person", "which": rosa.email, "reason": "a lawsuit", "until": "2999-01-01"}
    assert post(admin, "/retention/holds", person).status_code == 302
    whole = {"held": "list", "which": str(letters.id), "reason": "a lawsuit"}
    assert post(admin, "/retention/holds", whole).status_code == 302
    for wrong in ({"which": "x"}, {"which": "99"}, {"reason": ""}, {"until": "2001-01-01"}):
        assert post(admin, "/retention/holds", {**whole, **wrong}).status_code == 422
    page = admin.get("/retention/").text
    assert page.count("on hold</span>") == 2
    assert rosa.email not in page
    assert post(admin, "/retention/holds/1/end", {"reason": ""}).status_code == 422
    assert post(admin, "/retention/holds/1/end", {"reason": "settled"}).status_code == 302
    session.rollback()
    assert [one.ended_by for one in holds.everything(session)] == ["", "alice@example.com"]
