"""The page of limits: set, changed, lifted, and what relays have asked for."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer import clock
from mailer.accounts.models import AuditEntry, User
from mailer.delivery.pace_models import About, Limit, Pace
from tests.conftest import ConfigFor
from tests.visitors import post, sign_in

HOST = "relay.parcel.example"
ALL_MAIL = {"host": HOST, "about": "relay", "domain": "", "per_second": "5"}


@pytest.fixture
def config(sqlite_url: str, config_for: ConfigFor) -> Config:
    return config_for(sqlite_url, smtp_url=f"smtps://{HOST} smtps://second.example?weight=2")


@pytest.fixture
def adams(client: FlaskClient, adam: User) -> FlaskClient:
    """Adam the admin, signed in."""
    sign_in(client, adam)
    return client


def test_a_limit_is_set_changed_and_lifted_and_each_is_on_the_record(
    adams: FlaskClient, session: Session
) -> None:
    assert post(adams, "/relays/limits/", ALL_MAIL).status_code == 302
    assert "5 a second" in adams.get("/relays/limits/").text
    changed = ALL_MAIL | {"per_second": "", "connections": "3", "warm_up": "yes"}
    assert post(adams, "/relays/limits/", changed).status_code == 302
    session.expire_all()
    limit = session.query(Limit).one()
    assert (limit.per_second, limit.connections) == (None, 3)
    assert "3 at a time, warming up since" in adams.get("/relays/limits/").text
    assert post(adams, f"/relays/limits/{limit.id}/lift").status_code == 302
    assert "No limits are set" in adams.get("/relays/limits/").text
    entries = [one for one in session.query(AuditEntry) if one.action.startswith("relays.")]
    assert [one.action for one in entries] == ["relays.limit", "relays.limit", "relays.unlimit"]
    assert entries[0].reason == "all mail: 5 a second"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"host": "elsewhere.example"}, "Choose one of these."),
        ({"per_second": ""}, "Say what is limited"),
        ({"per_second": "fast"}, "Write a number"),
        ({"connections": "1.5"}, "Write a number"),
        ({"about": "recipients"}, "This field cannot be empty."),
        ({"about": "recipients", "domain": "big.example", "connections": "2"}, "for a relay, not"),
    ],
)
def test_what_cannot_be_a_limit_is_explained_and_kept(
    adams: FlaskClient, session: Session, changes: dict[str, str], why: str
) -> None:
    answer = post(adams, "/relays/limits/", ALL_MAIL | changes)
    assert answer.status_code == 422
    assert why in answer.text
    assert session.query(Limit).count() == 0


def test_the_page_tells_what_relays_have_asked_for(adams: FlaskClient, session: Session) -> None:
    now = clock.now()
    slowed = {"slowed_to": 12.0, "slowed_at": now}
    session.add(Pace(host=HOST, about=About.recipients, domain="big.example", **slowed))
    closed = now + timedelta(minutes=5)
    session.add(Pace(host="second.example", about=About.relay, domain="", closed_until=closed))
    session.commit()
    page = adams.get("/relays/limits/").text
    assert f"{HOST}, to big.example: 12." in page
    assert "second.example, all mail: left alone until" in page
