"""The ways a campaign sets off, and what stands in each of them."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry
from mailer.audience import suppressions
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope
from mailer.campaigns import lifecycle
from mailer.campaigns.lifecycle import WrongState
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.delivery import audience, checks, launch
from mailer.delivery.launch import NoAudience, PastTime
from mailer.delivery.models import Delivery
from mailer.links import Site
from tests.conftest import MakeReader
from tests.delivery.conftest import Clock, MakeCampaign

pytestmark = pytest.mark.usefixtures("database")


def test_the_gate_stands_in_the_way_of_every_start(
    session: Session, site: Site, rosa: Subscriber, make_campaign: MakeCampaign, now: datetime
) -> None:
    assert rosa
    unlawful = make_campaign(body="Buy now.")
    later = now + timedelta(days=1)
    with pytest.raises(checks.Refused) as refusal:
        launch.start(session, site, unlawful, now)
    assert {"R13", "R14", "R16"} <= {found.rule for found in refusal.value.verdict.refusals}
    with pytest.raises(checks.Refused):
        launch.schedule(session, site, unlawful, later, now)
    lifecycle.start(session, unlawful, now)
    lifecycle.pause(session, unlawful, now)
    with pytest.raises(checks.Refused):
        launch.resume(session, site, unlawful, now)
    assert session.scalars(sa.select(Delivery)).all() == []


def entries(session: Session) -> list[tuple[str, str, str]]:
    """Return the audit log: who did what, and why."""
    found = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
    return [(one.actor, one.action, one.reason) for one in found]


def test_a_draft_that_became_unlawful_after_scheduling_is_held_with_the_reason(
    session: Session, site: Site, rosa: Subscriber, tides: Campaign, clock: Clock
) -> None:
    assert rosa
    launch.schedule(session, site, tides, clock() + timedelta(minutes=30), clock())
    tides.sender.address_lines = ""
    session.commit()
    clock.wait(minutes=31)
    assert list(launch.start_due(session, site, clock())) == [tides]
    assert tides.status is CampaignStatus.draft
    assert "gate refused" in tides.hold_reason
    assert entries(session) == [("mailer", "campaign.unschedule", tides.hold_reason)]


def test_a_scheduled_campaign_starts_when_it_is_due_and_not_before(
    session: Session, site: Site, rosa: Subscriber, tides: Campaign, clock: Clock
) -> None:
    assert rosa
    launch.schedule(session, site, tides, clock() + timedelta(minutes=30), clock())
    session.commit()
    assert list(launch.start_due(session, site, clock())) == []
    clock.wait(minutes=30)
    assert list(launch.start_due(session, site, clock())) == [tides]
    assert tides.status is CampaignStatus.running
    assert len(session.scalars(sa.select(Delivery)).all()) == 1
    assert entries(session) == [("mailer", "campaign.start", "as scheduled")]


def test_a_schedule_found_long_after_its_time_waits_for_a_person(
    session: Session, site: Site, rosa: Subscriber, tides: Campaign, clock: Clock
) -> None:
    """As after an outage, or a backup restored on another machine."""
    assert rosa
    launch.schedule(session, site, tides, clock() + timedelta(minutes=30), clock())
    session.commit()
    clock.wait(hours=5)
    list(launch.start_due(session, site, clock()))
    assert tides.status is CampaignStatus.draft
    assert "long past" in tides.hold_reason


def test_a_campaign_without_audience_says_who_was_left_out_and_why(
    session: Session, site: Site, make_reader: MakeReader, tides: Campaign, now: datetime
) -> None:
    make_reader("early", status="unconfirmed")
    make_reader("gone", status="unsubscribed")
    with pytest.raises(NoAudience) as nobody:
        launch.start(session, site, tides, now)
    assert nobody.value.arithmetic == {"unconfirmed": 1, "unsubscribed": 1}
    assert tides.status is CampaignStatus.draft


def test_a_second_start_changes_nothing(
    session: Session, site: Site, rosa: Subscriber, tides: Campaign, now: datetime
) -> None:
    assert rosa
    launch.start(session, site, tides, now)
    session.commit()
    with pytest.raises(WrongState):
        launch.start(session, site, tides, now)
    session.rollback()
    assert len(session.scalars(sa.select(Delivery)).all()) == 1


def test_nothing_is_scheduled_for_the_past(
    session: Session, site: Site, rosa: Subscriber, tides: Campaign, now: datetime
) -> None:
    assert rosa
    with pytest.raises(PastTime):
        launch.schedule(session, site, tides, now, now)


def test_who_is_on_two_lists_gets_one_copy_through_one_that_lets_her(
    session: Session,
    site: Site,
    rosa: Subscriber,
    letters: MailingList,
    make_campaign: MakeCampaign,
    now: datetime,
) -> None:
    offers = MailingList(
        public_id="offers", name="Offers", sender_id=letters.sender_id, created_at=now
    )
    session.add(offers)
    session.flush()
    session.add(
        Subscription(subscriber_id=rosa.id, list_id=offers.id, status="confirmed", created_at=now)
    )
    refusal = Refusal(Scope.list, letters.id)
    suppressions.suppress(session, now, rosa.address_key, refusal)
    both = make_campaign(list_ids=(letters.id, offers.id))
    launch.start(session, site, both, now)
    delivery = session.scalars(sa.select(Delivery)).one()
    assert (delivery.list_id, delivery.status.value) == (offers.id, "pending")


@pytest.mark.parametrize("scope", list(Scope))
def test_a_suppression_of_each_scope_keeps_her_out(
    session: Session, rosa: Subscriber, tides: Campaign, now: datetime, scope: Scope
) -> None:
    rosa.domain_key = b"d" * 32
    reach = {Scope.list: tides.lists[0].id, Scope.sender: tides.sender_id}
    key = rosa.domain_key if scope is Scope.domain else rosa.address_key
    suppressions.suppress(session, now, key, Refusal(scope, reach.get(scope, 0)))
    assert audience.arithmetic(session, tides, now) == {"suppressed": 1}


@pytest.mark.parametrize("scope", [Scope.list, Scope.sender])
def test_a_suppression_of_another_list_or_sender_does_not(
    session: Session, rosa: Subscriber, tides: Campaign, now: datetime, scope: Scope
) -> None:
    suppressions.suppress(session, now, rosa.address_key, Refusal(scope, 999))
    assert audience.arithmetic(session, tides, now) == {"": 1}


def test_what_somebody_saved_meanwhile_is_what_the_gate_judges(
    app: Flask, session: Session, site: Site, rosa: Subscriber, tides: Campaign, now: datetime
) -> None:
    assert rosa
    assert "legal_footer" in tides.body  # read, and now as old as this session
    session.commit()
    assert tides.body
    session.rollback()
    with app.app_context(), db.engine.begin() as elsewhere:
        elsewhere.execute(sa.update(Campaign).values(body="Buy now."))
    with pytest.raises(checks.Refused):
        launch.start(session, site, tides, now)


def test_a_campaign_that_is_being_judged_cannot_be_edited(
    app: Flask,
    session: Session,
    rosa: Subscriber,
    tides: Campaign,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert rosa
    launch.grasp(session, tides)
    monkeypatch.setattr("mailer.db.PATIENCE", 0.2)
    with app.app_context(), db.engine.connect() as elsewhere:
        if elsewhere.dialect.name == "postgresql":
            driver = elsewhere.connection.driver_connection
            assert driver is not None
            driver.execute("SET lock_timeout = '200ms'")
        with pytest.raises(OperationalError):
            elsewhere.execute(sa.update(Campaign).values(body="Buy now."))
