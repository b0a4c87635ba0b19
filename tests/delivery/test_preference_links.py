"""The mail with the link to a reader's own page."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience.joining import limits
from mailer.audience.joining.models import AskedMail
from mailer.audience.models import Subscriber, Subscription
from mailer.delivery import preference_links
from mailer.delivery.smtp.relay import Relay
from mailer.links import Site
from mailer.tokens import Purpose
from tests.delivery.conftest import Clock
from tests.relays import Sink

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def owed(session: Session, rosa: Subscriber, clock: Clock) -> int:
    """Rosa has asked for her link."""
    asked = limits.note(session, clock(), b"k" * 32, None)
    asked.subscriber_id, asked.due_at = rosa.id, clock()
    session.commit()
    return asked.id


def test_it_leaves_once_with_a_link_that_works_for_a_day(
    session: Session,
    site: Site,
    relay: Relay,
    smtp_sink: Sink,
    rosa: Subscriber,
    owed: int,
    clock: Clock,
) -> None:
    assert preference_links.due(session, site, clock()) == [owed]
    assert preference_links.send(session, site, relay, owed, clock)
    assert not preference_links.send(session, site, relay, owed, clock)
    (mail,) = smtp_sink.caught
    assert mail.rcpt_to == ("rosa@example.org",)
    token = mail.content.decode().replace("=\r\n", "").split("/p/")[1].split()[0].split('"')[0]
    later = clock() + timedelta(hours=23)
    assert tokens.read(site.keys, Purpose.preferences, token, now=later) == (
        rosa.id,
        tokens.part(rosa.address_key),
    )
    clock.wait(hours=25)
    assert preference_links.due(session, site, clock()) == []


def test_what_no_relay_takes_is_given_up_within_the_hour(
    session: Session, site: Site, relay: Relay, smtp_sink: Sink, owed: int, clock: Clock
) -> None:
    smtp_sink.answer("RCPT", "450 4.2.0 Not now")
    for _ in range(60):
        preference_links.send(session, site, relay, owed, clock)
        clock.wait(minutes=1)
    asked = session.get_one(AskedMail, owed)
    assert (asked.due_at, asked.tries) == (None, preference_links.MOST_TRIES)


def test_it_waits_for_the_hours_budget(
    session: Session, site: Site, relay: Relay, smtp_sink: Sink, owed: int, clock: Clock
) -> None:
    small = replace(site, confirmations_per_hour=1)
    assert limits.leaves(session, clock(), 1)
    session.commit()
    assert preference_links.due(session, small, clock()) == []
    assert not preference_links.send(session, small, relay, owed, clock)
    clock.wait(hours=1)
    assert preference_links.send(session, small, relay, owed, clock)
    assert len(smtp_sink.caught) == 1


def test_who_is_gone_meanwhile_gets_none(
    session: Session, site: Site, relay: Relay, rosa: Subscriber, owed: int, clock: Clock
) -> None:
    session.query(Subscription).delete()
    session.delete(rosa)
    session.commit()
    assert not preference_links.send(session, site, relay, owed, clock)
