"""After a backup was restored: refusals that it does not know hold again, and nothing is lifted."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer import guard
from mailer.accounts.models import AuditEntry
from mailer.audience import consent, subscriptions, suppressions
from mailer.audience.models import MailingList, Sender, Subscriber, Subscription, Suppression
from mailer.audience.refusal_journal import Refused
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressions import Refusal
from mailer.audience.words import ConsentMethod, Scope, SubscriptionStatus
from mailer.links import Site
from mailer.privacy import erasure, recall
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.holds import Wanted
from mailer.privacy.keeping.models import Held
from tests.audience.test_refusal_journal import read

NOTE = consent.Evidence(shown="Unsubscribe", page="/u/…")
LATER = timedelta(hours=1)

Forget = Callable[[], None]


@pytest.fixture
def config(database: str, config_for: Callable[..., Config]) -> Config:
    return config_for(database)


@pytest.fixture
def journal(config: Config) -> Path:
    return config.data_dir / "refusals.jsonl"


@pytest.fixture
def forget(app: Flask, session: Session) -> Forget:
    """``forget()`` is what a backup from before does: nobody has ever left."""

    def change() -> None:
        session.execute(sa.delete(Suppression))
        session.execute(sa.update(Subscription).values(status=SubscriptionStatus.confirmed))
        session.commit()
        del app.extensions[guard.RECALLED]

    guard.is_free()
    return change


def leave(session: Session, reader: Subscriber, now: datetime, scope: Scope = Scope.list) -> None:
    place = session.scalars(
        sa.select(Subscription).where(Subscription.subscriber_id == reader.id)
    ).first()
    assert place
    opt_out = OptOut(place.list_id, reader.id, scope=scope)
    subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.one_click, NOTE)
    session.commit()


def in_force(session: Session) -> Sequence[tuple[Scope, int, str, datetime]]:
    found = sa.select(Suppression).where(Suppression.lifted_at.is_(None)).order_by(Suppression.id)
    return [(s.scope, s.scope_id, s.reason, s.created_at) for s in session.scalars(found)]


@pytest.mark.parametrize("scope", [Scope.list, Scope.sender])
def test_who_left_after_the_backup_has_left(
    session: Session, rosa: Subscriber, now: datetime, forget: Forget, scope: Scope
) -> None:
    leave(session, rosa, now, scope)
    before = in_force(session)
    forget()
    assert in_force(session) == []
    assert guard.is_free()
    assert in_force(session) == before
    (place,) = session.scalars(sa.select(Subscription)).all()
    assert (place.status, place.unsubscribed_at) == (SubscriptionStatus.unsubscribed, now)
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry
    assert (entry.action, entry.reason[-3:]) == ("instance.recall", ": 1")


def test_nothing_is_done_twice_or_noted_twice(
    session: Session, rosa: Subscriber, now: datetime, forget: Forget, journal: Path
) -> None:
    leave(session, rosa, now)
    forget()
    text = journal.read_text()
    for _ in range(2):
        guard.recall()
    assert len(in_force(session)) == 1
    assert journal.read_text() == text
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert actions.count("instance.recall") == 1


@pytest.mark.usefixtures("forget")
def test_a_refusal_that_is_rolled_back_is_not_written_down(
    session: Session, rosa: Subscriber, now: datetime, journal: Path
) -> None:
    refusal = Refusal(Scope.everything, reason="complained")
    suppressions.suppress(session, now, rosa.address_key, refusal)
    session.rollback()
    session.commit()
    assert not journal.exists()


def test_a_complaint_is_written_down_too(
    session: Session, rosa: Subscriber, now: datetime, forget: Forget
) -> None:
    refusal = Refusal(Scope.everything, reason="complained")
    suppressions.suppress(session, now, rosa.address_key, refusal)
    session.commit()
    forget()
    guard.recall()
    assert in_force(session) == [(Scope.everything, 0, "complained", now)]


@pytest.mark.usefixtures("forget")
def test_who_came_back_by_her_own_word_is_not_taken_off_again(
    session: Session, rosa: Subscriber, now: datetime, letters: MailingList
) -> None:
    leave(session, rosa, now)
    suppressions.make_way(session, now + LATER, rosa.address_key, letters)
    session.execute(sa.update(Subscription).values(status=SubscriptionStatus.confirmed))
    session.commit()
    guard.recall()
    assert in_force(session) == []
    assert session.scalars(sa.select(Subscription.status)).all() == [SubscriptionStatus.confirmed]


def test_who_was_erased_is_erased_again(
    session: Session,
    rosa: Subscriber,
    now: datetime,
    forget: Forget,
    make_reader: Callable[..., Subscriber],
) -> None:
    email, key = rosa.email, rosa.address_key
    erasure.erase(session, rosa, now, "a test", reason="she asked")
    session.commit()
    make_reader("rosa")  # as the backup has her, and a hold that had ended
    holds.place(session, now, "a test", Wanted(Held.person, "a lawsuit", key))
    session.commit()
    assert email
    forget()
    guard.recall()
    assert session.scalars(sa.select(Subscriber)).all() == []
    held = session.scalars(sa.select(Suppression)).all()
    assert [(one.address_key, one.reason) for one in held] == [(key, "erased")]


def test_a_list_that_the_database_does_not_have_is_not_confused_with_a_later_one(
    session: Session, site: Site, rosa: Subscriber, letters: MailingList, sender: Sender
) -> None:
    now = letters.created_at
    early = now - LATER  # before this list, whose number it bears, was made
    refused = [
        Refused(early, Scope.list, letters.id, "unsubscribed", rosa.address_key),
        Refused(now, Scope.list, letters.id + 1, "unsubscribed", rosa.address_key),
        Refused(early, Scope.sender, sender.id, "unsubscribed", rosa.address_key),
    ]
    assert recall.recall(session, site.keys, [refused], now) == 0
    assert in_force(session) == []


def test_it_looks_back_as_far_as_something_is_unknown_and_no_further(
    session: Session, site: Site, rosa: Subscriber, now: datetime, letters: MailingList
) -> None:
    keys = [bytes([number]) * 32 for number in range(4)]
    known = Refusal(Scope.list, letters.id)
    for number in (0, 1):
        suppressions.suppress(session, now, keys[number], known)

    def block(number: int) -> list[Refused]:
        return [Refused(now, Scope.list, letters.id, "unsubscribed", keys[number])]

    looked_at = []

    def blocks() -> object:
        for number in (3, 2, 1, 0):
            looked_at.append(number)
            yield block(number)

    assert rosa
    assert recall.recall(session, site.keys, blocks(), now) == 2  # type: ignore[arg-type]
    assert looked_at == [3, 2, 1]


@pytest.mark.usefixtures("forget")
def test_each_refusal_bears_the_name_of_its_installation(
    session: Session, rosa: Subscriber, now: datetime, journal: Path
) -> None:
    leave(session, rosa, now)
    assert read(journal, "another") == []
