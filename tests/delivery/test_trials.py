"""A test send: the real message, through the gate, to one of our own people."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import suppressions
from mailer.audience.models import Scope
from mailer.audience.suppressions import Refusal
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.delivery import checks, trials
from mailer.delivery.smtp import Relay
from mailer.links import Site
from tests.delivery.conftest import MakeCampaign
from tests.relays import Sink

ALICE = Reader("alice@example.com", "Alice")


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


def test_it_does_not_reach_who_has_opted_out_of_the_sender(
    session: Session, site: Site, relay: Relay, tides: Campaign, smtp_sink: Sink, now: datetime
) -> None:
    key = tokens.fingerprint(site.keys, ALICE.email)
    suppressions.suppress(session, now, key, Refusal(Scope.sender, tides.sender_id))
    with pytest.raises(trials.OptedOut):
        trials.send(session, site, relay, tides, Reader("ALICE@example.com"), now)
    assert smtp_sink.caught == []


def test_a_refusal_by_the_relay_is_told(
    session: Session, site: Site, relay: Relay, tides: Campaign, smtp_sink: Sink, now: datetime
) -> None:
    smtp_sink.answer("RCPT", "550 5.1.1 Nobody here")
    assert trials.send(session, site, relay, tides, ALICE, now).code == 550
