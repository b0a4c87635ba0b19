"""The mail that asks a reader to confirm."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import addresses, consent, subscriptions
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Subscription
from mailer.delivery import confirmations
from mailer.delivery.smtp.relay import Relay
from mailer.links import Site
from mailer.tokens import Purpose
from tests.delivery.conftest import Clock
from tests.relays import HANG, RudeRelay, Sink

EVIDENCE = consent.Evidence(shown="Yes, mail me.", page="/subscribe/letters")


@pytest.fixture
def owed(session: Session, site: Site, letters: MailingList, clock: Clock, database: str) -> int:
    """Rosa filled in the form, with a name that is no name."""
    assert database
    rosa = Person(addresses.parsed("rosa@example.org"), "Rosa Visits")
    found = subscriptions.sign_up(session, clock(), site.keys, letters, rosa, EVIDENCE)
    session.commit()
    assert found is not None
    return found


def test_it_carries_a_link_of_its_own_and_nothing_that_a_visitor_wrote(
    session: Session, site: Site, owed: int, relay: Relay, smtp_sink: Sink, clock: Clock
) -> None:
    assert confirmations.due(session, site, clock()) == [owed]
    assert confirmations.send(session, site, relay, owed, clock)
    mail = smtp_sink.caught[0]
    assert mail.rcpt_to == ("rosa@example.org",)
    assert b"Visits" not in mail.content
    message = message_from_bytes(mail.content, policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    text = part.get_content()
    token = text.split("/c/")[1].split()[0]
    assert tokens.read(site.keys, Purpose.confirm, token, now=clock()) == (owed, 1)
    assert "Harbor Press LLC" in text
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None


def test_it_is_sent_once(
    session: Session, site: Site, owed: int, relay: Relay, smtp_sink: Sink, clock: Clock
) -> None:
    confirmations.send(session, site, relay, owed, clock)
    clock.wait(hours=5)
    assert confirmations.due(session, site, clock()) == []
    assert not confirmations.send(session, site, relay, owed, clock)
    assert len(smtp_sink.caught) == 1


@pytest.mark.parametrize("moment", ["greeting", "MAIL", "message"])
def test_what_did_not_leave_is_tried_again(
    session: Session, site: Site, owed: int, rude_relay: RudeRelay, clock: Clock, moment: str
) -> None:
    rude_relay.behaviour[moment] = HANG
    rude = Relay.at(rude_relay.url, 0.2)
    assert not confirmations.send(session, site, rude, owed, clock)
    assert confirmations.due(session, site, clock()) == []
    clock.wait(minutes=1)
    assert confirmations.due(session, site, clock()) == [owed]
    rude_relay.behaviour.clear()
    assert confirmations.send(session, site, rude, owed, clock)


def test_it_gives_up_within_a_day(
    session: Session, site: Site, owed: int, smtp_sink: Sink, relay: Relay, clock: Clock
) -> None:
    smtp_sink.answer("RCPT", "450 4.2.0 Not now")
    begun = clock()
    while confirmations.due(session, site, clock() + timedelta(days=1)):
        confirmations.send(session, site, relay, owed, clock)
        clock.wait(minutes=1)
        assert clock() - begun < timedelta(days=1)
    subscription = session.get_one(Subscription, owed)
    assert subscription.confirmation_sent_at is None
