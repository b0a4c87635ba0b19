"""The letters about a change of address, and the copies that were on their way before it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import addresses
from mailer.audience.address_models import AddressChange, AddressLetter
from mailer.audience.models import Subscriber
from mailer.audience.moving import changes
from mailer.audience.moving.changes import Outcome
from mailer.campaigns.models import Campaign
from mailer.delivery import address_letters, biography
from mailer.delivery.smtp.relay import Relay
from mailer.links import Site
from mailer.tokens import Purpose
from tests.audience.steps import PROOF
from tests.delivery.conftest import Clock, Yard
from tests.relays import Sink

pytestmark = pytest.mark.usefixtures("database")
NEW = "rosa@elsewhere.example"
LINK = re.compile(r"/a/([\w.-]+)")


@pytest.fixture
def wish(session: Session, site: Site, rosa: Subscriber, clock: Clock) -> int:
    """Rosa has asked for another address."""
    made = changes.ask(session, clock(), site.keys, rosa.id, addresses.parsed(NEW))
    session.commit()
    return made


def number(site: Site, clock: Clock, mail: bytes) -> int:
    link = LINK.search(mail.decode().replace("=\r\n", ""))
    assert link is not None
    (found,) = tokens.read(site.keys, Purpose.address, link[1], now=clock())
    return found


def test_each_mailbox_gets_one_letter_with_a_link_of_its_own_for_two_days(
    session: Session,
    site: Site,
    relay: Relay,
    smtp_sink: Sink,
    rosa: Subscriber,
    wish: int,
    clock: Clock,
) -> None:
    assert address_letters.due(session, site, clock()) == [wish]
    assert address_letters.send(session, site, relay, wish, clock) == 2
    assert address_letters.send(session, site, relay, wish, clock) == 0
    assert address_letters.due(session, site, clock() + timedelta(days=1)) == []
    assert [mail.rcpt_to for mail in smtp_sink.caught] == [(rosa.email,), (NEW,)]
    for mail in smtp_sink.caught:
        letter = session.get_one(AddressLetter, number(site, clock, mail.content))
        assert f"Message-ID: {letter.message_id}".encode() in mail.content
        assert b"elsewhere" not in mail.content.partition(b"\r\n\r\n")[2]
    clock.wait(hours=49)
    with pytest.raises(tokens.ExpiredToken):
        number(site, clock, smtp_sink.caught[0].content)


def test_a_letter_that_no_relay_takes_is_tried_again_and_the_other_is_not(
    session: Session, site: Site, relay: Relay, smtp_sink: Sink, wish: int, clock: Clock
) -> None:
    smtp_sink.answer("RCPT", "450 4.2.0 Not now", times=1)
    assert address_letters.send(session, site, relay, wish, clock) == 1
    clock.wait(minutes=2)
    assert address_letters.send(session, site, relay, wish, clock) == 1
    assert [mail.rcpt_to for mail in smtp_sink.caught] == [(NEW,), ("rosa@example.org",)]


def test_what_no_relay_takes_is_given_up_within_the_hour(
    session: Session, site: Site, relay: Relay, smtp_sink: Sink, wish: int, clock: Clock
) -> None:
    smtp_sink.answer("RCPT", "450 4.2.0 Not now")
    for _ in range(60):
        address_letters.send(session, site, relay, wish, clock)
        clock.wait(minutes=1)
    owed = session.get_one(AddressChange, wish)
    assert (owed.due_at, owed.tries) == (None, address_letters.MOST_TRIES)


def test_they_wait_for_the_hours_budget_and_none_leaves_where_one_may_not(
    session: Session,
    site: Site,
    relay: Relay,
    smtp_sink: Sink,
    rosa: Subscriber,
    wish: int,
    clock: Clock,
) -> None:
    small = replace(site, confirmations_per_hour=1)
    assert address_letters.send(session, small, relay, wish, clock) == 1
    clock.wait(minutes=2)
    for _ in range(9):
        assert address_letters.send(session, small, relay, wish, clock) == 0
    clock.wait(hours=1)
    assert address_letters.send(session, small, relay, wish, clock) == 1
    for _ in range(2):
        again = changes.ask(session, clock(), site.keys, rosa.id, addresses.parsed(NEW))
        session.commit()
        address_letters.send(session, site, relay, again, clock)
    third = changes.ask(session, clock(), site.keys, rosa.id, addresses.parsed(NEW))
    session.commit()
    assert address_letters.send(session, site, relay, third, clock) == 0
    assert address_letters.due(session, site, clock() + timedelta(days=1)) == []
    assert len(smtp_sink.caught) == 6


@pytest.mark.parametrize("is_composed", [True, False])
def test_a_copy_that_was_frozen_before_the_change_goes_to_neither_mailbox(
    yard: Yard, rosa: Subscriber, wish: int, tides: Campaign, *, is_composed: bool
) -> None:
    """The last question before the dot knows of it, and so does the report."""
    yard.start(tides)
    hold = yard.hold(tides) if is_composed else None
    people = yard.people(hold) if hold else []
    for letter in yard.session.get_one(AddressChange, wish).letters:
        outcome = changes.press(yard.session, yard.clock(), yard.site.keys, letter.id, PROOF)
    assert outcome is Outcome.done
    yard.session.commit()
    if hold:
        assert yard.pass_fence(hold, *people) == 0
    else:
        yard.run(tides)
    (row,) = yard.deliveries(tides)
    assert (row.status, row.reason) == ("excluded", "corrected her address")
    assert row.email == "rosa@example.org"
    told = [one.what for one in biography.sends(yard.session, rosa)]
    assert told == ["Campaign “Tides”: excluded"]
