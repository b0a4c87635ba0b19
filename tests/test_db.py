"""The database: times have zones, safe requests cannot write, and no update is lost."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts.models import Role, User
from mailer.audience.models import MailingList, Sender, Subscription
from mailer.db import db
from mailer.web.access import PUBLIC, access
from tests.databases import digests

pytestmark = pytest.mark.usefixtures("database")
SAFE = ("GET", "HEAD", "OPTIONS")


def test_a_time_comes_back_in_utc(session: Session, alice: User) -> None:
    chicago = timezone(timedelta(hours=-6))
    alice.created_at = datetime(2026, 3, 2, 9, 30, tzinfo=chicago)
    session.commit()
    assert alice.created_at == datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    assert alice.created_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(session: Session, alice: User) -> None:
    alice.created_at = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001 - the mistake in question
    with pytest.raises(sa.exc.StatementError, match="a time without a zone"):
        session.commit()
    session.rollback()


def test_a_row_that_points_nowhere_is_refused(session: Session, now: datetime) -> None:
    session.add(MailingList(public_id="stray", sender_id=999, name="Stray", created_at=now))
    with pytest.raises(sa.exc.IntegrityError):
        session.commit()
    session.rollback()


def test_a_word_outside_the_vocabulary_is_refused(session: Session, letters: MailingList) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(sa.text("UPDATE lists SET optin = 'none'"))
    session.rollback()
    assert letters.optin == "double"


def test_the_number_of_an_erased_reader_is_never_given_again(session: Session) -> None:
    first = Role(name="first")
    session.add(first)
    session.commit()
    number = first.id
    session.delete(first)
    session.commit()
    second = Role(name="second")
    session.add(second)
    session.commit()
    assert second.id > number


@pytest.mark.parametrize("method", SAFE)
def test_a_safe_request_cannot_write(
    app: Flask, session: Session, client: FlaskClient, sender: Sender, method: str
) -> None:
    @app.route("/careless", methods=[method], provide_automatic_options=False)
    @access(PUBLIC)
    def careless() -> str:
        db.session.execute(sa.update(Sender).values(city="Elsewhere"))
        db.session.commit()
        return ""

    before = digests(db.engine)
    with pytest.raises(sa.exc.DBAPIError, match=r"(?i)read.?only"):
        client.open("/careless", method=method)
    assert digests(db.engine) == before
    session.refresh(sender)
    assert sender.city == "Springfield"


def test_the_connection_of_a_safe_request_may_write_again(
    app: Flask, client: FlaskClient, session: Session, sender: Sender
) -> None:
    @app.route("/move", methods=["GET", "POST"])
    @access(PUBLIC)
    def move() -> str:
        if db.session.get_one(Sender, 1).city == "Springfield":
            db.session.execute(sa.update(Sender).values(city="Elsewhere"))
            db.session.commit()
        return ""

    app.config["WTF_CSRF_ENABLED"] = False  # this route is the test's own
    for _ in range(3):
        with pytest.raises(sa.exc.DBAPIError, match=r"(?i)read.?only"):
            client.get("/move")
        assert client.post("/move").status_code == 200
        session.refresh(sender)
        assert sender.city == "Elsewhere"
        sender.city = "Springfield"


def test_no_update_is_lost(app: Flask, session: Session, alice: User) -> None:
    threads, turns = 4, 25
    start = threading.Barrier(threads)

    def count() -> None:
        start.wait()
        for _ in range(turns):
            with app.app_context():
                user = db.session.get_one(User, 1, with_for_update=True)
                user.link_serial += 1
                db.session.commit()

    counters = [threading.Thread(target=count) for _ in range(threads)]
    session.commit()
    for counter in counters:
        counter.start()
    for counter in counters:
        counter.join()
    session.refresh(alice)
    assert alice.link_serial == threads * turns


def test_one_person_is_on_a_list_once(session: Session, letters: MailingList, rosa: object) -> None:
    assert rosa
    twice = session.query(Subscription).one()
    session.add(
        Subscription(
            subscriber_id=twice.subscriber_id, list_id=letters.id, created_at=twice.created_at
        )
    )
    with pytest.raises(sa.exc.IntegrityError):
        session.commit()
    session.rollback()


def test_sqlite_keeps_what_it_promised(session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        return
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    found = {name: session.execute(sa.text(f"PRAGMA {name}")).scalar() for name in wanted}
    assert found == wanted


@pytest.mark.usefixtures("database")
def test_a_page_that_only_reads_takes_one_connection_however_much_it_asks(app: Flask) -> None:
    with app.test_request_context("/"):
        before = db.engine.pool.checkedout()  # type: ignore[attr-defined]
        for _ in range(3):
            db.session.execute(sa.text("SELECT 1"))
        assert db.engine.pool.checkedout() == before + 1  # type: ignore[attr-defined]


def test_who_waits_too_long_to_write_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailer.db.PATIENCE", 0.05)
    with app.app_context(), db.engine.connect() as first, db.engine.connect() as second:
        if first.dialect.name != "sqlite":  # only SQLite has one lock for all
            return
        writing = first.begin()
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            second.begin()
        writing.rollback()
        with second.begin():
            patience = second.exec_driver_sql("PRAGMA busy_timeout").scalar()
        assert patience == 30_000
