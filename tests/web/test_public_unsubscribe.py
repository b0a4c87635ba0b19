"""The one-click link (RFC 8058, 15 U.S.C. 7704(a)(3)): a look changes nothing, a POST acts."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, tokens
from mailer.accounts.models import User
from mailer.app import create_app
from mailer.audience import suppressions
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription, Suppression
from mailer.audience.words import ListStatus
from mailer.campaigns.models import Campaign
from mailer.db import db
from mailer.delivery import unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause, Resolution, Unknown
from mailer.links import Site
from mailer.tokens import Keys, Purpose
from tests.conftest import ConfigFor
from tests.databases import PUBLIC_URL, digests
from tests.visitors import sign_in

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def path(site: Site, letters: MailingList, rosa: Subscriber) -> str:
    """The link in Rosa's copy of delivery 77."""
    return site.unsubscribe(letters.id, rosa.id, 77).removeprefix(site.public_url)


def multipart(boundary: str, fields: dict[str, str]) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + f"--{boundary}--\r\n").encode()


BOUNDARY = uuid.UUID(int=7).hex
BODIES: dict[str, dict[str, Any]] = {
    "urlencoded": {"data": ONE_CLICK, "content_type": FORM},
    "multipart": {
        "data": multipart(BOUNDARY, {"List-Unsubscribe": "One-Click"}),
        "content_type": f"multipart/form-data; boundary={BOUNDARY}",
    },
    "empty": {},
    "empty form": {"data": b"", "content_type": FORM},
    "json": {"data": json.dumps({"List-Unsubscribe": "One-Click"}), "content_type": "text/json"},
    "json type": {"data": "{", "content_type": "application/json"},
    "odd type": {"data": ONE_CLICK, "content_type": "gibberish"},
    "broken multipart": {"data": b"--x\r\nnonsense", "content_type": "multipart/form-data"},
    "cut multipart": {
        "data": multipart(BOUNDARY, {"from": "page"})[:40],
        "content_type": f"multipart/form-data; boundary={BOUNDARY}",
    },
    "junk": {"data": b"\xff\x00" * 500_000, "content_type": FORM},
    "far too large": {"data": b"a=" + b"x" * 6_000_000, "content_type": FORM},
    "many parts": {"data": "&".join(f"a{n}=1" for n in range(2000)), "content_type": FORM},
    "no length": {"data": ONE_CLICK, "content_type": FORM, "headers": {"Content-Length": ""}},
    "odd program": {"data": ONE_CLICK, "content_type": FORM, "headers": {"User-Agent": "\x7f\xe9"}},
}


@pytest.mark.parametrize("body", BODIES)
def test_a_post_with_any_body_acts_at_once_and_again_is_a_success(
    client: FlaskClient, session: Session, path: str, letters: MailingList, body: str
) -> None:
    for _ in range(2):
        answer = client.post(path, **BODIES[body])
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
        assert answer.text == "You have been unsubscribed.\n"
        assert not {"Set-Cookie", "Location"} & set(answer.headers.keys())
    (held,) = session.query(Suppression)
    assert (held.scope, held.scope_id, held.delivery_id) == ("list", letters.id, 77)
    (event,) = session.query(ConsentEvent)
    assert (event.action, event.method) == ("unsubscribed", "one-click")
    assert event.evidence is not None
    assert path.removeprefix("/u/") not in str(event.evidence)
    assert session.query(Subscription).one().status == "unsubscribed"


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slash_at_the_end_makes_no_difference(
    client: FlaskClient, path: str, end: str, method: str
) -> None:
    assert client.open(path + end, method=method).status_code == 200


def test_looking_a_hundred_times_changes_nothing(
    client: FlaskClient, session: Session, path: str
) -> None:
    session.commit()
    before = digests(db.engine)
    for method in ("GET", "HEAD", "OPTIONS"):
        for _ in range(100):
            answer = client.open(path, method=method)
            assert answer.status_code == 200
            assert "Set-Cookie" not in answer.headers
    assert digests(db.engine) == before


def test_the_page_asks_how_far_and_is_seen_by_nobody_else(
    client: FlaskClient, path: str, rosa: Subscriber
) -> None:
    page = client.get(path)
    for words in ("Only “Harbor Letters”", "All mail from Harbor Press LLC", "120 W Main St"):
        assert words in page.text
    assert rosa.email not in page.text
    assert page.text.count("<button") == 1
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("scope", ["list", "sender"])
def test_the_button_leaves_and_undo_brings_back(
    client: FlaskClient,
    session: Session,
    path: str,
    rosa: Subscriber,
    letters: MailingList,
    scope: str,
) -> None:
    page = client.post(path, data={"from": "page", "scope": scope})
    assert page.mimetype == "text/html"
    assert "You are unsubscribed" in page.text
    (held,) = suppressions.in_force(session, rosa.address_key)
    reach = {"list": letters.id, "sender": letters.sender_id}
    assert (held.scope, held.scope_id) == (scope, reach[scope])
    undo = page.text.partition('name="undo" value="')[2].partition('"')[0]
    for words in ("You are back", "Nothing to undo"):
        assert words in client.post(f"{path}/undo", data={"undo": undo}).text
    assert suppressions.in_force(session, rosa.address_key) == []
    actions = [event.action for event in session.query(ConsentEvent).order_by(ConsentEvent.id)]
    assert actions == ["unsubscribed", "returned"]


