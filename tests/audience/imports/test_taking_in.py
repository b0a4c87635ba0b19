"""What an import does: people, lists, receipts, counts; and what it never does."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from mailer import importing, ledger, tokens
from mailer.audience.imports import batches, known, leases, receipts, working
from mailer.audience.imports.models import Basis, Chunk, Outcome, State
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.words import SubscriptionStatus
from tests.audience.imports.conftest import NOW, PEOPLE, Arrange, TakeIn, Upload, Worked, faults


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def test_people_come_with_their_details_and_a_receipt_each(
    session: Session, letters: MailingList, take_in: TakeIn
) -> None:
    batch = take_in(PEOPLE)
    assert (batch.state, batch.total, batch.position) == (State.finished, 2, 2)
    assert batch.counts == batch.forecast == {Outcome.added: 2}
    rosa = session.scalars(sa.select(Subscriber).order_by(Subscriber.id)).first()
    assert rosa is not None
    assert (rosa.email, rosa.name, rosa.attributes) == (
        "rosa@example.org",
        "Rosa",
        {"city": "Springfield"},
    )
    place = rosa.subscriptions[0]
    assert (place.list_id, place.status) == (letters.id, SubscriptionStatus.confirmed)
    receipt = session.scalars(sa.select(ConsentEvent)).first()
    assert receipt is not None
    assert receipt.evidence == {
        "actor": "alice@example.com",
        "page": f"import {batch.id}, migration, double_opt_in",
        "shown": "Our former system",
        "source": "import",
    }
    assert ledger.first_broken(session, ConsentEvent) is None


def test_the_bytes_go_when_they_are_no_longer_needed(session: Session, take_in: TakeIn) -> None:
    take_in(PEOPLE)
    assert session.scalar(sa.select(sa.func.count()).select_from(Chunk)) == 0


def test_whoever_is_known_stays_as_she_is_unless_the_file_is_to_win(
    session: Session, rosa: Subscriber, take_in: TakeIn
) -> None:
    assert take_in(PEOPLE).counts == {Outcome.already_there: 1, Outcome.added: 1}
    renamed = b"email,name,city\nRosa@example.org,Rosalind,Salem\n"
    assert take_in(renamed, overwrite=True).counts == {Outcome.updated: 1}
    session.refresh(rosa)
    assert (rosa.email, rosa.name, rosa.attributes) == (
        "rosa@example.org",
        "Rosalind",
        {"city": "Salem"},
    )
    assert take_in(renamed, overwrite=True).counts == {Outcome.already_there: 1}


def test_on_a_list_with_double_opt_in_only_proven_consent_counts(
    session: Session, take_in: TakeIn
) -> None:
    batch = take_in(PEOPLE, basis=Basis.opt_in)
    assert batch.counts == {Outcome.added: 2}
    states = session.scalars(sa.select(Subscription.status)).all()
    assert set(states) == {SubscriptionStatus.unconfirmed}
    assert session.scalar(sa.select(sa.func.count()).select_from(ConsentEvent)) == 0


def test_nobody_becomes_more_than_at_the_source(session: Session, take_in: TakeIn) -> None:
    take_in(b"email,status\nrosa@example.org,pending\ntom@example.org,active\n")
    states = session.execute(
        sa.select(Subscriber.email, Subscription.status).join(Subscription)
    ).all()
    assert dict(map(tuple, states)) == {  # type: ignore[arg-type]
        "rosa@example.org": SubscriptionStatus.unconfirmed,
        "tom@example.org": SubscriptionStatus.confirmed,
    }


def test_when_and_from_where_she_agreed_is_kept(session: Session, take_in: TakeIn) -> None:
    content = (
        b"email,CONFIRM_TIME,CONFIRM_IP\n"
        b"rosa@example.org,2019-04-02 10:11:12,203.0.113.9\ntom@example.org,2020-01-01,\n"
    )
    take_in(content)
    rosa, tom = session.scalars(sa.select(ConsentEvent).order_by(ConsentEvent.id)).all()
    assert rosa.evidence is not None
    assert (rosa.evidence["original"], rosa.evidence["ip"]) == (
        "2019-04-02T10:11:12+00:00",
        "203.0.113.0/24",
    )
    assert tom.evidence is not None
    assert tom.evidence["original"] == "2020-01-01T00:00:00+00:00"
    assert ledger.first_broken(session, ConsentEvent) is None
    place = session.scalars(sa.select(Subscription).order_by(Subscription.id)).first()
    assert place is not None
    assert place.confirmed_at is not None
    assert place.confirmed_at.isoformat() == "2019-04-02T10:11:12+00:00"


def test_each_row_that_is_not_taken_is_told_by_line_and_reason(
    session: Session, take_in: TakeIn
) -> None:
    content = (
        b"email,name,birthday\nrosa@example.org,Rosa,1990-01-01\nno address,Tom,\n"
        b'ROSA@example.org,"Ro\nsa",\nkid@example.org,Kim,2020-05-05\nvera@example.org,www.x.com,\n'
        b"extra@example.org,a,,surplus\n"
    )
    batch = take_in(content)
    assert batch.counts == {
        Outcome.added: 2,
        Outcome.invalid: 2,
        Outcome.duplicate: 1,
        Outcome.refused: 1,
    }
    assert faults(session, batch) == [
        (3, "invalid"),
        (4, "duplicate"),
        (6, "refused"),
        (7, "noted"),
        (8, "invalid"),
    ]
    assert "1990" not in str(session.execute(sa.select(Subscriber.attributes)).all())


def test_a_signing_up_at_the_same_moment_is_no_failure(
    take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row that somebody else has added between the look and the writing is found again."""
    take_in(PEOPLE)
    real = known.looked_up
    seen: list[bool] = []

    def blind(session: Session, *given: object, locks: bool) -> known.Knowledge:
        seen.append(locks)
        if locks and seen.count(True) == 1:
            return known.Knowledge()
        return real(session, *given, locks=locks)  # type: ignore[arg-type]

    monkeypatch.setattr(known, "looked_up", blind)
    batch = take_in(PEOPLE + b"uma@example.org,Uma,Bath\n")
    assert batch.counts == {Outcome.already_there: 2, Outcome.added: 1}
    assert seen.count(True) == 2


