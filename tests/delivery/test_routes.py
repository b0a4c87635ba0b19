"""Several relays: read from the settings, chosen by sender, each in order by itself."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from mailer.compliance.readiness import Transfer
from mailer.delivery import fitness, relays, routes
from mailer.delivery.lands import Lands
from mailer.delivery.relay_models import SeedResult, SeedState
from mailer.delivery.smtp.relay import BadRelay
from tests.databases import settings
from tests.delivery.conftest import Yard

TWO = (
    "smtps://user:word@one.example?weight=3&connections=8&messages=50 "
    "smtps://two.example?senders=a.example,B.example"
)


def test_each_relay_says_its_part_of_the_work() -> None:
    one, two = routes.read(TWO, 5)
    assert (one.host, one.weight, one.connections, one.relay.messages) == ("one.example", 3, 8, 50)
    assert two.weight == 1
    assert two.senders == {"a.example", "b.example"}


@pytest.mark.parametrize(
    "urls",
    [
        "",
        "smtps://one.example?weight=0",
        "smtps://one.example?weight=much",
        "smtps://one.example?connections=-1",
        "smtps://one.example?colour=red",
        "smtps://one.example smtps://one.example:2465",
    ],
)
def test_what_cannot_be_read_is_refused(urls: str) -> None:
    with pytest.raises(BadRelay):
        routes.read(urls, 5)


def test_a_named_senders_mail_goes_nowhere_else() -> None:
    one, two = given = routes.read(TWO, 5)
    assert routes.of_sender(given, "a.example") == [two]
    assert routes.of_sender(given, "c.example") == [one]
    assert routes.of_sender((two,), "c.example") == []
    assert routes.usual(given) == one


def test_the_settings_and_the_links_know_whose_mail_goes_where(tmp_path: object) -> None:
    config = settings(tmp_path, "sqlite://", smtp_url=TWO)  # type: ignore[arg-type]
    assert config.relay_host == "one.example"
    assert config.routed == {"a.example": "two.example", "b.example": "two.example"}
    assert settings(tmp_path, "sqlite://", smtp_url="").relay_host == ""  # type: ignore[arg-type]


@pytest.mark.usefixtures("database")
def test_a_relay_that_is_not_in_order_carries_nothing(
    yard: Yard, session: Session, tides: Campaign
) -> None:
    given = routes.read("smtps://one.example smtps://two.example", 5)
    site = yard.site.through("one.example")
    production = type(site)(site.public_url, site.keys, relay_host="one.example")
    later = yard.clock() + timedelta(days=20)
    assert hosts(session, production, tides, given, later) == ["one.example"]
    details = relays.Details(
        name="Two",
        host="two.example",
        legal_entity="Two Ltd",
        country="US",
        is_own=True,
        transfer=Transfer.none,
        transfer_checked_on=None,
        contract="",
    )
    relays.register(session, later, details)
    assert hosts(session, production, tides, given, later) == ["one.example"]
    passed = {"state": SeedState.passed, "sent_at": later, "received_at": later}
    session.add(SeedResult(campaign_id=tides.id, host="two.example", created_at=later, **passed))
    session.commit()
    assert hosts(session, production, tides, given, later) == ["one.example", "two.example"]


def hosts(
    session: Session, site: object, campaign: Campaign, given: object, at: object
) -> list[str]:
    fit = fitness.fit(session, site, campaign, given, at, Lands())  # type: ignore[arg-type]
    return [route.host for route in fit]
