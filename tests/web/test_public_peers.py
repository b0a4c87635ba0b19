"""What went wrong in other newsletter managers on pages for everybody; each cites where."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, clockwork
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.words import SubscriptionStatus
from mailer.db import db
from mailer.links import Site
from mailer.privacy.keeping import runs
from tests.conftest import MakeReader
from tests.databases import digests
from tests.sign_ups import sign_up, take_up

AT_ONCE = 20
BOTS = ("", "bot", "curl/8.5.0", "Mozilla/5.0 (compatible; ms-office; Barracuda Sentinel)")
DAY = timedelta(days=1)


def links(site: Site, reader: Subscriber, waiting: Subscription) -> list[str]:
    until = clock.now() + DAY
    urls = (
        site.unsubscribe(reader.subscriptions[0].list_id, reader.id, 1),
        site.confirm(waiting.id, waiting.confirmation_serial, until),
        site.preferences(reader.id, reader.address_key, until),
        site.sign_up("letters"),
        site.ask_for_link(),
    )
    return [url.removeprefix(site.public_url) for url in urls]


@pytest.mark.usefixtures("database")
def test_twenty_scanners_at_once_confirm_and_unsubscribe_nobody(
    app: Flask, session: Session, site: Site, make_reader: MakeReader
) -> None:
    """Mautic #14916, Mailtrain #1195, listmonk #1078: whoever opened a link had pressed it."""
    waiting = make_reader("ines", SubscriptionStatus.unconfirmed).subscriptions[0]
    paths = links(site, make_reader("rosa"), waiting)
    session.commit()
    before = digests(db.engine)

    def scan(number: int) -> set[int]:
        agent = {"User-Agent": BOTS[number % len(BOTS)]}
        visits = [(path, way) for path in paths for way in ("GET", "HEAD", "OPTIONS")]
        client = app.test_client()
        return {client.open(path, method=way, headers=agent).status_code for path, way in visits}

    with ThreadPoolExecutor(AT_ONCE) as scanners:
        assert set().union(*scanners.map(scan, range(AT_ONCE))) == {200}
    assert digests(db.engine) == before


@pytest.mark.parametrize("agent", BOTS)
def test_an_opt_out_is_taken_whoever_brings_it(
    client: FlaskClient,
    session: Session,
    site: Site,
    rosa: Subscriber,
    letters: MailingList,
    agent: str,
) -> None:
    """Notifuse #362: one-click by what looked like a machine was thrown away."""
    path = site.unsubscribe(letters.id, rosa.id, 1).removeprefix(site.public_url)
    for _ in range(2):
        assert client.post(path, headers={"User-Agent": agent}).status_code == 200
    session.refresh(rosa.subscriptions[0])
    assert rosa.subscriptions[0].status == "unsubscribed"


def test_a_forwarded_mail_exports_nothing_wipes_nobody_and_changes_no_address(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, make_reader: MakeReader
) -> None:
    """listmonk's wipe and export by link, #2583: a friend's click had it all."""
    waiting = make_reader("ines", SubscriptionStatus.unconfirmed).subscriptions[0]
    session.commit()
    form = {"email": "thief@example.org", "wipe": "yes", "export": "yes", "delete": "1"}
    for path in links(site, rosa, waiting):
        for page in (client.get(path), client.post(path, data=form)):
            assert rosa.email not in page.text
            assert "Content-Disposition" not in page.headers
    session.expire_all()
    assert session.query(Subscriber.email).order_by(Subscriber.email).all() == [
        ("ines@example.org",),
        ("rosa@example.org",),
    ]


def test_who_was_deleted_stays_out_until_she_confirms_herself(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, letters: MailingList
) -> None:
    """phpList rest-api #122: deleting a person deleted her opt-out, and a form put her back."""
    path = site.unsubscribe(letters.id, rosa.id, 1).removeprefix(site.public_url)
    client.post(path)
    session.delete(rosa)
    session.commit()
    letters.optin = "single"  # type: ignore[assignment]
    sign_up(client, site, "rosa@example.org")
    (owed,) = take_up(session, site)
    place = session.get_one(Subscription, owed.subscription_id)
    assert place.status == "unconfirmed"


def test_who_never_confirmed_is_forgotten_by_the_clock(
    app: Flask, session: Session, make_reader: MakeReader
) -> None:
    """S-06: rows that nobody confirmed are purged after the days that were set."""
    now = clock.now()
    for name, age in (("old", 8 * DAY), ("young", 6 * DAY)):
        place = make_reader(name, SubscriptionStatus.unconfirmed).subscriptions[0]
        place.confirmation_asked_at = now - age
    session.commit()
    runs.begin(session, now, ZoneInfo("UTC"), "a test")
    session.commit()
    clockwork.keep_house(app)
    assert [one.email for one in session.query(Subscriber)] == ["young@example.org"]
