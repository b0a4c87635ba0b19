"""A letter is its writer's, too, while she still stands under a former suppression key."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.accounts.models import User
from mailer.audience import suppressions
from mailer.audience.models import Subscriber
from mailer.audience.words import Scope
from mailer.links import Site
from mailer.privacy.letters import desk, post
from mailer.privacy.letters.models import Answer, Letter
from tests.privacy.letters.conftest import DESK
from tests.privacy.letters.specimens import letter

pytestmark = pytest.mark.usefixtures("letters")


@pytest.fixture
def turned(site: Site) -> Site:
    """The site with a second key, and the first behind it."""
    keys = site.keys
    second = "2:" + "7c1e90b3d5f2a846" * 4
    return replace(site, keys=replace(keys, suppression=second, former=(keys.suppression,)))


def read(session: Session, site: Site, now: datetime, words: str) -> Letter:
    raw = letter(words, author="rosa@example.org")
    told = {"mail_from": "rosa@example.org", "recipient": DESK, "raw": raw, "size": len(raw)}
    kept = Letter(received_at=now, **told)
    session.add(kept)
    session.commit()
    post.read(session, site, kept.id, now)
    session.commit()
    return kept


def assert_left_alone(session: Session, site: Site, rosa: Subscriber) -> None:
    session.refresh(rosa)
    assert rosa.address_key == tokens.fingerprint(site.keys, rosa.email)
    assert [one.scope for one in suppressions.in_force(session, rosa.address_key)] == [Scope.sender]
    assert [one.status.value for one in rosa.subscriptions] == ["unsubscribed"]


def test_who_stands_under_a_former_key_is_left_alone_at_once(
    session: Session, turned: Site, now: datetime, rosa: Subscriber
) -> None:
    kept = read(session, turned, now, "Please take me off")
    assert (kept.doubt, kept.from_key) == ("", rosa.address_key)
    assert_left_alone(session, turned, rosa)


def test_a_person_s_word_reaches_who_stood_under_a_former_key(
    session: Session, site: Site, turned: Site, now: datetime, rosa: Subscriber, alice: User
) -> None:
    kept = read(session, site, now, "I wonder about something")
    desk.answer(session, turned, kept, Answer.opt_out, alice, now)
    session.commit()
    assert_left_alone(session, turned, rosa)
