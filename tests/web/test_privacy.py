"""A person's rights on the web: with a reason, by the right people, and on record."""

import io
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.words import SubscriptionStatus
from mailer.privacy import erasure
from tests.conftest import MakeReader
from tests.visitors import post, sign_in


@pytest.fixture
def admin(client: FlaskClient, adam: User) -> FlaskClient:
    """A visitor who is signed in as the admin."""
    sign_in(client, adam)
    return client


def entries(session: Session) -> list[AuditEntry]:
    return list(session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))


def test_a_persons_data_comes_as_a_zip_and_on_record(
    admin: FlaskClient, session: Session, adam: User, rosa: Subscriber
) -> None:
    answer = post(admin, f"/subscribers/{rosa.id}/export", {"reason": "her request"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=reader-{rosa.id}.zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert "data.json" in archive.namelist()
    (entry,) = entries(session)
    assert (entry.actor, entry.action) == (adam.email, "privacy.export_person")
    assert (entry.subject, entry.reason) == (f"subscriber {rosa.id}", "her request")


@pytest.mark.parametrize("reason", ["", "   ", "rosa@example.org asked", "x" * 501])
def test_without_a_reason_nothing_leaves(
    admin: FlaskClient, session: Session, rosa: Subscriber, letters: MailingList, reason: str
) -> None:
    answer = post(admin, f"/subscribers/{rosa.id}/export", {"reason": reason})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    if "@" not in reason:
        answer = post(admin, f"/lists/{letters.id}/export", {"reason": reason})
        assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert entries(session) == []


def test_a_person_is_erased_with_her_address_typed(
    admin: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    number = rosa.id
    data = {"confirmation": " ROSA@example.org ", "reason": "her request"}
    answer = post(admin, f"/subscribers/{number}/erase", data)
    assert answer.status_code == 302
    session.expire_all()
    assert session.get(Subscriber, number) is None
    assert [entry.action for entry in entries(session)] == ["privacy.erase_person"]
    assert post(admin, f"/subscribers/{number}/erase", data).status_code == 404


def test_a_child_is_erased_for_that_reason_alone(
    admin: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    data = {"confirmation": "rosa@example.org", "reason": "Rosa is nine", "child": "yes"}
    assert post(admin, f"/subscribers/{rosa.id}/erase", data).status_code == 302
    (entry,) = entries(session)
    assert entry.reason == erasure.CHILD


def test_an_erased_address_is_in_no_file_of_the_database(
    admin: FlaskClient, rosa: Subscriber, tmp_path: Path
) -> None:
    database, log = tmp_path / "mailer.sqlite3", tmp_path / "mailer.sqlite3-wal"
    assert b"rosa@example.org" in log.read_bytes()
    data = {"confirmation": rosa.email, "reason": "her request"}
    assert post(admin, f"/subscribers/{rosa.id}/erase", data).status_code == 302
    assert b"rosa@" not in database.read_bytes() + log.read_bytes()


@pytest.mark.parametrize(
    "data",
    [
        {"confirmation": "yes", "reason": "her request"},
        {"confirmation": "rosa@example.org", "reason": ""},
        {"confirmation": "rosa@example.org", "reason": "rosa@example.org wrote"},
        {},
    ],
)
def test_an_unsure_erasure_does_not_happen(
    admin: FlaskClient, session: Session, rosa: Subscriber, data: dict[str, str]
) -> None:
    answer = post(admin, f"/subscribers/{rosa.id}/erase", data)
    assert answer.status_code == 422
    assert session.get(Subscriber, rosa.id) is not None
    assert entries(session) == []


def test_a_list_comes_as_csv_without_who_left(
    admin: FlaskClient, session: Session, letters: MailingList, make_reader: MakeReader
) -> None:
    make_reader("rosa")
    make_reader("gone", SubscriptionStatus.unsubscribed)
    answer = post(admin, f"/lists/{letters.id}/export", {"reason": "a move"})
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert (answer.headers["X-Left-Out"], answer.headers["Cache-Control"]) == ("1", "no-store")
    assert "rosa@example.org" in answer.text
    assert "gone@example.org" not in answer.text
    (entry,) = entries(session)
    assert entry.reason == "a move (1 exported; 1 left out: unsubscribed or not to be used)"


def test_the_form_says_how_many_are_left_out(
    admin: FlaskClient, letters: MailingList, make_reader: MakeReader
) -> None:
    make_reader("gone", SubscriptionStatus.unsubscribed)
    page = admin.get(f"/lists/{letters.id}/export").text
    assert "1 left out." in page
    assert "gone@" not in page


@pytest.mark.parametrize("act", ["export", "erase"])
def test_asking_changes_nothing(
    admin: FlaskClient, session: Session, rosa: Subscriber, act: str
) -> None:
    assert admin.get(f"/subscribers/{rosa.id}/{act}").status_code == 200
    assert entries(session) == []


def test_a_marketer_may_do_none_of_it(
    client: FlaskClient, session: Session, bob: User, rosa: Subscriber, letters: MailingList
) -> None:
    sign_in(client, bob)
    data = {"confirmation": rosa.email, "reason": "curious"}
    for path in (
        f"/subscribers/{rosa.id}/export",
        f"/subscribers/{rosa.id}/erase",
        f"/lists/{letters.id}/export",
    ):
        assert client.get(path).status_code == 403
        assert post(client, path, data).status_code == 403
    assert session.get(Subscriber, rosa.id) is not None


def test_who_is_not_there_is_nothing(admin: FlaskClient) -> None:
    for path in ("/subscribers/999/export", "/subscribers/999/erase", "/lists/999/export"):
        assert post(admin, path, {"reason": "x"}).status_code == 404


def test_readers_come_as_a_stream_of_csv_and_on_record(
    admin: FlaskClient, session: Session, make_reader: MakeReader
) -> None:
    make_reader("rosa").name = "=1+1"
    make_reader("gone", SubscriptionStatus.unsubscribed)
    make_reader("una")
    session.commit()
    assert "<strong>1</strong> reader" in admin.get("/subscribers/export?q=ro").text
    answer = post(admin, "/subscribers/export?q=ro", {"reason": "a move"})
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "rosa@example.org,'=1+1" in answer.text
    assert "una@example.org" not in answer.text
    raw = post(admin, "/subscribers/export?raw=1", {"reason": "a move"}).text
    assert "rosa@example.org,=1+1" in raw
    assert "gone@example.org" not in raw
    first, second = entries(session)
    assert (first.action, first.subject) == ("privacy.export_readers", "q some text")
    assert (first.reason, second.subject) == ("a move (1 readers)", "all readers")


def test_readers_do_not_leave_without_a_reason(
    admin: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    answer = post(admin, "/subscribers/export", {"reason": f"for {rosa.email}"})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert entries(session) == []
