"""A campaign's buttons: from state to state, at a time, once only, and as a test."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery.models import Delivery
from mailer.web import launching
from tests.conftest import ConfigFor, MakeReader
from tests.relays import CLOSE, HANG, Rudeness, RudeRelay, Sink
from tests.visitors import post
from tests.web.conftest import JSON, Write, acts, press

# From state to state.


def test_a_campaign_is_sent_after_its_page_has_named_the_number(
    visitor: FlaskClient, session: Session, write: Write, make_reader: MakeReader
) -> None:
    for name in ("rosa", "ines"):
        make_reader(name)
    campaign = write()
    assert "This mails 2 readers now" in visitor.get(f"/campaigns/{campaign.id}/start").text
    answer = press(visitor, campaign, "start")
    assert answer.location == f"/campaigns/{campaign.id}"
    assert campaign.status is CampaignStatus.running
    assert session.query(Delivery).count() == 2
    assert acts(session) == ["campaign.start"]


@pytest.mark.usefixtures("rosa")
def test_a_start_wakes_a_sender(visitor: FlaskClient, app: Flask, write: Write) -> None:
    press(visitor, write(), "start")
    assert app.extensions["broker"].queues["campaigns"].qsize() == 1


@pytest.mark.usefixtures("rosa")
def test_a_campaign_is_paused_resumed_and_cancelled(
    visitor: FlaskClient, session: Session, write: Write
) -> None:
    campaign = write()
    for verb, status in (
        ("start", CampaignStatus.running),
        ("pause", CampaignStatus.paused),
        ("resume", CampaignStatus.running),
        ("cancel", CampaignStatus.cancelled),
    ):
        assert press(visitor, campaign, verb).status_code == 302
        assert campaign.status is status
    assert session.query(Delivery).one().reason == "cancelled"
    assert acts(session) == [f"campaign.{verb}" for verb in ("start", "pause", "resume", "cancel")]


@pytest.mark.parametrize("verb", ["start", "schedule", "unschedule", "pause", "resume", "cancel"])
@pytest.mark.usefixtures("rosa")
def test_a_second_click_is_told_so_and_changes_nothing(
    visitor: FlaskClient, session: Session, write: Write, verb: str
) -> None:
    campaign = write()
    campaign.send_at = datetime(2099, 1, 1, tzinfo=UTC)
    before = {"unschedule": "scheduled", "pause": "running", "resume": "paused", "cancel": "paused"}
    campaign.status = CampaignStatus(before.get(verb, "draft"))
    fields = {"at": "2099-01-01T09:00", "zone": "UTC"}
    assert press(visitor, campaign, verb, **fields).status_code == 302
    done, recorded = campaign.status, acts(session)
    answer = press(visitor, campaign, verb, **fields)
    assert answer.status_code == 409
    assert f'href="/campaigns/{campaign.id}"' in answer.text
    told = post(visitor, f"/campaigns/{campaign.id}/{verb}", fields, headers=JSON)
    assert (told.status_code, told.json and "message" in told.json) == (409, True)
    assert campaign.status is done
    assert acts(session) == recorded
    assert session.query(Delivery).count() == (1 if verb == "start" else 0)


def test_a_copy_is_a_fresh_draft(visitor: FlaskClient, session: Session, write: Write) -> None:
    campaign = write()
    campaign.status = CampaignStatus.finished
    answer = press(visitor, campaign, "duplicate")
    copy = session.query(Campaign).order_by(Campaign.id.desc()).first()
    assert copy is not None
    assert (copy.status, copy.body, copy.lists) == (
        CampaignStatus.draft,
        campaign.body,
        campaign.lists,
    )
    assert answer.location == f"/campaigns/{copy.id}"


# The time.


@pytest.mark.usefixtures("rosa")
def test_a_time_is_kept_in_utc_and_shown_in_both(visitor: FlaskClient, write: Write) -> None:
    campaign = write()
    press(visitor, campaign, "schedule", at="2099-07-01T09:30", zone="Europe/Berlin")
    assert campaign.send_at == datetime(2099, 7, 1, 7, 30, tzinfo=UTC)
    page = visitor.get(f"/campaigns/{campaign.id}").text
    assert "1 Jul 2099, 07:30 UTC" in page
    assert "09:30 on Wednesday, 1 July 2099 in Europe/Berlin" in page


@pytest.mark.parametrize(
    ("at", "zone"),
    [
        ("2001-01-01T09:00", "UTC"),
        ("soon", "UTC"),
        ("", "UTC"),
        ("2099-01-01T09:00", "Europe/Atlantis"),
        ("2099-01-01T09:00+02:00", "UTC"),
        ("9999-12-31T23:59", "America/New_York"),
        ("0001-01-01T00:00", "Asia/Tokyo"),
        ("2030-03-31T02:30", "Europe/Berlin"),
    ],
)
@pytest.mark.usefixtures("rosa")
def test_a_time_that_cannot_be_is_explained_and_stays_in_the_form(
    visitor: FlaskClient, write: Write, at: str, zone: str
) -> None:
    campaign = write()
    answer = press(visitor, campaign, "schedule", at=at, zone=zone)
    assert answer.status_code == 422
    assert "It is not scheduled." in answer.text
    assert f'value="{at}"' in answer.text
    assert campaign.status is CampaignStatus.draft


# The test send.


@pytest.fixture
def config(sqlite_url: str, config_for: ConfigFor, smtp_sink: Sink) -> Config:
    return config_for(sqlite_url, smtp_url=smtp_sink.url)


def test_a_test_goes_to_one_address_and_the_relays_answer_is_shown(
    visitor: FlaskClient, session: Session, write: Write, smtp_sink: Sink
) -> None:
    campaign = write()
    answer = press(visitor, campaign, "test", address="bob@example.com")
    assert answer.status_code == 302
    assert "The relay took the test for bob@example.com: 250" in visitor.get(answer.location).text
    assert [caught.rcpt_to for caught in smtp_sink.caught] == [("bob@example.com",)]
    assert session.query(Delivery).count() == 0
    assert acts(session) == ["campaign.test"]


@pytest.mark.parametrize(
    ("command", "reply"), [("MAIL", "451 4.3.0 Later"), ("RCPT", "550 5.1.1 No such user")]
)
def test_a_relay_that_refuses_is_quoted(
    visitor: FlaskClient, write: Write, smtp_sink: Sink, command: str, reply: str
) -> None:
    smtp_sink.answer(command, reply)
    answer = press(visitor, write(), "test", address="bob@example.com")
    assert answer.status_code == 502
    assert f"It answered {reply} to {command}." in answer.text


@pytest.mark.parametrize(
    ("moment", "act", "words"),
    [
        ("greeting", CLOSE, "Nothing was sent (banner: the relay closed the connection)."),
        ("greeting", HANG, "Nothing was sent (banner: no answer within 0.3 seconds)."),
        ("greeting", b"554 Go away\r\n", "Nothing was sent (banner: 554 Go away)."),
        ("message", HANG, "It may have arrived (dot: no answer in time)."),
    ],
)
def test_a_relay_that_hangs_or_closes_is_told_in_plain_words(
    visitor: FlaskClient,
    app: Flask,
    write: Write,
    rude_relay: RudeRelay,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    act: Rudeness | bytes,
    words: str,
) -> None:
    monkeypatch.setattr(launching, "TEST_PATIENCE", 0.3)
    app.extensions["config"] = replace(app.extensions["config"], smtp_url=rude_relay.url)
    rude_relay.behaviour[moment] = act
    answer = press(visitor, write(), "test", address="bob@example.com")
    assert answer.status_code == 502
    assert words in answer.text


def test_a_test_to_a_broken_address_is_refused(visitor: FlaskClient, write: Write) -> None:
    answer = press(visitor, write(), "test", address="bob@@example.com\r\nBcc: all@example.com")
    assert answer.status_code == 422
    assert "No test was sent." in answer.text


@pytest.mark.usefixtures("rosa")
def test_a_program_is_told_the_new_state(visitor: FlaskClient, write: Write) -> None:
    campaign = write()
    answer = post(visitor, f"/campaigns/{campaign.id}/start", headers=JSON)
    assert answer.json == {
        "message": "It is on its way.",
        "id": campaign.id,
        "status": "running",
    }
