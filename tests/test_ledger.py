"""The ledgers: append-only by the database's word, and any change shows."""

import threading
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts import audit
from mailer.accounts.models import AuditEntry
from mailer.audience.models import ConsentAction, ConsentEvent, ConsentMethod
from mailer.db import Base, db

pytestmark = pytest.mark.usefixtures("database")
LEDGERS = ("audit_entries", "consent_events")


@pytest.fixture
def entries(session: Session, now: datetime) -> list[AuditEntry]:
    """Three acts, recorded."""
    acts = ("lists.create", "lists.export", "privacy.erase")
    made = [audit.record(session, now, "command line", act, "list 1") for act in acts]
    session.commit()
    return made


@pytest.fixture
def consent(session: Session, now: datetime) -> ConsentEvent:
    """One reader's word."""
    event = ConsentEvent(
        at=now,
        address_key=b"k" * 32,
        list_id=1,
        action=ConsentAction.confirmed,
        method=ConsentMethod.link,
        evidence={"ip": "127.0.0.1"},
        evidence_salt="0a" * 16,
        evidence_hash="0b" * 32,
    )
    ledger.append(session, [event])
    session.commit()
    return event


def test_each_entry_seals_the_one_before(session: Session, entries: list[AuditEntry]) -> None:
    assert entries[0].previous_hash == ledger.GENESIS
    assert [entry.previous_hash for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert ledger.first_broken(session, AuditEntry) is None


def test_a_chain_holds_after_reading_it_back(
    session: Session, entries: list[AuditEntry], consent: ConsentEvent
) -> None:
    assert entries
    assert consent
    session.expire_all()
    assert ledger.first_broken(session, AuditEntry) is None
    assert ledger.first_broken(session, ConsentEvent) is None


def test_several_entries_at_once_make_one_chain(session: Session, now: datetime) -> None:
    rows = [
        AuditEntry(at=now, actor="tick", action=str(number), subject="list 1", reason="")
        for number in range(3)
    ]
    ledger.append(session, rows)
    ledger.append(session, [])
    session.commit()
    assert [row.action for row in session.query(AuditEntry).order_by(AuditEntry.id)] == list("012")
    assert ledger.first_broken(session, AuditEntry) is None


@pytest.mark.parametrize("column", ["at", "actor", "actor_id", "action", "subject", "reason"])
def test_a_changed_column_shows(session: Session, entries: list[AuditEntry], column: str) -> None:
    unlock(session)
    new = {"at": sa.text("'2026-03-03 00:00:00+00:00'"), "actor_id": 99}.get(column, "changed")
    session.execute(
        sa.update(AuditEntry).where(AuditEntry.id == entries[1].id).values({column: new})
    )
    session.expire_all()
    assert ledger.first_broken(session, AuditEntry) == entries[1].id


def test_a_removed_entry_shows(session: Session, entries: list[AuditEntry]) -> None:
    first, second, third = (entry.id for entry in entries)
    assert first < second
    unlock(session)
    session.execute(sa.delete(AuditEntry).where(AuditEntry.id == second))
    session.expire_all()
    assert ledger.first_broken(session, AuditEntry) == third


@pytest.mark.parametrize("table", LEDGERS)
def test_no_entry_can_be_deleted(
    session: Session, entries: list[AuditEntry], consent: ConsentEvent, table: str
) -> None:
    assert entries
    assert consent
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.delete(sa.table(table)))
    session.rollback()


@pytest.mark.parametrize(
    ("model", "column"),
    [
        (model, column.name)
        for model in (AuditEntry, ConsentEvent)
        for column in Base.metadata.tables[model.__tablename__].columns
        if column.name not in {"evidence", "evidence_salt"}
    ],
)
def test_no_sealed_column_can_be_updated(
    session: Session,
    entries: list[AuditEntry],
    consent: ConsentEvent,
    model: type[ledger.Entry],
    column: str,
) -> None:
    assert entries
    assert consent
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.update(model).values({column: getattr(model, column)}))
    session.rollback()


def test_evidence_can_be_erased_and_the_chain_stays_whole(
    session: Session, consent: ConsentEvent
) -> None:
    consent.evidence = None
    consent.evidence_salt = None
    session.commit()
    assert consent.evidence is None
    assert ledger.first_broken(session, ConsentEvent) is None


def test_two_writers_at_once_make_one_chain(app: Flask, session: Session, now: datetime) -> None:
    start = threading.Barrier(4)

    def write() -> None:
        start.wait()
        for _ in range(10):
            with app.app_context():
                audit.record(db.session(), now, "tick", "mark", "list 1")
                db.session.commit()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert session.query(AuditEntry).count() == 40
    assert ledger.first_broken(session, AuditEntry) is None


def test_what_cannot_be_sealed_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot seal set"):
        ledger.seal(ledger.GENESIS, {"subject": {1}})


def unlock(session: Session) -> None:
    """Take the triggers away, as somebody with the database's password could."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    for act in ("delete", "update"):
        suffix = " ON audit_entries" if postgresql else ""
        session.execute(sa.text(f"DROP TRIGGER audit_entries_no_{act}{suffix}"))
