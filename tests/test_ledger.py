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
from mailer.audience.models import ConsentEvent
from mailer.audience.words import ConsentAction, ConsentMethod
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
        evidence_hash=ledger.evidence_hash("0a" * 16, {"ip": "127.0.0.1"}),
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


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_of_the_newest_entries_alone_any_change_shows(
    session: Session, entries: list[AuditEntry], changed: int
) -> None:
    """What came before them is taken at its word."""
    unlock(session)
    number = entries[changed].id
    session.execute(sa.update(AuditEntry).where(AuditEntry.id == number).values(actor="changed"))
    session.expire_all()
    for newest in (1, 2, 3, 4):
        is_read = newest > 2 - changed
        assert ledger.first_broken(session, AuditEntry, newest) == (number if is_read else None)


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
    ],
)
def test_no_column_can_be_updated(
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


@pytest.mark.parametrize("table", LEDGERS)
@pytest.mark.parametrize(
    ("database", "name"),
    [
        ("postgresql", "id"),
        *[("sqlite", name) for name in ("id", "rowid", "oid", "_rowid_")],
    ],
    indirect=["database"],
)
def test_no_entry_takes_another_number_by_any_name_of_it(
    session: Session, entries: list[AuditEntry], consent: ConsentEvent, table: str, name: str
) -> None:
    assert entries
    assert consent
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.text(f"UPDATE {table} SET {name} = {name} + 100"))  # noqa: S608
    session.rollback()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", LEDGERS)
def test_no_entry_can_be_replaced(
    session: Session, entries: list[AuditEntry], consent: ConsentEvent, table: str
) -> None:
    assert entries
    assert consent
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))  # noqa: S608
    session.rollback()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", LEDGERS)
def test_no_ledger_can_be_truncated(session: Session, table: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.text(f"TRUNCATE {table} CASCADE"))
    session.rollback()


def test_the_evidence_of_the_erased_is_blank_and_the_chain_stays_whole(
    session: Session, consent: ConsentEvent, now: datetime
) -> None:
    blank(session)
    erase(session, now, consent.address_key)
    session.commit()
    assert consent.evidence is None
    assert ledger.first_broken(session, ConsentEvent) is None
    blank(session)
    assert ledger.first_broken(session, ConsentEvent) == consent.id + 1


def test_evidence_that_is_blank_for_no_reason_shows(
    session: Session, consent: ConsentEvent, now: datetime
) -> None:
    blank(session)
    erase(session, now, b"o" * 32)
    assert ledger.first_broken(session, ConsentEvent) == consent.id


def test_an_erasure_excuses_nothing_that_came_after_it(
    session: Session, consent: ConsentEvent, now: datetime
) -> None:
    erase(session, now, consent.address_key)
    later = decision(now, consent.address_key, ConsentAction.requested)
    ledger.append(session, [later])
    session.execute(
        sa.update(ConsentEvent)
        .where(ConsentEvent.id == later.id)
        .values(evidence=None, evidence_salt=None)
    )
    assert ledger.first_broken(session, ConsentEvent) == later.id


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": {"ip": "127.0.0.2"}},
        {"evidence": {}},
        {"evidence_salt": "0c" * 16},
        {"evidence": None},
        {"evidence_salt": None},
    ],
)
def test_changed_evidence_shows(
    session: Session, consent: ConsentEvent, now: datetime, changes: dict[str, object]
) -> None:
    erase(session, now, consent.address_key)
    unlock(session, "consent_events")
    session.execute(sa.update(ConsentEvent).where(ConsentEvent.id == consent.id).values(**changes))
    assert ledger.first_broken(session, ConsentEvent) == consent.id


def test_the_head_shows_what_is_missing_at_the_end(
    session: Session, entries: list[AuditEntry]
) -> None:
    assert ledger.head(session, ConsentEvent) == (0, ledger.GENESIS)
    assert ledger.head(session, AuditEntry) == (3, entries[2].hash)
    unlock(session)
    session.execute(sa.delete(AuditEntry).where(AuditEntry.id == entries[2].id))
    assert ledger.first_broken(session, AuditEntry) is None
    assert ledger.head(session, AuditEntry) == (2, entries[1].hash)


def test_a_long_ledger_is_read_some_entries_at_a_time(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "BATCH", 2)
    for number in range(5):
        audit.record(session, now, "tick", "mark", f"list {number}")
    session.commit()
    session.expunge_all()
    held: list[int] = []
    sa.event.listen(
        session, "loaded_as_persistent", lambda *_: held.append(len(session.identity_map))
    )
    assert ledger.first_broken(session, AuditEntry) is None
    assert len(held) == 5
    assert max(held) < 5


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


def unlock(session: Session, table: str = "audit_entries") -> None:
    """Take the triggers away, as somebody with the database's password could."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    for act in ("delete", "update"):
        suffix = f" ON {table}" if postgresql else ""
        session.execute(sa.text(f"DROP TRIGGER {table}_no_{act}{suffix}"))


def blank(session: Session) -> None:
    session.execute(sa.update(ConsentEvent).values(evidence=None, evidence_salt=None))


def erase(session: Session, now: datetime, key: bytes) -> None:
    ledger.append(session, [decision(now, key, ConsentAction.erased)])


def decision(now: datetime, key: bytes, action: ConsentAction) -> ConsentEvent:
    salt, evidence = "0a" * 16, {"actor": "alice"}
    return ConsentEvent(
        at=now,
        address_key=key,
        action=action,
        method=ConsentMethod.staff,
        evidence=evidence,
        evidence_salt=salt,
        evidence_hash=ledger.evidence_hash(salt, evidence),
    )
