"""The policy as everybody reads it, and in the hands of staff."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, clockwork
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList
from mailer.campaigns.models import Campaign
from mailer.privacy.policy.cookies import COOKIES
from mailer.privacy.policy.models import Page, PolicyVersion
from tests.visitors import post, sign_in


@pytest.fixture
def adams(client: FlaskClient, adam: User) -> FlaskClient:
    """Adam the admin, signed in."""
    sign_in(client, adam)
    return client


def test_everybody_may_read_both_pages_and_gets_no_cookie(
    client: FlaskClient, letters: MailingList
) -> None:
    for path, words in (("/privacy", letters.sender.legal_name), ("/cookies", COOKIES[0].name)):
        answer = client.get(path)
        assert words in answer.text
        assert "Last edited on" in answer.text
        assert "Set-Cookie" not in answer.headers
    assert 'href="/privacy"' in client.get("/your-data").text


@pytest.mark.usefixtures("database")
def test_the_clock_numbers_what_a_setting_changed(
    app: Flask, adams: FlaskClient, session: Session, letters: MailingList
) -> None:
    clockwork.tidy(app)
    assert "Version 1." in adams.get("/privacy").text
    letters.name = "Rain Letters"
    session.commit()
    page = adams.get("/privacy").text
    assert "Rain Letters" in page
    assert "Version" not in page
    assert "A setting changed" in adams.get("/policy/").text
    clockwork.tidy(app)
    assert "Version 2." in adams.get("/privacy").text
    assert "A setting changed" not in adams.get("/policy/").text


def test_staff_write_between_the_facts_and_each_save_is_a_version(
    adams: FlaskClient, session: Session, letters: MailingList
) -> None:
    written = "Ask **Ana**.\n\n# Your rights\n\nNone. <script>alert(1)</script>"
    page = post(adams, "/policy/privacy/edit", {"rights": written}, follow_redirects=True).text
    assert "Ask **Ana**." in page
    public = adams.get("/privacy").text
    assert "<strong>Ana</strong>" in public
    assert "<script>alert" not in public
    assert re.findall(r"<h[1-6]>Your rights</h", public) == ["<h2>Your rights</h"]
    assert letters.sender.legal_name in public
    assert "Ask **Ana**." in adams.get("/policy/privacy/edit").text
    page = post(adams, "/policy/privacy/edit", {"rights": written}, follow_redirects=True).text
    assert "Nothing changed." in page
    [version] = session.query(PolicyVersion)
    assert (version.page, version.actor) == (Page.privacy, "adam@example.com")
    [entry] = session.query(AuditEntry)
    assert (entry.action, entry.subject) == ("policy.edit", "privacy page, version 1")


def test_a_text_that_is_too_long_is_kept_and_explained(
    adams: FlaskClient, session: Session
) -> None:
    answer = post(adams, "/policy/privacy/edit", {"rights": "x" * 20_001})
    assert answer.status_code == 422
    assert "At most 20000" in answer.text
    assert session.query(PolicyVersion).count() == 0


def test_a_notice_to_readers_is_a_draft_to_read_first(
    adams: FlaskClient, session: Session, app: Flask, letters: MailingList
) -> None:
    clockwork.tidy(app)
    version = session.query(PolicyVersion).filter_by(page=Page.privacy).one()
    where = f"/policy/versions/{version.id}"
    page = post(adams, f"{where}/notice", {}, follow_redirects=True).text
    assert "The notice is a draft" in page
    made = session.query(Campaign).one()
    assert (made.name, made.sender_id) == ("Privacy policy, version 1", letters.sender_id)
    assert version.at <= clock.now()


def test_without_a_list_no_notice_is_drafted(
    adams: FlaskClient, session: Session, app: Flask
) -> None:
    session.commit()
    clockwork.tidy(app)
    version = session.query(PolicyVersion).filter_by(page=Page.privacy).one()
    where = f"/policy/versions/{version.id}/notice"
    assert "nobody to tell" in post(adams, where, {}, follow_redirects=True).text
