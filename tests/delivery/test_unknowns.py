"""Copies in doubt: noted with their cause, sent again only by a person, settled by news of them."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import claims, launch, resending, statistics, tallies, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.overrides import Acceptance
from mailer.delivery.report_models import Cause, Resolution, Unknown
from mailer.delivery.smtp.relay import Relay, Times
from mailer.links import Site
from tests.delivery.conftest import Yard, message_id
from tests.relays import CLOSE, HANG, Rudeness, RudeRelay, Sink

SAID = Acceptance("bob@example.com")


def doubts(session: Session) -> list[Unknown]:
    session.expire_all()
    return list(session.scalars(sa.select(Unknown).order_by(Unknown.id)))


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [(CLOSE, Cause.close), (HANG, Cause.timeout), (b"what\r\n", Cause.garbage)],
)
def test_silence_after_the_final_dot_is_noted_with_its_cause(
    yard: Yard,
    rude_relay: RudeRelay,
    tides: Campaign,
    rosa: Subscriber,
    behaviour: Rudeness | bytes,
    cause: Cause,
) -> None:
    assert rosa
    rude_relay.behaviour["message"] = behaviour
    yard.start(tides)
    yard.run(tides, Relay.at(rude_relay.url, 0.5, Times.brief(0.5)))
    (doubt,) = doubts(yard.session)
    assert (doubt.cause, doubt.relay, doubt.resolved_at) == (cause, "127.0.0.1", None)
    assert doubt.handed_over_at == yard.clock()
    assert yard.statuses(tides) == {"rosa": "unknown"}


@pytest.mark.usefixtures("database")
def test_what_a_dead_worker_had_on_the_wire_is_noted_once(
    yard: Yard, tides: Campaign, rosa: Subscriber
) -> None:
    assert rosa
    yard.start(tides)
    hold = yard.hold(tides)
    assert yard.pass_fence(hold, *yard.people(hold)) == 1
    (one,) = yard.deliveries(tides)
    yard.clock.wait(minutes=16)
    for _ in range(2):
        claims.reap(yard.session, yard.clock())
        yard.session.commit()
    unknowns.note(yard.session, [one.id], Cause.crash, yard.clock())
    assert [doubt.cause for doubt in doubts(yard.session)] == [Cause.crash]


@pytest.mark.by_hand
@pytest.mark.usefixtures("database")
def test_sending_again_reopens_a_finished_campaign_and_reaches_her(
    yard: Yard, smtp_sink: Sink, doubtful: Campaign
) -> None:
    assert resending.resend(yard.session, yard.site, doubtful, yard.clock(), SAID) == 1
    yard.session.commit()
    assert (doubtful.status, doubtful.finished_at) == (CampaignStatus.running, None)
    yard.run(doubtful)
    assert [one.rcpt_to for one in smtp_sink.caught] == [("rosa@example.org",)]
    assert message_id(yard, doubtful).encode() in smtp_sink.caught[0].content
    (doubt,) = doubts(yard.session)
    assert (doubt.resolution, doubt.actor) == (Resolution.again, "bob@example.com")
    assert yard.statuses(doubtful) == {"rosa": "accepted", "ines": "accepted"}
    assert statistics.is_done(yard.session, doubtful)


@pytest.mark.by_hand
def test_sending_again_days_later_is_dated_that_day(
    yard: Yard, smtp_sink: Sink, doubtful: Campaign
) -> None:
    yard.clock.wait(days=3, hours=2)
    resending.resend(yard.session, yard.site, doubtful, yard.clock(), SAID)
    yard.session.commit()
    yard.run(doubtful)
    assert b"Date: Thu, 05 Mar 2026 17:30:00 +0000" in smtp_sink.caught[0].content


@pytest.mark.usefixtures("database")
def test_who_left_meanwhile_is_not_sent_it_again(
    yard: Yard, smtp_sink: Sink, doubtful: Campaign
) -> None:
    rosa = yard.session.scalars(sa.select(Subscriber).order_by(Subscriber.id)).first()
    assert rosa is not None
    rosa.subscriptions[0].status = SubscriptionStatus.unsubscribed
    yard.session.commit()
    resending.resend(yard.session, yard.site, doubtful, yard.clock(), SAID)
    yard.session.commit()
    yard.run(doubtful)
    assert smtp_sink.caught == []
    assert yard.statuses(doubtful)["rosa"] == "suppressed"


@pytest.mark.usefixtures("database")
def test_a_paused_campaign_stays_paused_until_it_is_resumed(yard: Yard, doubtful: Campaign) -> None:
    doubtful.status = CampaignStatus.paused
    yard.session.commit()
    resending.resend(yard.session, yard.site, doubtful, yard.clock(), SAID)
    assert doubtful.status is CampaignStatus.paused
    assert yard.statuses(doubtful)["rosa"] == "pending"


@pytest.mark.usefixtures("database")
def test_a_cancelled_campaign_sends_nothing_again(yard: Yard, doubtful: Campaign) -> None:
    doubtful.status = CampaignStatus.cancelled
    yard.session.commit()
    with pytest.raises(lifecycle.WrongState):
        resending.resend(yard.session, yard.site, doubtful, yard.clock(), SAID)
    yard.session.rollback()
    assert yard.statuses(doubtful)["rosa"] == "unknown"
    assert unknowns.settle(yard.session, doubtful, yard.clock(), "bob@example.com") == 1


@pytest.mark.usefixtures("database")
def test_the_second_press_finds_nothing_in_doubt(yard: Yard, doubtful: Campaign) -> None:
    unknowns.settle(yard.session, doubtful, yard.clock(), "bob@example.com")
    yard.session.commit()
    with pytest.raises(lifecycle.WrongState):
        resending.resend(yard.session, yard.site, doubtful, yard.clock(), SAID)
    with pytest.raises(lifecycle.WrongState):
        unknowns.settle(yard.session, doubtful, yard.clock(), "bob@example.com")


@pytest.mark.usefixtures("database")
def test_a_copy_that_was_doubtful_twice_has_two_rows(yard: Yard, doubtful: Campaign) -> None:
    resending.resend(yard.session, yard.site, doubtful, yard.clock(), SAID)
    hers = yard.deliveries(doubtful)[0]
    hers.status = DeliveryStatus.unknown
    yard.session.flush()
    unknowns.note(yard.session, [hers.id], Cause.timeout, yard.clock())
    assert [doubt.resolution for doubt in doubts(yard.session)] == [Resolution.again, None]
    found = unknowns.of_deliveries(yard.session, [hers.id])
    assert [one.cause for one in found[hers.id]] == [Cause.close, Cause.timeout]


@pytest.mark.usefixtures("database")
def test_kept_counts_follow_what_was_decided(yard: Yard, doubtful: Campaign) -> None:
    tallies.begin(yard.session, doubtful.id)
    yard.session.commit()
    assert statistics.report(yard.session, doubtful).states[DeliveryStatus.unknown] == 1
    unknowns.settle(yard.session, doubtful, yard.clock(), "bob@example.com")
    yard.session.commit()
    states = statistics.report(yard.session, doubtful).states
    assert (states[DeliveryStatus.unknown], states[DeliveryStatus.accepted]) == (0, 2)


@pytest.mark.parametrize("status", [CampaignStatus.finished, CampaignStatus.running])
def test_a_campaign_that_has_set_off_is_never_started_again(
    session: Session, site: Site, doubtful: Campaign, now: datetime, status: CampaignStatus
) -> None:
    doubtful.status = status
    session.commit()
    with pytest.raises(lifecycle.WrongState):
        launch.start(session, site, doubtful, now, SAID)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 2
