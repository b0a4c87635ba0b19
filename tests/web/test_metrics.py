"""The figures for Prometheus: shut without a token, without anybody's data, and right."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer import clock
from mailer.accounts.models import User
from mailer.audience import effects
from mailer.audience.effects import Channel
from mailer.campaigns.models import Campaign
from mailer.delivery import launch, tallies, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause
from mailer.delivery.windows import Span, Wait, Window
from mailer.environment import BadConfig
from mailer.links import Site
from tests.conftest import ConfigFor, MakeReader
from tests.visitors import sign_in
from tests.web.conftest import Write

TOKEN = "9d1f0c6b7e8a45d2b3c4f5a697e8d1c0"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
LINE = re.compile(r'[a-z_]+(\{([a-z]+="[^"\\\n]*",?)+\})? -?[0-9.e+-]+')


@pytest.fixture
def config(request: pytest.FixtureRequest, config_for: ConfigFor) -> Config:
    wanted = "database" if "database" in request.fixturenames else "sqlite_url"
    return config_for(request.getfixturevalue(wanted), metrics_token=TOKEN)


@pytest.fixture
def sending(session: Session, site: Site, write: Write, make_reader: MakeReader) -> Campaign:
    """A running campaign: one copy was taken, one is in doubt, one has been due for a minute."""
    for name in ("rosa", "ines", "omar"):
        make_reader(name)
    campaign, now = write(), clock.now()
    launch.start(session, site, campaign, now - timedelta(minutes=1))
    taken, doubtful, _ = session.query(Delivery).order_by(Delivery.id)
    tallies.forget(session, campaign.id)
    taken.status, doubtful.status = DeliveryStatus.accepted, DeliveryStatus.unknown
    session.flush()
    unknowns.note(session, [doubtful.id], Cause.timeout, now)
    window = Window(campaign.id, now)
    window.count(DeliveryStatus.accepted)
    window.count(DeliveryStatus.unknown)
    window.add(Span.reply, 0.3)
    window.wait(Wait.relay, 0.3)
    window.wait(Wait.pace, 2.0, "mx.example", "relay")
    window.wait(Wait.pace, 1.0, "mx.example", "sender")
    window.write(session, now)
    effects.note(session, now.date(), [(Channel.letter, 2.5)])
    session.commit()
    return campaign


@pytest.mark.usefixtures("database")
def test_the_figures_are_those_of_the_database(client: FlaskClient, sending: Campaign) -> None:
    answer = client.get("/metrics", headers=SHOWN)
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    mine = f'campaign="{sending.id}"'
    for line in (
        'mailer_campaigns{status="running"} 1',
        f'mailer_deliveries{{{mine},state="pending"}} 1',
        f'mailer_deliveries{{{mine},state="unknown"}} 1',
        'mailer_unknown_total{cause="timeout"} 1',
        'mailer_unknown_total{cause="crash"} 0',
        "mailer_unknown 1",
        "mailer_leases 0",
        'mailer_opt_out_seconds_bucket{channel="letter",le="1"} 0',
        'mailer_opt_out_seconds_bucket{channel="letter",le="10"} 1',
        'mailer_opt_out_seconds_bucket{channel="letter",le="+Inf"} 1',
        'mailer_opt_out_seconds_sum{channel="letter"} 2.5',
        'mailer_opt_out_seconds_count{channel="letter"} 1',
        f'mailer_copies_total{{{mine},outcome="accepted"}} 1',
        f'mailer_connection_wait_seconds_total{{{mine},reason="relay"}} 0.3',
        f'mailer_connection_wait_seconds_total{{{mine},reason="pace"}} 3.0',
        f'mailer_sending_seconds_bucket{{{mine},span="dot_to_reply",le="0.2"}} 0',
        f'mailer_sending_seconds_bucket{{{mine},span="dot_to_reply",le="0.5"}} 1',
        f'mailer_sending_seconds_bucket{{{mine},span="dot_to_reply",le="+Inf"}} 1',
        f'mailer_sending_seconds_count{{{mine},span="dot_to_reply"}} 1',
    ):
        assert line in lines
    (age,) = [line for line in lines if line.startswith("mailer_queue_age_seconds ")]
    assert 59 < float(age.split()[1]) < 120


@pytest.mark.usefixtures("sending")
def test_every_line_keeps_to_the_text_format_and_names_nobody(client: FlaskClient) -> None:
    text = client.get("/metrics", headers=SHOWN).text
    lines = text.splitlines()
    samples = [line for line in lines if not line.startswith("# ")]
    assert [line for line in samples if not LINE.fullmatch(line)] == []
    named = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(named) == len(set(named)) == 13
    assert "@" not in text
    assert "rosa" not in text


@pytest.mark.usefixtures("sending")
def test_a_campaign_that_was_over_an_hour_ago_is_no_longer_told_of(
    client: FlaskClient, session: Session, sending: Campaign
) -> None:
    for minutes, is_told in ((59, True), (61, False)):
        sending.status = type(sending.status).finished
        sending.finished_at = clock.now() - timedelta(minutes=minutes)
        session.commit()
        text = client.get("/metrics", headers=SHOWN).text
        assert (f'campaign="{sending.id}"' in text) is is_told


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": TOKEN},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer \u00e9"},
        {"Authorization": f"Basic {TOKEN}"},
    ],
)
def test_without_the_token_nobody_gets_in_not_even_the_owner(
    client: FlaskClient, alice: User, headers: dict[str, str]
) -> None:
    sign_in(client, alice)
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "mailer_" not in answer.text


def test_the_token_opens_nothing_else(client: FlaskClient) -> None:
    assert client.get("/campaigns/", headers=SHOWN).status_code == 302


def test_a_weak_token_is_refused() -> None:
    environ = {"MAILER_ENV": "development", "MAILER_METRICS_TOKEN": "metrics"}
    with pytest.raises(BadConfig, match="MAILER_METRICS_TOKEN"):
        Config.from_environ(environ)
