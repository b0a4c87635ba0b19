"""The page behind a mail that asks for consent again: a look changes nothing, one press renews."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import User
from mailer.audience import consent
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.receipts import texts
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns.models import Campaign
from mailer.db import db
from mailer.links import Site
from tests.databases import digests
from tests.visitors import post, sign_in

THEN = datetime(2024, 3, 2, tzinfo=UTC)


@pytest.fixture
def path(session: Session, site: Site, letters: MailingList, rosa: Subscriber) -> str:
    """The link in the copy of delivery 77, with which Rosa is asked, two years after her yes."""
    rosa.subscriptions[0].confirmed_at = THEN
    session.commit()
    url = site.renewal(site.unsubscribe(letters.id, rosa.id, 77))
    return url.removeprefix(site.public_url)


@pytest.mark.usefixtures("database")
def test_a_look_changes_nothing_and_a_press_renews_with_a_receipt(
    client: FlaskClient, session: Session, site: Site, path: str, letters: MailingList
) -> None:
    before = digests(db.engine)
    for method in ("GET", "HEAD", "OPTIONS"):
        for _ in range(5):
            answer = client.open(path, method=method)
            assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    assert digests(db.engine) == before
    page = client.get(path)
    assert consent.wording(letters) in page.text
    assert page.headers["Cache-Control"] == "no-store"
    for _ in range(2):
        assert "You stay on the list" in client.post(path).text
    (event,) = session.query(ConsentEvent)
    assert (event.action, event.list_id, event.delivery_id) == ("confirmed", letters.id, 77)
    assert event.evidence is not None
    told = texts.spelled_out(event.evidence, texts.known(session, [event.evidence]))
    assert told == {
        "shown": consent.wording(letters),
        "source": "asked again",
        "language": "en",
        "page": f"{site.public_url}/k/",
        "ip": "127.0.0.0/24",
        "user_agent": told["user_agent"],
    }
    assert path.removeprefix("/k/") not in str(event.evidence)
    assert session.query(Subscription).one().confirmed_at == event.at
    assert "answered this mail before" in client.get(path).text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_left_stays_away_and_is_shown_the_way_back(
    client: FlaskClient, session: Session, path: str, method: str
) -> None:
    session.query(Subscription).one().status = SubscriptionStatus.unsubscribed
    answer = client.open(path, method=method)
    assert (answer.status_code, "Sign up anew" in answer.text) == (410, True)
    assert session.query(ConsentEvent).count() == 0
    assert session.query(Subscription).one().status is SubscriptionStatus.unsubscribed


def test_the_link_of_an_unsubscribe_page_renews_nothing(
    client: FlaskClient, session: Session, site: Site, path: str, letters: MailingList
) -> None:
    other = site.unsubscribe(letters.id, session.query(Subscriber).one().id, 77)
    assert client.post(other.removeprefix(site.public_url).replace("/u/", "/k/")).status_code == 404
    assert client.post(path.replace("/k/", "/u/")).status_code == 404
    assert session.query(Subscription).one().confirmed_at == THEN


def test_a_sample_renews_nobody(client: FlaskClient, session: Session, site: Site) -> None:
    sample = site.renewal(site.unsubscribe(0, 0, 0)).removeprefix(site.public_url)
    for method in ("GET", "POST"):
        assert client.open(sample, method=method).status_code == 200
    assert session.query(ConsentEvent).count() == 0


def test_a_marketer_composes_a_question_and_sees_whom_it_reaches(
    client: FlaskClient, session: Session, bob: User, path: str, letters: MailingList
) -> None:
    assert path
    sign_in(client, bob)
    said = {
        "name": "Again",
        "subject": "Shall the letter go on?",
        "sender_id": str(letters.sender_id),
        "list_ids": str(letters.id),
        "kind": "commercial",
        "is_asking": "yes",
        "body": "Shall the letter go on?\n\n[Yes]({{ renewal_url }})\n\n{{ legal_footer }}\n",
    }
    assert post(client, "/campaigns/new", said).status_code == 302
    made = session.query(Campaign).one()
    assert made.is_asking
    refused = "asked for their consent in a way that the law forbids"
    assert refused not in client.get(f"/campaigns/{made.id}").text
    session.query(Subscription).one().confirmed_at = clock.now()
    told = client.get(f"/campaigns/{made.id}").text
    assert "the consent is recent" in told
    said |= {"revision": str(made.revision), "body": "{{ legal_footer }}"}
    assert refused in post(client, f"/campaigns/{made.id}/edit", {**said, "do": "check"}).text
    del said["is_asking"]
    post(client, f"/campaigns/{made.id}/edit", said)
    session.expire_all()
    assert not session.query(Campaign).one().is_asking
