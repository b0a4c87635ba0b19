"""Erasing a person ends what she has asked for, with reasons; and who else must know of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList, Subscriber
from mailer.compliance.readiness import Transfer
from mailer.delivery import reply_probes
from mailer.delivery.relay_models import RegisteredRelay
from mailer.links import Site
from mailer.privacy import erasure
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.requests import (
    answering,
    endings,
    figures,
    notices,
    recipients,
    register,
    steps,
)
from mailer.privacy.requests.answering import Act
from mailer.privacy.requests.models import Challenge, Notice, Request
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.steps import Ending, WrongState
from mailer.privacy.requests.words import Channel, Kind, Outcome, State, Way
from tests.privacy.test_erasure import dump

RECEIVED = datetime(2026, 3, 5, 9, tzinfo=UTC)
NOW = RECEIVED + timedelta(days=1)
DESK = Desk()

Enter = Callable[[Kind], Request]


@pytest.fixture
def enter(session: Session, rosa: Subscriber) -> Enter:
    def entered(kind: Kind) -> Request:
        asked = Asked(
            kind,
            *(Regime.gdpr, Channel.letter, RECEIVED, rosa.address_key, rosa.email),
            wish="Rosa wants this",
            agent="Ruth, her lawyer",
        )
        return register.receive(session, NOW, DESK, asked, "desk")

    return entered


@pytest.fixture
def processors(session: Session) -> None:
    """Two relays of one processor, and one of our own."""
    for host, entity, is_own in (
        ("a.example", "Postbote GmbH", False),
        ("b.example", "Postbote GmbH", False),
        ("c.example", "Ourselves", True),
    ):
        relay = RegisteredRelay(
            host=host,
            name=host,
            legal_entity=entity,
            country="AT",
            is_own=is_own,
            transfer=Transfer.none,
            created_at=RECEIVED,
        )
        session.add(relay)
    session.flush()


@pytest.mark.usefixtures("database")
def test_each_open_request_ends_for_its_own_reason(
    session: Session, enter: Enter, rosa: Subscriber, alice: User
) -> None:
    made = {kind: enter(kind) for kind in Kind}
    steps.pause(session, NOW, DESK, made[Kind.access], alice, "which of two people?")
    answered = enter(Kind.complaint)
    steps.close(session, NOW, answered, alice, Ending(Outcome.refused, "We wrote once to Rosa."))
    key, number = rosa.address_key, answered.id
    erasure.erase(session, rosa, NOW, alice, reason="her letter")
    session.commit()
    session.expire_all()
    ended = {kind: (one.state, one.outcome) for kind, one in made.items()}
    assert {state for state, _ in ended.values()} == {State.closed}
    assert {kind for kind, (_, how) in ended.items() if how is Outcome.granted} == {
        *(Kind.erasure, Kind.objection, Kind.withdrawal, Kind.opt_out)
    }
    assert {how for _, how in ended.values()} == {Outcome.granted, Outcome.moot}
    assert "audit log" in made[Kind.erasure].evidence
    assert made[Kind.access].answer == endings.MOOT
    assert session.get_one(Request, number).answer == ""
    assert {one.address_key for one in session.scalars(sa.select(Request))} == {key}
    assert "rosa" not in dump(session).lower()
    assert "her lawyer" not in dump(session)
    closed = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "requests.close"))
    assert len(closed.all()) == len(Kind) + 1
    assert ledger.first_broken(session, AuditEntry) is None


@pytest.mark.usefixtures("processors")
def test_the_mail_that_she_is_erased_keeps_her_address_until_it_has_left(
    session: Session, site: Site, enter: Enter, rosa: Subscriber
) -> None:
    enter(Kind.erasure)
    pending = enter(Kind.complaint)
    mail = Act(session, NOW, site, DESK, "desk", Way.mail)
    answering.confirm(mail, pending)
    assert "A mail tells" in endings.announce(session, site, DESK, rosa, NOW)
    erasure.erase(session, rosa, NOW, "desk", reason="her letter")
    session.commit()
    session.expire_all()
    kept = session.scalars(sa.select(Notice).where(Notice.email != "")).all()
    assert [one.words for one in kept] == [endings.DONE]
    letter = notices.take(session, site, DESK, kept[0].id, NOW)
    assert letter is not None
    assert letter.approved is not None
    notices.note(session, letter, reply_probes.Outcome(is_sent=True), NOW)
    assert "rosa" not in dump(session).lower()


def test_a_mail_that_cannot_leave_keeps_nobody_from_being_erased(
    session: Session, site: Site, enter: Enter, rosa: Subscriber, letters: MailingList
) -> None:
    one = enter(Kind.erasure)
    letters.sender.address_lines = letters.sender.city = ""
    said = endings.announce(session, site, DESK, rosa, NOW)
    assert "yourself" in said
    erasure.erase(session, rosa, NOW, "desk", reason="her letter")
    assert (one.outcome, one.email) == (Outcome.granted, "")
    assert session.scalars(sa.select(Notice)).all() == []


def test_a_link_to_her_data_ends_with_her(session: Session, enter: Enter, rosa: Subscriber) -> None:
    key = rosa.address_key
    session.add(
        Challenge(
            at=NOW,
            kind=Kind.access,
            address_key=key,
            subscriber_id=rosa.id,
            expires_at=NOW + timedelta(hours=1),
        )
    )
    enter(Kind.access)
    erasure.erase(session, rosa, NOW, "desk", reason="her letter")
    assert session.scalars(sa.select(Challenge)).all() == []


@pytest.mark.usefixtures("processors")
def test_what_is_corrected_is_passed_on_to_each_processor_once(
    session: Session, site: Site, enter: Enter, alice: User
) -> None:
    one = enter(Kind.correction)
    steps.identify(session, NOW, one, alice, "mailbox")
    act = Act(session, NOW, site, DESK, alice, Way.post)
    answering.close(act, one, Ending(Outcome.granted, "Corrected."))
    (owed,) = recipients.of(session, one)
    assert (owed.name, owed.told_at) == ("Postbote GmbH", None)
    assert figures.counted(session, NOW).untold == 1
    recipients.tick(session, NOW, one, owed.id, alice)
    assert (owed.told_at, owed.told_by) == (NOW, alice.email)
    assert figures.counted(session, NOW).untold == 0
    with pytest.raises(WrongState):
        recipients.tick(session, NOW, one, owed.id, alice)


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize(
    ("kind", "outcome"), [(Kind.access, Outcome.granted), (Kind.correction, Outcome.refused)]
)
def test_nobody_else_hears_of_what_changed_nothing(
    session: Session, site: Site, enter: Enter, kind: Kind, outcome: Outcome
) -> None:
    one = enter(kind)
    steps.identify(session, NOW, one, "desk", "mailbox")
    answering.close(Act(session, NOW, site, DESK, "desk", Way.post), one, Ending(outcome, "So."))
    assert recipients.of(session, one) == []


@pytest.mark.usefixtures("processors")
def test_an_erasure_is_passed_on_too(session: Session, enter: Enter, rosa: Subscriber) -> None:
    one = enter(Kind.erasure)
    erasure.erase(session, rosa, NOW, "desk", reason="her letter")
    assert [each.name for each in recipients.of(session, one)] == ["Postbote GmbH"]


@pytest.mark.usefixtures("database")
def test_the_figures_of_the_desk(session: Session, enter: Enter) -> None:
    assert figures.counted(session, NOW).days_to_answer is None
    soon, paused, late = enter(Kind.complaint), enter(Kind.access), enter(Kind.complaint)
    steps.pause(session, NOW, DESK, paused, "desk", "which of two people?")
    late.due_at, soon.due_at = NOW - timedelta(seconds=1), NOW + timedelta(days=6)
    for days in (0, 0, 0, 2, 3, 10):
        done = enter(Kind.complaint)
        ending = Ending(Outcome.granted, "Mended.")
        steps.close(session, RECEIVED + timedelta(days=days), done, "desk", ending)
    session.flush()
    counted = figures.counted(session, NOW)
    assert (counted.open, counted.due_this_week, counted.overdue) == (3, 1, 1)
    assert counted.days_to_answer == 3
    assert figures.counted(session, NOW + timedelta(days=800)).days_to_answer is None
