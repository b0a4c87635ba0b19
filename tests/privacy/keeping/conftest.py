"""A run over everything, at any time."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts.models import AuditEntry
from mailer.audience.models import ConsentEvent
from mailer.privacy.keeping import runs
from mailer.privacy.keeping.models import Run

VIENNA = ZoneInfo("Europe/Vienna")
RunAt = Callable[[datetime], Run]


@pytest.fixture
def run_at(session: Session) -> RunAt:
    """``run_at(now)`` counts, runs to the end, and finds that both agree and every seal holds."""

    def run(now: datetime) -> Run:
        dry = runs.rehearse(session, now, VIENNA, "a test")
        session.commit()
        number = runs.begin(session, now, VIENNA, "a test")
        assert number is not None
        while runs.go_on(session, now, number):
            session.commit()
        session.commit()
        while ledger.seal_waiting(session, ConsentEvent):
            session.commit()
        assert ledger.first_broken(session, ConsentEvent) is None
        assert ledger.first_broken(session, AuditEntry) is None
        done = session.get_one(Run, number, populate_existing=True)
        for name, tables in dry.counts.items():
            for table, expected in tables.items():
                found = done.counts.get(name, {}).get(table, 0)
                assert found >= expected, f"{name}: {table}"
                assert found == expected or (name, table) == ("subscription", "subscriptions")
        return done

    return run
