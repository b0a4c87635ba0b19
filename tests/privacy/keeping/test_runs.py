"""A run: begun once a night, gone on with by whoever comes, and never cut in two."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock, clockwork
from mailer.accounts.models import AuditEntry
from mailer.audience.joining.models import AskedMail
from mailer.db import db
from mailer.privacy import reasons
from mailer.privacy.keeping import holds, periods, runs
from mailer.privacy.keeping.classes import RULES, Class
from mailer.privacy.keeping.holds import BadHold, Wanted
from mailer.privacy.keeping.models import Held, Run
from mailer.privacy.keeping.periods import BadPeriod
from mailer.privacy.letters import post
from mailer.privacy.letters.models import Letter
from tests.privacy.keeping.conftest import VIENNA

NOW = datetime(2026, 3, 2, 3, tzinfo=VIENNA).astimezone(UTC)
OLD = NOW - timedelta(days=1000)


@pytest.fixture
def letters_in(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five old letters, of which a portion takes two."""
    monkeypatch.setattr(post, "AT_ONCE", 2)
    one = {
        "received_at": OLD,
        "read_at": OLD,
        "mail_from": "",
        "recipient": "",
        "raw": b"",
        "size": 0,
    }
    session.add_all(Letter(**one) for _ in range(5))
    session.commit()


def left(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Letter)) or 0


@pytest.mark.usefixtures("letters_in", "database")
def test_a_killed_run_is_gone_on_with_where_it_was(app: Flask, session: Session) -> None:
    number = runs.begin_nightly(session, NOW, VIENNA)
    session.commit()
    assert number is not None
    while left(session) == 5:
        assert runs.go_on(session, NOW, number)
        session.commit()
    assert runs.go_on(session, NOW, number)
    assert left(session) == 1
    session.rollback()  # killed before its commit
    assert left(session) == 3
    assert session.get_one(Run, number).done == 2
    session.rollback()
    clockwork.keep_house(app)
    session.expire_all()
    one = session.get_one(Run, number)
    assert (left(session), one.counts["correspondence"], one.done) == (0, {"letters": 5}, 5)
    assert one.finished_at is not None


def test_each_night_has_one_run_however_many_machines_ask(session: Session) -> None:
    first = runs.begin_nightly(session, NOW, VIENNA)
    session.commit()
    assert first is not None
    assert runs.begin_nightly(session, NOW, VIENNA) is None
    assert runs.begin(session, NOW, VIENNA, "alice@example.com") is None  # while it is under way
    while runs.go_on(session, NOW, first):
        session.commit()
    session.commit()
    assert runs.begin_nightly(session, NOW + timedelta(hours=20), VIENNA) is None
    assert runs.begin_nightly(session, NOW + timedelta(hours=24, seconds=-1), VIENNA) is None
    assert runs.begin_nightly(session, NOW + timedelta(hours=24), VIENNA) is not None


@pytest.mark.parametrize("tier", ["server"], indirect=True)
@pytest.mark.usefixtures("tier", "letters_in")
def test_a_run_that_another_process_is_at_is_left_to_it(session: Session) -> None:
    number = runs.begin(session, NOW, VIENNA, "a test")
    session.commit()
    assert number is not None
    with db.engine.connect() as other:
        other.execute(sa.select(Run.id).where(Run.id == number).with_for_update())
        session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
        assert not runs.go_on(session, NOW, number)
    session.rollback()
    assert runs.go_on(session, NOW, number)


@pytest.mark.usefixtures("letters_in")
def test_the_clock_takes_up_a_run_by_itself(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clockwork, "HOUSE_SECONDS", 0.1)
    number = runs.begin(session, NOW, VIENNA, "a test")
    session.commit()
    until = time.monotonic() + 20
    with clockwork.ticking(app):
        while runs.under_way(session) == number and time.monotonic() < until:
            session.rollback()
            time.sleep(0.05)
        session.rollback()  # the clock ends once it has what this held
    assert left(session) == 0


@pytest.mark.usefixtures("letters_in")
def test_counting_changes_nothing(session: Session) -> None:
    report = runs.rehearse(session, NOW, VIENNA, "a test")
    assert report.counts["correspondence"] == {"letters": 5}
    assert (left(session), report.is_dry, runs.under_way(session)) == (5, True, None)


def test_the_clock_leaves_a_run_to_whoever_has_begun_it(app: Flask, session: Session) -> None:
    session.add(AskedMail(at=clock.now() - timedelta(days=30), mailbox_key=b"k"))
    runs.begin(session, clock.now(), VIENNA, "alice@example.com")
    session.commit()
    clockwork.keep_house(app)
    db.session.remove()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AskedMail)) == 0
    acts = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert acts.count("retention.run") == 1
    assert "retention.done" in acts


@pytest.mark.parametrize("name", Class)
def test_a_period_stays_within_what_the_law_allows(session: Session, name: Class) -> None:
    rule = RULES[name]
    for length, word in ((rule.least.length - 1, "At least"), (rule.most.length + 1, "At most")):
        with pytest.raises(BadPeriod, match=word):
            periods.change(session, NOW, "a test", name, length)
    for length in (rule.least.length, rule.most.length):
        periods.change(session, NOW, "a test", name, length)
        assert periods.in_force(session)[name] == length
    assert not periods.change(session, NOW, "a test", name, rule.most.length)


def test_a_hold_names_what_is_there_and_why(session: Session) -> None:
    for wanted in (
        Wanted(Held.list, "a lawsuit", number=99),
        Wanted(Held.campaign, "a lawsuit"),
        Wanted(Held.person, "a lawsuit"),
        Wanted(Held.person, "a lawsuit", b"k", until=NOW),
    ):
        with pytest.raises(BadHold):
            holds.place(session, NOW, "a test", wanted)
    with pytest.raises(reasons.BadReason):
        holds.place(session, NOW, "a test", Wanted(Held.person, " ", b"k"))
    made = holds.place(session, NOW, "a test", Wanted(Held.person, "a lawsuit", b"k"))
    assert holds.end(session, NOW, "a test", made.id, reason="settled")
    assert not holds.end(session, NOW, "a test", made.id, reason="settled")
    assert not holds.is_any(session, NOW)
