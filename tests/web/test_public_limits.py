"""How often a form may be sent: by one visitor, and for one mailbox."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.links import Site
from tests.conftest import ConfigFor, MakeReader
from tests.sign_ups import sign_up, take_up, ticket


@pytest.fixture
def config(config_for: ConfigFor, sqlite_url: str) -> Config:
    """The limits are on here."""
    return config_for(sqlite_url, rate_limits=True)


@pytest.mark.usefixtures("letters")
def test_one_visitor_cannot_sign_up_half_the_town(
    client: FlaskClient, session: Session, site: Site
) -> None:
    answers = [sign_up(client, site, f"r{one}@example.org") for one in range(12)]
    take_up(session, site)
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert "Retry-After" in answers[-1].headers
    assert session.query(Subscriber).count() == 10


@pytest.mark.usefixtures("letters")
def test_many_visitors_cannot_fill_one_mailbox_by_spelling_it_anew(
    client: FlaskClient, session: Session, site: Site
) -> None:
    spellings = ["rosa", "ro.sa", "rosa+1", "rosa+2", "r.o.s.a", "ROSA+x", "r.osa"]
    answers = [
        client.post(
            "/subscribe/letters",
            data={"email": f"{spelling}@gmail.com", "ticket": ticket(site)},
            environ_base={"REMOTE_ADDR": f"192.0.2.{one}"},
        )
        for one, spelling in enumerate(spellings)
    ]
    assert len({answer.text for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    take_up(session, site)
    due = session.query(Subscription).filter(Subscription.confirmation_due_at.is_not(None))
    assert due.count() == 1


@pytest.mark.parametrize("email", ["rosa@example.org", "nobody@example.net"])
def test_nobody_asks_about_data_more_often_for_it_is_known_or_not(
    client: FlaskClient, site: Site, rosa: Subscriber, email: str
) -> None:
    assert rosa
    form = {"email": email, "kind": "access", "home": ""}
    answers = [client.post("/your-data", data=form | {"ticket": ticket(site)}) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert len({answer.text for answer in answers[:10]}) == 1


def test_leaving_is_never_limited(
    client: FlaskClient, site: Site, letters: MailingList, make_reader: MakeReader
) -> None:
    rosa = make_reader("rosa")
    path = site.unsubscribe(letters.id, rosa.id, 1).removeprefix(site.public_url)
    assert {client.post(path).status_code for _ in range(200)} == {200}
