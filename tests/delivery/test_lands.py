"""The countries of an audience are remembered for some minutes, but not by what lets it go."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Subscriber
from mailer.audience.segments import catalogue, rules
from mailer.audience.segments.models import Segment
from mailer.campaigns.models import Campaign
from mailer.delivery import checks, lands, segmenting
from mailer.delivery.lands import LASTS, Lands
from mailer.links import Site

AUSTRIA, FRANCE = frozenset({"AT"}), frozenset({"FR"})


@pytest.fixture
def somewhere(session: Session, rosa: Subscriber) -> Subscriber:
    """Rosa, who says that she is in Austria."""
    rosa.attributes = {"country": "AT"}
    session.commit()
    return rosa


def test_an_audience_is_gone_through_once_in_ten_minutes(
    session: Session, tides: Campaign, somewhere: Subscriber, now: datetime
) -> None:
    known = Lands()
    assert known.of(session, tides, now) == AUSTRIA
    somewhere.attributes = {"country": "FR"}
    assert known.of(session, tides, now + LASTS - timedelta(seconds=1)) == AUSTRIA
    assert known.of(session, tides, now + LASTS) == FRANCE
    assert Lands().of(session, tides, now) == FRANCE


def test_another_choice_of_readers_is_asked_about_anew(
    session: Session,
    tides: Campaign,
    letters: MailingList,
    somewhere: Subscriber,
    now: datetime,
) -> None:
    known = Lands()
    assert known.of(session, tides, now) == AUSTRIA
    letters.countries = "US"
    assert known.of(session, tides, now) == AUSTRIA | {"US"}
    letters.countries = ""
    nobody = {"mode": "none", "rules": [{"about": "email", "op": "contains", "value": "@"}]}
    tree = rules.parsed(nobody, segmenting.offers(session))
    number = catalogue.create(session, now, "Nobody", tree)
    tides.segments = [session.get_one(Segment, number)]
    assert known.of(session, tides, now) is None
    assert somewhere.attributes == {"country": "AT"}


def test_what_lets_a_campaign_go_asks_the_database(
    session: Session, site: Site, tides: Campaign, somewhere: Subscriber, now: datetime
) -> None:
    known = Lands()
    assert known.of(session, tides, now) == AUSTRIA
    somewhere.attributes = {"country": "FR"}
    session.flush()
    assert checks.office_of(session, site, tides, now, known.of).audience_countries == AUSTRIA
    assert checks.office_of(session, site, tides, now).audience_countries == FRANCE
    assert checks.demand_lawful(session, site, tides, now).office.audience_countries == FRANCE


def test_no_more_is_remembered_than_a_hundred_audiences(
    session: Session, tides: Campaign, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lands, "MOST", 2)
    known = Lands()
    for topic in range(5):
        tides.topic_id = topic
        with session.no_autoflush:
            known.of(session, tides, now)
        assert len(known.known) <= 2