def test_a_second_press_offers_no_undo_of_the_first(
    client: FlaskClient, session: Session, path: str
) -> None:
    client.post(path)
    page = client.post(path, data={"from": "page", "scope": "list"})
    assert page.status_code == 200
    assert "undo" not in page.text.lower()
    assert session.query(ConsentEvent).count() == 1


def test_undo_ends_after_an_hour_and_belongs_to_one_reader(
    client: FlaskClient, session: Session, site: Site, path: str, letters: MailingList
) -> None:
    client.post(path)
    (held,) = session.query(Suppression)
    late = clock.now() - timedelta(seconds=2)
    token = tokens.signed(site.keys, Purpose.undo, (held.id,), expires=late)
    assert client.post(f"{path}/undo", data={"undo": token}).status_code == 410
    token = tokens.signed(site.keys, Purpose.undo, (held.id,), expires=late + timedelta(hours=1))
    other = site.unsubscribe(letters.id, 999, 0).removeprefix(site.public_url)
    assert "Nothing to undo" in client.post(f"{other}/undo", data={"undo": token}).text
    assert client.post(f"{path}/undo").status_code == 404
    assert client.get(f"{path}/undo").status_code == 405
    session.refresh(held)
    assert held.lifted_at is None


@pytest.mark.parametrize("numbers", [(0, 0, 0), (1, 0, 0), (0, 1, 0)])
def test_a_link_from_a_test_mail_says_so_and_changes_nothing(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, numbers: tuple[int, ...]
) -> None:
    session.commit()
    before = digests(db.engine)
    path = site.unsubscribe(*numbers).removeprefix(site.public_url)
    assert "sample" in client.get(path).text
    assert "sample" in client.post(path, data={"from": "page", "scope": "sender"}).text
    assert "Nothing has been changed" in client.post(path).text
    assert digests(db.engine) == before
    assert rosa.subscriptions[0].status == "confirmed"


@pytest.mark.parametrize("fate", ["erased", "archived", "left", "no list"])
def test_the_link_works_for_years_whatever_has_become_of_list_and_reader(
    client: FlaskClient,
    session: Session,
    site: Site,
    path: str,
    rosa: Subscriber,
    letters: MailingList,
    fate: str,
) -> None:
    if fate == "erased":
        session.delete(rosa)
    if fate == "archived":
        letters.status = ListStatus.archived
    if fate == "left":
        session.delete(rosa.subscriptions[0])
    if fate == "no list":
        path = site.unsubscribe(999, rosa.id, 1).removeprefix(site.public_url)
    session.commit()
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 200
    assert client.post(path, data={"from": "page", "scope": "sender"}).status_code == 200
    assert session.query(Suppression).count() == (0 if fate in {"erased", "no list"} else 2)


def test_staff_who_open_the_link_get_no_cookie_either(
    client: FlaskClient, alice: User, path: str
) -> None:
    sign_in(client, alice)
    for method in ("GET", "POST"):
        assert "Set-Cookie" not in client.open(path, method=method).headers


def test_without_the_database_the_mail_program_is_asked_to_come_back(
    config_for: ConfigFor,
) -> None:
    app = create_app(config_for("postgresql://nobody@127.0.0.1:1/nowhere"))
    path = app.extensions["site"].unsubscribe(1, 1, 1).removeprefix(PUBLIC_URL)
    for method in ("GET", "POST"):
        answer = app.test_client().open(path, method=method)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0


def test_the_link_fits_on_one_header_line() -> None:
    keys = Keys(("k" * 64,), "s" * 64)
    site = Site("https://" + "news.garden-letters.example"[:25], keys)
    largest = 1_600_000
    assert len(site.unsubscribe(largest, largest, largest)) <= 76


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("form", [{}, {"List-Unsubscribe": "One-Click"}, {"scope": "list"}])
def test_whoever_presses_the_link_of_a_copy_in_doubt_has_it(
    client: FlaskClient,
    session: Session,
    site: Site,
    letters: MailingList,
    rosa: Subscriber,
    form: dict[str, str],
) -> None:
    """A look proves nothing: a scanner may have looked, in a queue on the way."""
    now = clock.now()
    campaign = Campaign(
        sender_id=letters.sender_id, name="A", subject="A", created_at=now, updated_at=now
    )
    session.add(campaign)
    session.flush()
    hers = Delivery(
        campaign_id=campaign.id,
        subscriber_id=rosa.id,
        list_id=letters.id,
        address_key=rosa.address_key,
        email=rosa.email,
        status=DeliveryStatus.unknown,
        next_at=now,
    )
    session.add(hers)
    session.flush()
    unknowns.note(session, [hers.id], Cause.timeout, now)
    link = site.unsubscribe(letters.id, rosa.id, hers.id).removeprefix(site.public_url)
    session.commit()
    assert client.get(link).status_code == 200
    session.expire_all()
    assert hers.status.value == "unknown"
    session.commit()
    for _ in range(2):
        assert client.post(link, data=form).status_code == 200
    session.expire_all()
    assert hers.status.value == "accepted"
    assert session.query(Unknown).one().resolution is Resolution.click
    assert session.query(Suppression).count() == 1
