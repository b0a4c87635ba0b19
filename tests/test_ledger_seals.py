"""Entries that wait for their seal: written by many at once, sealed by one."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clockwork, ledger
from mailer.audience import consent as consenting
from mailer.audience.consent import Decision, Evidence
from mailer.audience.models import ConsentEvent
from mailer.audience.words import ConsentAction, ConsentMethod
from mailer.db import db
from tests.test_ledger import blank, decision

pytestmark = pytest.mark.usefixtures("database")


def test_what_waits_is_sealed_in_the_order_of_its_numbers(session: Session, now: datetime) -> None:
    waiting = [decision(now, bytes([n]) * 32, ConsentAction.requested) for n in range(3)]
    session.add_all(waiting)
    session.commit()
    assert ledger.waiting(session, ConsentEvent) == ledger.Queue(3, now)
    assert ledger.head(session, ConsentEvent) == (0, ledger.GENESIS)
    assert ledger.seal_waiting(session, ConsentEvent) == 3
    session.commit()
    assert [one.position for one in waiting] == [1, 2, 3]
    assert ledger.head(session, ConsentEvent) == (3, waiting[2].hash)
    assert ledger.first_broken(session, ConsentEvent) is None
    assert ledger.waiting(session, ConsentEvent) == ledger.Queue(0, None)
    assert ledger.seal_waiting(session, ConsentEvent) == 0


def test_what_is_sealed_at_once_may_come_before_what_waits(session: Session, now: datetime) -> None:
    consent = first(session, now)
    waiting = decision(now, b"w" * 32, ConsentAction.requested)
    session.add(waiting)
    session.commit()
    at_once = decision(now, b"o" * 32, ConsentAction.confirmed)
    ledger.append(session, [at_once])
    ledger.seal_waiting(session, ConsentEvent)
    session.commit()
    assert [one.position for one in (consent, at_once, waiting)] == [1, 2, 3]
    assert waiting.id < at_once.id
    assert ledger.first_broken(session, ConsentEvent) is None


def test_a_sealed_entry_that_was_put_in_between_shows(session: Session, now: datetime) -> None:
    consent = first(session, now)
    forged = decision(now, b"f" * 32, ConsentAction.confirmed)
    forged.previous_hash = consent.previous_hash
    forged.hash = ledger.seal(str(consent.previous_hash), forged.sealed())
    forged.position = 7
    session.add(forged)
    session.commit()
    assert ledger.first_broken(session, ConsentEvent) == forged.id


def test_an_entry_that_waits_can_take_a_seal_and_no_other_change(
    session: Session, now: datetime
) -> None:
    waiting = decision(now, b"w" * 32, ConsentAction.requested)
    session.add(waiting)
    session.commit()
    changes: dict[str, object] = {"position": 1, "previous_hash": ledger.GENESIS, "hash": "0" * 64}
    others: list[dict[str, object]] = [
        {"method": ConsentMethod.form},
        {"evidence": {}},
        {"position": None},
    ]
    for change in others:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            session.execute(sa.update(ConsentEvent).values(changes | change))
        session.rollback()
    session.execute(sa.update(ConsentEvent).values(changes))


def test_who_writes_does_not_wait_for_another_who_has_not_committed(
    app: Flask, session: Session, now: datetime, database: str
) -> None:
    """On PostgreSQL: SQLite's transactions that write stand in line in any case."""
    if not database.startswith("postgresql"):
        assert session.get_bind().dialect.name == "sqlite"
        return
    record(session, now)
    done = threading.Event()

    def write() -> None:
        with app.app_context():
            record(db.session(), now)
            db.session.commit()
            ledger.seal_waiting(db.session(), ConsentEvent)
            db.session.commit()
        done.set()

    other = threading.Thread(target=write)
    other.start()
    is_done = done.wait(5)
    session.commit()
    other.join()
    assert is_done
    ledger.seal_waiting(session, ConsentEvent)
    session.commit()
    in_order = session.query(ConsentEvent).order_by(ConsentEvent.position).all()
    assert in_order[0].id > in_order[1].id, "numbered first, committed last"
    assert ledger.first_broken(session, ConsentEvent) is None


def test_writers_sealers_and_an_erasure_at_once_leave_one_chain(
    app: Flask, session: Session, now: datetime
) -> None:
    start = threading.Barrier(4)

    def repeat(act: Callable[[Session], object]) -> None:
        start.wait()
        for _ in range(15):
            with app.app_context():
                act(db.session())
                db.session.commit()

    def erase_her(own: Session) -> None:
        blank(own)
        own.add(decision(now, b"w" * 32, ConsentAction.erased))

    def sealed(own: Session) -> None:
        ledger.seal_waiting(own, ConsentEvent)

    acts = (lambda own: record(own, now), sealed, sealed, erase_her)
    threads = [threading.Thread(target=repeat, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while ledger.seal_waiting(session, ConsentEvent):
        session.commit()
    assert ledger.head(session, ConsentEvent)[0] == 30
    assert ledger.first_broken(session, ConsentEvent) is None


def test_the_clock_seals_all_that_waits(
    app: Flask, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "BATCH", 2)
    for _ in range(5):
        record(session, now)
    session.commit()
    clockwork.seal(app)
    session.rollback()
    assert ledger.head(session, ConsentEvent)[0] == 5
    assert ledger.first_broken(session, ConsentEvent) is None


def record(session: Session, now: datetime) -> None:
    wish = Decision(ConsentAction.requested, ConsentMethod.form, 1)
    consenting.record(session, now, b"w" * 32, wish, Evidence(ip="127.0.0.1"))


def first(session: Session, now: datetime) -> ConsentEvent:
    """Return an entry that was sealed at once."""
    event = decision(now, b"k" * 32, ConsentAction.confirmed)
    ledger.append(session, [event])
    session.commit()
    return event
