"""An archive by mail: sealed until its reader presses the link, and gone once she has it."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer import clock, desk
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import Subscriber
from mailer.delivery.smtp.relay import Relay
from mailer.privacy import erasure
from mailer.privacy.archive import leftovers, schema
from mailer.privacy.archive.models import Archive, ArchivePiece
from mailer.privacy.handover import orders, sealing
from tests.relays import Sink
from tests.visitors import look_at, post, sign_in

GONE = 410


@pytest.fixture
def config(sqlite_url: str, config_for: Callable[..., Config]) -> Config:
    return config_for(sqlite_url)


@pytest.fixture
def owed(client: FlaskClient, session: Session, adam: User, rosa: Subscriber) -> int:
    """Return the number of an archive that an admin has promised to rosa."""
    sign_in(client, adam)
    form = {"reason": "request of 3 May", "way": "mail"}
    assert post(client, f"/subscribers/{rosa.id}/export", form).status_code == 302
    return session.scalars(sa.select(Archive.id)).one()


@pytest.fixture
def path(app: Flask, session: Session, owed: int, smtp_sink: Sink) -> str:
    """Return the address in the mail that rosa got."""
    session.rollback()
    with app.app_context():
        desk.send_archive(owed, Relay.at(smtp_sink.url, 5))
    session.expire_all()
    (mail,) = smtp_sink.caught
    assert mail.rcpt_to == ("rosa@example.org",)
    body = mail.content.decode().replace("=\r\n", "")
    return "/archive/" + body.split("/archive/")[1].split()[0].split('"')[0]


def actions(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_looking_does_not_use_the_link_up_and_fetching_does(
    app: Flask, session: Session, path: str
) -> None:
    reader = app.test_client()
    for _ in range(3):
        assert "Download my data" in reader.get(path).text
    answer = reader.post(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        profile = json.loads(archive.read("data.json"))["profile"]
    assert profile[0]["email"] == "rosa@example.org"
    assert (reader.get(path).status_code, reader.post(path).status_code) == (GONE, GONE)
    assert actions(session) == [
        "privacy.archive_promised",
        "privacy.archive_mailed",
        "privacy.archive_opened",
        "privacy.archive_fetched",
    ]
    assert session.scalars(sa.select(ArchivePiece)).all() == []


def test_what_lies_on_the_disk_opens_nothing(
    session: Session, path: str, tmp_path: Path, rosa: Subscriber
) -> None:
    session.commit()
    secret = path.rpartition(".")[2].encode()
    held = session.scalars(sa.select(Archive)).one()
    content = b"".join(one.content for one in session.scalars(sa.select(ArchivePiece)))
    assert b"data.json" not in content
    with pytest.raises(sealing.Unopened):
        sealing.opened(held.id, held.token_hash, 0, content, is_last=True)
    kept = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert secret not in kept
    assert rosa.email.encode() in kept


def test_a_download_that_breaks_off_leaves_the_link_alive(
    app: Flask, session: Session, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, secret = sealing.read(path.rpartition("/")[2]) or (0, b"")
    monkeypatch.setattr(sealing, "PIECE", 100)
    orders.keep(session, number, secret, b"x" * 250, clock.now(), timedelta(7))
    session.commit()
    answer = app.test_client().post(path, buffered=False)
    assert next(answer.response) == b"x" * 100  # type: ignore[call-overload]
    answer.close()
    assert app.test_client().post(path).data == b"x" * 250
    assert app.test_client().post(path).status_code == GONE


def test_a_piece_that_was_changed_moved_or_cut_off_is_not_handed_out() -> None:
    secret = b"k" * sealing.SECRET_BYTES
    first, last = sealing.sealed(7, secret, b"x" * (sealing.PIECE + 1))
    assert sealing.opened(7, secret, 1, last, is_last=True) == b"x"
    for number, at, piece, is_last in (
        (7, 0, first, True),
        (7, 1, first, False),
        (8, 0, first, False),
        (7, 0, first[:-1] + bytes([first[-1] ^ 1]), False),
    ):
        with pytest.raises(sealing.Unopened):
            sealing.opened(number, secret, at, piece, is_last=is_last)


@pytest.mark.parametrize("change", ["secret", "number", "shape"])
def test_another_link_opens_nothing(app: Flask, path: str, change: str) -> None:
    number, secret = path.removeprefix("/archive/").split(".")
    other = {
        "secret": f"{number}.{secret[::-1][1:]}A",
        "number": f"9{number}.{secret}",
        "shape": f"{number}.{secret}A",
    }[change]
    assert app.test_client().post(f"/archive/{other}").status_code == GONE


def test_after_seven_days_it_is_gone(app: Flask, session: Session, path: str) -> None:
    later = clock.now() + timedelta(days=7, seconds=1)
    with pytest.raises(orders.DeadLink):
        orders.usable(session, path.rpartition("/")[2], later)
    assert leftovers.drop(session, leftovers.is_over(later, later - timedelta(minutes=1))) == 0
    assert leftovers.drop(session, leftovers.is_over(later, later)) == 1
    session.commit()
    assert session.scalars(sa.select(ArchivePiece)).all() == []
    assert app.test_client().get(path).status_code == GONE


def test_an_erasure_takes_it_along(
    app: Flask, session: Session, path: str, rosa: Subscriber
) -> None:
    erasure.erase(session, rosa, clock.now(), "command line", reason="her request")
    session.commit()
    assert session.scalars(sa.select(ArchivePiece)).all() == []
    assert session.scalars(sa.select(Archive)).all() == []
    assert app.test_client().post(path).status_code == GONE


def test_what_the_relay_will_not_take_opens_nothing_and_is_made_anew(
    app: Flask, session: Session, owed: int, smtp_sink: Sink
) -> None:
    session.rollback()
    with app.app_context():
        desk.send_archive(owed, Relay.at("smtp://127.0.0.1:9", 1))
    session.expire_all()
    held = session.get_one(Archive, owed)
    assert (held.token_hash, held.mailed_at, held.tries) == (b"", None, 1)
    assert "could not be reached" in held.problem
    assert session.scalars(sa.select(ArchivePiece)).all() == []
    held.due_at = clock.now()
    session.commit()
    with app.app_context():
        desk.send_archive(owed, Relay.at(smtp_sink.url, 5))
    session.expire_all()
    assert session.get_one(Archive, owed).mailed_at is not None
    assert len(smtp_sink.caught) == 1


def test_a_newer_copy_takes_the_place_of_the_one_that_waits(
    app: Flask, client: FlaskClient, path: str, rosa: Subscriber
) -> None:
    look_at(client, rosa.id)
    post(client, f"/subscribers/{rosa.id}/export", {"reason": "again", "way": "mail"})
    assert app.test_client().post(path).status_code == GONE
    page = client.get(f"/subscribers/{rosa.id}/export").text
    assert "Being made" in page
    assert "never fetched" in page


def test_the_schema_stands_at_its_address(client: FlaskClient) -> None:
    answer = client.get("/schemas/person-2.json")
    assert (answer.mimetype, answer.data) == ("application/schema+json", schema.text())
