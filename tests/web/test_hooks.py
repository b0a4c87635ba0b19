"""Where relays tell what became of copies: shut without a token, the same answer to any news."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from mailer import clock
from mailer.campaigns.models import Campaign
from mailer.delivery import launch, message_ids, tallies, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause, Resolution, Unknown
from mailer.environment import BadConfig
from mailer.links import Site
from tests.conftest import ConfigFor, MakeReader
from tests.web.conftest import Write

TOKEN = "4c7be19a02d8f36e5517c0a9b3d24e86"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
HOOK = "/hooks/deliveries"


@pytest.fixture
def config(request: pytest.FixtureRequest, config_for: ConfigFor) -> Config:
    wanted = "database" if "database" in request.fixturenames else "sqlite_url"
    return config_for(request.getfixturevalue(wanted), hook_token=TOKEN)


@pytest.fixture
def doubtful(session: Session, site: Site, write: Write, make_reader: MakeReader) -> Campaign:
    """A running campaign: rosa's copy is in doubt, ines has hers."""
    for name in ("rosa", "ines"):
        make_reader(name)
    campaign, now = write(), clock.now()
    session.commit()
    launch.start(session, site, campaign, now)
    hers, other = session.query(Delivery).order_by(Delivery.id)
    tallies.forget(session, campaign.id)
    hers.status, other.status = DeliveryStatus.unknown, DeliveryStatus.accepted
    session.flush()
    unknowns.note(session, [hers.id], Cause.timeout, now)
    session.commit()
    return campaign


def name_of(session: Session, site: Site, place: int = 0) -> str:
    one = session.query(Delivery).order_by(Delivery.id).all()[place]
    name = message_ids.message_id(site.keys, "x.example", one.campaign_id, one.subscriber_id)
    session.commit()
    return name


def states(session: Session) -> list[str]:
    session.expire_all()
    return [one.status.value for one in session.query(Delivery).order_by(Delivery.id)]


def post(client: FlaskClient, *news: Any) -> TestResponse:  # noqa: ANN401 - also what is none
    return client.post(HOOK, data=json.dumps(news), headers=SHOWN)


@pytest.mark.usefixtures("database", "doubtful")
def test_a_relay_tells_that_a_copy_arrived_and_another_came_back(
    client: FlaskClient, session: Session, site: Site
) -> None:
    arrived = {"message_id": name_of(session, site), "event": "delivered"}
    came_back = {
        "message_id": name_of(session, site, 1),
        "event": "bounced",
        "at": "2026-03-02T17:00:00+01:00",
        "code": 550,
        "text": "5.1.1 No such\r\n user",
    }
    answer = post(client, arrived, came_back)
    assert (answer.status_code, answer.get_json()) == (202, {"taken": 2})
    assert states(session) == ["accepted", "refused"]
    assert session.query(Unknown).one().resolution is Resolution.webhook
    ines = session.query(Delivery).order_by(Delivery.id).all()[1]
    assert (ines.smtp_code, ines.smtp_text) == (550, "5.1.1 No such user")
    assert ines.finished_at == datetime(2026, 3, 2, 16, tzinfo=UTC)
    session.commit()
    again = post(client, arrived, came_back)
    assert (again.status_code, again.get_json()) == (202, {"taken": 0})


@pytest.mark.usefixtures("doubtful")
def test_what_is_forged_gets_the_same_answer(client: FlaskClient, session: Session) -> None:
    for name in ("<0123456789abcdef0123456789abcdef@x.example>", "rosa@example.org", ""):
        answer = post(client, {"message_id": name, "event": "bounced", "code": "5.1.1"})
        assert (answer.status_code, answer.get_json()) == (202, {"taken": 0})
    assert states(session) == ["unknown", "accepted"]


@pytest.mark.usefixtures("doubtful")
@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"bearer {TOKEN}", TOKEN],
)
def test_without_the_token_nothing_is_even_read(
    client: FlaskClient, session: Session, site: Site, given: str | None
) -> None:
    news = json.dumps([{"message_id": name_of(session, site), "event": "delivered"}])
    for body in (news, "[" * 100_000, "x" * 6_000_000):
        answer = client.post(HOOK, data=body, headers={"Authorization": given} if given else {})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="hooks"'
    assert states(session) == ["unknown", "accepted"]


GOOD = {"message_id": "<a@b>", "event": "delivered"}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "{}",
        '"list"',
        "[1]",
        "[[]]",
        "[" * 100_000,
        "\x00",
        json.dumps([{"message_id": 7, "event": "delivered"}]),
        json.dumps([{"message_id": "<a@b>"}]),
        json.dumps([GOOD | {"event": "opened"}]),
        json.dumps([GOOD | {"event": ["delivered"]}]),
        json.dumps([GOOD | {"code": 99}]),
        json.dumps([GOOD | {"code": True}]),
        json.dumps([GOOD | {"code": 5e99}]),
        json.dumps([GOOD | {"code": "five"}]),
        json.dumps([GOOD | {"text": 1}]),
        json.dumps([GOOD | {"at": "yesterday"}]),
        json.dumps([GOOD | {"at": "2026-03-02T17:00:00"}]),
        json.dumps([GOOD | {"at": "0001-01-01T00:00:00+23:59"}]),
        json.dumps([GOOD | {"at": 1772467200}]),
        json.dumps([GOOD] * 5001),
    ],
)
def test_what_cannot_be_read_is_said_and_changes_nothing(client: FlaskClient, body: str) -> None:
    answer = client.post(HOOK, data=body, headers=SHOWN)
    assert answer.status_code == 400
    assert answer.get_json()["message"]


def test_one_bad_piece_spoils_the_whole_post(
    client: FlaskClient, session: Session, site: Site, doubtful: Campaign
) -> None:
    """So that whoever sends it sees the fault, and sends all of it again."""
    assert doubtful
    arrived = {"message_id": name_of(session, site), "event": "delivered"}
    answer = post(client, arrived, {"event": "delivered", "message_id": None})
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith("Object 1:")
    assert states(session) == ["unknown", "accepted"]


def test_more_than_a_megabyte_is_not_read(client: FlaskClient) -> None:
    answer = client.post(HOOK, data="[" + " " * 1_000_000 + "]", headers=SHOWN)
    assert answer.status_code == 413
    assert answer.get_json() == {"message": "Send at most 1,000,000 bytes."}


def test_surrogates_and_zeros_are_survived(client: FlaskClient, doubtful: Campaign) -> None:
    assert doubtful
    odd = GOOD | {"text": "\ud800 \u0000", "message_id": "\ud800\u0000" * 16}
    assert post(client, odd).status_code == 202


def test_looking_is_no_news(client: FlaskClient) -> None:
    assert client.get(HOOK, headers=SHOWN).status_code == 405


@pytest.mark.parametrize("token", ["short", "x" * 40])
def test_a_weak_token_is_refused(token: str) -> None:
    with pytest.raises(BadConfig, match="MAILER_HOOK_TOKEN"):
        Config.from_environ({"MAILER_ENV": "development", "MAILER_HOOK_TOKEN": token})
