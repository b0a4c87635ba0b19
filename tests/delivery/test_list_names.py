"""The name of a list stands in the mail that asks readers to confirm, and must let it pass."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.delivery import list_names
from mailer.delivery.list_names import BadName
from mailer.links import Site
from tests.delivery.conftest import Clock

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    "name", ["Harbor Letters", "Wöchentliches für Gärtner", "Deals", "A", "Club of the 50", "<b>x"]
)
def test_a_name_that_says_what_comes_is_good(
    session: Session, site: Site, sender: Sender, clock: Clock, name: str
) -> None:
    list_names.demand_good(session, site, sender, name, clock())
    assert list_names.hindrances(session, site, sender, name, clock()) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("50% OFF TODAY", "R25, the message is not of the kind .* 50% OFF TODAY"),
        ("Sale: 20 % off everything", "R25"),
        ("{{ list.name }}", "R11, a placeholder was not filled in"),
    ],
)
def test_a_name_that_keeps_the_mail_from_leaving_is_refused_with_the_reason(
    session: Session, site: Site, sender: Sender, clock: Clock, name: str, why: str
) -> None:
    with pytest.raises(BadName, match=why) as refusal:
        list_names.demand_good(session, site, sender, name, clock())
    assert list_names.ADVICE in str(refusal.value)


def test_a_fault_of_the_sender_is_told_and_not_blamed_on_the_name(
    session: Session, site: Site, sender: Sender, clock: Clock
) -> None:
    sender.attested_on = clock().date() - timedelta(days=400)
    list_names.demand_good(session, site, sender, "Harbor Letters", clock())
    ((told, fix),) = list_names.hindrances(session, site, sender, "Harbor Letters", clock())
    assert told.startswith("R15, the sender record is incomplete or not confirmed")
    assert "confirm it again every 12 months" in fix
    both = list_names.hindrances(session, site, sender, "50% OFF TODAY", clock())
    assert [fix == list_names.ADVICE for _, fix in both] == [False, True]
    with pytest.raises(BadName, match="R25"):
        list_names.demand_good(session, site, sender, "50% OFF TODAY", clock())
