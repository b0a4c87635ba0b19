"""Links in mail that a former system has sent: they work after the import, and only by POST."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.audience.imports.models import ForeignId, System
from mailer.audience.models import Subscriber, Subscription
from mailer.audience.words import SubscriptionStatus
from mailer.db import db
from tests.databases import digests

UUID = "0f9b2f0c-8a61-4c5e-9d0e-2a8f6c1f3f6e"
LINKS = {
    System.listmonk: f"/subscription/7b1f9d3e-0c52-4a8e-8f1a-5d2c6b7a9e10/{UUID}",
    System.mailtrain: f"/subscription/aB3x/unsubscribe/{UUID}",
    System.phplist: f"/?p=unsubscribe&uid={UUID}",
}
EVERY = [*LINKS.items(), (System.phplist, f"/lists/?p=unsubscribe&uid={UUID}&jo=1")]


@pytest.fixture
def known(session: Session, rosa: Subscriber) -> Subscriber:
    """Rosa, whom every former system knew by the same id."""
    for system in System:
        place = {"subscriber_id": rosa.id, "list_id": rosa.subscriptions[0].list_id}
        session.add(ForeignId(system=system, foreign_id=UUID, **place))
    session.commit()
    return rosa


def status(session: Session) -> SubscriptionStatus:
    return session.scalars(sa.select(Subscription.status)).one()


@pytest.mark.parametrize(("system", "link"), EVERY)
def test_an_old_link_shows_a_button_and_the_button_works(
    session: Session, client: FlaskClient, known: Subscriber, system: System, link: str
) -> None:
    """Peers' links stop working with a migration (map of old routes, listmonk issue 688)."""
    assert known
    assert system
    before = digests(db.engine)
    for method in ("GET", "HEAD"):
        assert client.open(link, method=method).status_code < 300
    page = client.get(link)
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert digests(db.engine) == before
    own = page.text.partition('action="')[2].partition('"')[0]
    assert own.startswith("/u/")
    assert client.post(own, data={"from": "page", "scope": "list"}).status_code == 200
    assert status(session) is SubscriptionStatus.unsubscribed


@pytest.mark.parametrize(("system", "link"), EVERY)
def test_one_click_on_an_old_link_acts_at_once(
    session: Session, client: FlaskClient, known: Subscriber, system: System, link: str
) -> None:
    """RFC 8058 headers of mail that the former system has sent (phpList acted on GET)."""
    assert known
    assert system
    for _ in range(2):
        answer = client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.text) == (200, "You have been unsubscribed.\n")
    assert status(session) is SubscriptionStatus.unsubscribed


@pytest.mark.parametrize(("system", "link"), EVERY)
def test_an_id_that_nobody_has_gets_the_same_kind_answers(
    client: FlaskClient, rosa: Subscriber, session: Session, system: System, link: str
) -> None:
    assert rosa
    assert system
    for strange in (link, link.replace(UUID, "x" * 300), link.replace(UUID, "%00%0a")):
        page = client.get(strange)
        assert page.status_code == 200
        own = page.text.partition('action="')[2].partition('"')[0]
        assert client.post(own, data={"from": "page"}).status_code == 200
        assert client.post(strange).text == "You have been unsubscribed.\n"
    assert status(session) is SubscriptionStatus.confirmed


def test_our_own_pages_at_these_addresses_stay_as_they_are(client: FlaskClient) -> None:
    for path in ("/", "/lists/", "/?p=subscribe", "/lists/?uid=1"):
        assert (client.get(path).location or "").startswith("/sign-in")
