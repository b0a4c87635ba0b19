"""The audit page: what happened, and whether somebody tampered with it."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import consent
from mailer.audience.consent import Decision, Evidence
from mailer.audience.words import ConsentAction, ConsentMethod
from tests.visitors import sign_in


@pytest.fixture
def admin(client: FlaskClient, adam: User) -> FlaskClient:
    """A visitor who is signed in as the admin."""
    sign_in(client, adam)
    return client


def test_acts_are_listed_newest_first_and_by_page(
    admin: FlaskClient, session: Session, adam: User, now: datetime
) -> None:
    for number in range(60):
        audit.record(session, now, adam, "privacy.export_list", f"list {number}", reason="<b>why")
    first, second = admin.get("/audit/").text, admin.get("/audit/?page=2").text
    assert first.index("list 59") < first.index("list 58")
    assert "list 9 ·" not in first
    assert "list 9 ·" in second
    assert "&lt;b&gt;why" in first


def test_acts_can_be_chosen(
    admin: FlaskClient, session: Session, adam: User, now: datetime
) -> None:
    audit.record(session, now, adam, "users.add", "user 7")
    audit.record(session, now, adam, "privacy.erase_person", "subscriber 8")
    page = admin.get("/audit/?action=users.add").text
    assert "user 7" in page
    assert "subscriber 8" not in page


@pytest.mark.usefixtures("database")
def test_a_page_and_a_word_beyond_the_database_are_nothing(admin: FlaskClient) -> None:
    for page in ("9223372036854775807", "9" * 30, "0", "-1"):
        assert admin.get(f"/audit/?page={page}").status_code == 404
    for action in ("%00", "%ed%a0%80", "users.fly"):
        assert "Nothing recorded" in admin.get(f"/audit/?action={action}").text


def test_an_empty_log_says_so(admin: FlaskClient) -> None:
    assert "Nothing recorded yet" in admin.get("/audit/").text


def test_whole_chains_are_told(
    admin: FlaskClient, session: Session, adam: User, now: datetime
) -> None:
    audit.record(session, now, adam, "users.add", "user 7")
    page = admin.get("/audit/chain").text
    assert "Chain intact over 1 entry." in page
    assert "Chain intact over 0 entries." in page


def test_a_changed_entry_is_named(
    admin: FlaskClient, session: Session, adam: User, now: datetime
) -> None:
    for _ in range(3):
        audit.record(session, now, adam, "users.add", "user 7")
    session.execute(sa.text("DROP TRIGGER audit_entries_no_update"))
    session.execute(sa.text("UPDATE audit_entries SET reason = 'nothing' WHERE id = 2"))
    assert "Chain broken at entry 2." in admin.get("/audit/chain").text


def test_decisions_that_wait_for_minutes_are_told(
    admin: FlaskClient, session: Session, now: datetime
) -> None:
    wish = Decision(ConsentAction.requested, ConsentMethod.form, 1)
    consent.record(session, now, b"w" * 32, wish, Evidence())
    page = admin.get("/audit/chain").text
    assert "no process that keeps the time is running" in page


def test_a_marketer_reads_no_audit(client: FlaskClient, bob: User) -> None:
    sign_in(client, bob)
    assert client.get("/audit/").status_code == 403
    assert client.get("/audit/chain").status_code == 403