def test_a_batch_that_was_taken_away_writes_nothing(
    session: Session, upload: Upload, arrange: Arrange, work: Worked
) -> None:
    batch = work(arrange(upload(PEOPLE)))
    batches.begin(session, NOW, batch, reason="a test")
    assert leases.claim(session, batch.id, "a" * 32, NOW)
    assert not leases.claim(session, batch.id, "b" * 32, NOW)
    assert not leases.hold(session, batch.id, "b" * 32, NOW)
    batches.pause(session, batch.id)
    assert not leases.hold(session, batch.id, "a" * 32, NOW)
    session.commit()
    assert work(batch).counts == {}
    batches.resume(session, batch.id)
    session.commit()
    assert work(batch).state is State.finished


def test_a_lease_that_ran_out_is_taken_by_the_next_process(
    session: Session, upload: Upload, arrange: Arrange
) -> None:
    batch = arrange(upload(PEOPLE))
    assert leases.claim(session, batch.id, "a" * 32, NOW)
    assert leases.due(session, NOW) == []
    later = NOW + leases.LEASE
    assert leases.due(session, later) == [batch.id]
    assert leases.claim(session, batch.id, "b" * 32, later)


def test_a_fault_of_ours_pauses_the_batch_with_what_is_done(
    session: Session,
    upload: Upload,
    arrange: Arrange,
    work: Worked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = work(arrange(upload(PEOPLE)))
    batches.begin(session, NOW, batch, reason="a test")
    session.commit()
    monkeypatch.setattr(working, "SIZE", 1)
    real = receipts.write

    def broken(session: Session, now: datetime, entries: list[receipts.Receipt]) -> None:
        if entries[0].key == key_of_tom:
            raise RuntimeError
        real(session, now, entries)

    key_of_tom = tokens.fingerprint(site_keys(), "tom@example.org")
    monkeypatch.setattr(receipts, "write", broken)
    batch = work(batch)
    assert (batch.state, batch.position) == (State.paused, 1)
    assert batch.problem == "A fault of ours: RuntimeError."
    monkeypatch.undo()
    batches.resume(session, batch.id)
    session.commit()
    batch = work(batch)
    assert (batch.state, batch.counts) == (State.finished, {Outcome.added: 2})


def site_keys() -> tokens.Keys:
    keys: tokens.Keys = current_app.extensions["site"].keys
    return keys


def test_a_turn_ends_between_two_steps_of_a_run_but_never_in_a_check(
    session: Session,
    upload: Upload,
    arrange: Arrange,
    work: Worked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A check begins anew: one that is longer than a turn would never end."""
    monkeypatch.setattr(importing, "TURN", 0.0)
    monkeypatch.setattr(working, "SIZE", 1)
    batch = work(arrange(upload(PEOPLE)))
    assert batch.state is State.checked
    batches.begin(session, NOW, batch, reason="a test")
    session.commit()
    places = [(batch := work(batch)).position for _ in range(3)]
    assert places == [1, 2, 2]
    assert batch.state is State.finished


def test_uploads_that_nobody_goes_on_with_are_forgotten(
    session: Session, upload: Upload, arrange: Arrange, work: Worked
) -> None:
    left, checked = upload(PEOPLE), work(arrange(upload(PEOPLE)))
    assert batches.tidy(session, NOW, batches.is_resting(NOW)) == 0
    assert (left.state, checked.state) == (State.uploaded, State.checked)
    old = batches.is_resting(NOW + timedelta(seconds=1))
    assert batches.tidy(session, NOW, old) == 2
    session.expire_all()
    assert (left.state, checked.state) == (State.cancelled, State.cancelled)
    assert session.scalar(sa.select(sa.func.count()).select_from(Chunk)) == 0


def test_a_mailbox_for_duties_is_named(session: Session, take_in: TakeIn) -> None:
    batch = take_in(b"email\nabuse@example.org\nrosa@example.org\n")
    assert batch.counts == {Outcome.added: 2}
    assert faults(session, batch) == [(2, "noted")]
