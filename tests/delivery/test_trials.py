"""A test send: the real message, through the gate, to one of our own people."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import suppressions
from mailer.audience.models import Subscriber
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.delivery import checks, trials
from mailer.delivery.smtp.relay import Relay
from mailer.links import Site
from tests.delivery.conftest import MakeCampaign
from tests.relays import Sink

ALICE = Reader("alice@example.com", "Alice")
pytestmark = pytest.mark.usefixtures("alice")


def test_it_brings_the_message_with_a_link_that_changes_nothing(
    session: Session, site: Site, relay: Relay, tides: Campaign, smtp_sink: Sink, now: datetime
) -> None:
    assert trials.send(session, site, relay, tides, ALICE, now).is_positive
    raw = smtp_sink.caught[0].content
    assert f"List-Unsubscribe: <{site.unsubscribe(0, 0, 0)}>".encode() in raw


def test_it_crosses_the_gate(
    session: Session,
    site: Site,
    relay: Relay,
    make_campaign: MakeCampaign,
    smtp_sink: Sink,
    now: datetime,
) -> None:
    with pytest.raises(checks.Refused):
        trials.send(session, site, relay, make_campaign(body="Buy."), ALICE, now)
    assert smtp_sink.caught == []


@pytest.mark.parametrize("stranger", ["bob@example.com", "rosa@example.org"])
def test_it_goes_to_nobody_but_the_people_who_may_sign_in(
    session: Session,
    site: Site,
    relay: Relay,
    tides: Campaign,
    smtp_sink: Sink,
    now: datetime,
    rosa: Subscriber,
    stranger: str,
) -> None:
    assert rosa
    with pytest.raises(trials.NotOneOfUs):
        trials.send(session, site, relay, tides, Reader(stranger), now)
    assert smtp_sink.caught == []


@pytest.mark.parametrize("scope", [Scope.list, Scope.sender, Scope.everything])
def test_it_does_not_reach_who_has_opted_out(
    session: Session,
    site: Site,
    relay: Relay,
    tides: Campaign,
    smtp_sink: Sink,
    now: datetime,
    scope: Scope,
) -> None:
    key = tokens.fingerprint(site.keys, ALICE.email)
    reach = {Scope.list: tides.lists[0].id, Scope.sender: tides.sender_id, Scope.everything: 0}
    suppressions.suppress(session, now, key, Refusal(scope, reach[scope]))
    with pytest.raises(trials.OptedOut):
        trials.send(session, site, relay, tides, Reader("ALICE@example.com"), now)
    assert smtp_sink.caught == []


def test_a_refusal_by_the_relay_is_told(
    session: Session, site: Site, relay: Relay, tides: Campaign, smtp_sink: Sink, now: datetime
) -> None:
    smtp_sink.answer("RCPT", "550 5.1.1 Nobody here")
    assert trials.send(session, site, relay, tides, ALICE, now).code == 550
