"""The audit log loses its first entries in time, and still shows any other change."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts import audit
from mailer.accounts.models import CUT, AuditEntry
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.sweeps import acts
from tests.privacy.keeping.conftest import VIENNA, RunAt
from tests.test_ledger import unlock

THEN = datetime(2026, 3, 2, 15, 30, tzinfo=VIENNA).astimezone(UTC)
FIVE_YEARS = datetime(2031, 3, 3, tzinfo=VIENNA).astimezone(UTC)
SECOND, A_DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


@pytest.fixture(autouse=True)
def acted(session: Session) -> None:
    """Seven acts on that day, and one on the day after."""
    for number in range(7):
        audit.record(session, THEN, "alice", "lists.rename", f"list {number}")
    audit.record(session, THEN + A_DAY, "alice", "lists.rename", "list 7")
    session.commit()


def subjects(session: Session) -> list[str]:
    chosen = sa.select(AuditEntry.subject).where(AuditEntry.action == "lists.rename")
    return list(session.scalars(chosen.order_by(AuditEntry.id)))


def test_the_first_acts_go_five_years_later_and_the_chain_is_still_one(
    session: Session, run_at: RunAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PORTION", 3)
    run_at(FIVE_YEARS - SECOND)
    assert len(subjects(session)) == 8
    before = ledger.head(session, AuditEntry)
    assert run_at(FIVE_YEARS).counts[Class.audit] == {"audit_entries": 7}
    assert subjects(session) == ["list 7"]
    number, _ = ledger.head(session, AuditEntry)
    assert number > before[0]  # those that went count: a note of the length is still right
    cuts = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == CUT)).all()
    assert [one.reason.split(",")[0] for one in cuts] == ["3 in all", "6 in all", "7 in all"]
    run_at(FIVE_YEARS + A_DAY)
    assert subjects(session) == []
    assert ledger.first_broken(session, AuditEntry) is None


@pytest.mark.parametrize("change", ["altered", "removed", "at the front", "the cut itself"])
def test_a_change_of_what_is_left_is_found(session: Session, run_at: RunAt, change: str) -> None:
    run_at(FIVE_YEARS)
    audit.record(session, FIVE_YEARS, "alice", "lists.rename", "list 8")
    session.commit()
    unlock(session)
    cut = sa.select(AuditEntry.id).where(AuditEntry.action == CUT)
    statement = {
        "altered": sa.update(AuditEntry).where(AuditEntry.subject == "list 7").values(actor="eve"),
        "removed": sa.delete(AuditEntry).where(AuditEntry.action == "retention.run"),
        "at the front": sa.delete(AuditEntry).where(AuditEntry.subject == "list 7"),
        "the cut itself": sa.delete(AuditEntry).where(AuditEntry.id.in_(cut)),
    }[change]
    session.execute(statement, execution_options={"synchronize_session": False})
    assert ledger.first_broken(session, AuditEntry) is not None


def test_what_no_cut_covers_cannot_be_deleted(session: Session, run_at: RunAt) -> None:
    run_at(FIVE_YEARS)
    for which in (AuditEntry.subject == "list 7", AuditEntry.action == CUT):
        with pytest.raises(DatabaseError, match="append-only"):
            session.execute(sa.delete(AuditEntry).where(which))
        session.rollback()


def test_a_chain_that_does_not_hold_is_kept_whole(session: Session) -> None:
    unlock(session)
    session.execute(sa.update(AuditEntry).values(actor="eve").where(AuditEntry.id == 3))
    with pytest.raises(audit.BrokenChain, match="Entry 3"):
        audit.cut(session, FIVE_YEARS, "a test", until=5, most=100)
    assert audit.cut(session, FIVE_YEARS, "a test", until=2, most=100) == 2
    assert ledger.first_broken(session, AuditEntry) == 3
