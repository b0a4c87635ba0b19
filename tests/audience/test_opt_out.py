"""Unsubscribing and undoing: at once, for as far as she says, and exactly once."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.audience import consent, subscriptions, suppressions
from mailer.audience.models import ConsentEvent, MailingList, Subscription, Suppression
from mailer.audience.receipts import texts
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressions import Refusal
from mailer.audience.words import ConsentMethod, Scope
from mailer.links import Site
from tests.audience.steps import PROOF, Reader

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def rosa_on_three(
    reader: Reader, letters: MailingList, notes: MailingList, insiders: MailingList, now: datetime
) -> Reader:
    """Rosa, confirmed on two lists and unconfirmed on the third."""
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    reader.signs_up(now, notes)
    reader.signs_up(now, insiders)
    reader.session.commit()
    return reader


def refusals(reader: Reader, *lists: MailingList) -> list[str]:
    return [reader.refusal(one) for one in lists]


def unsubscribed(session: Session) -> list[ConsentEvent]:
    return session.query(ConsentEvent).filter_by(action="unsubscribed").all()


def test_leaving_a_list_leaves_the_others(
    session: Session,
    rosa_on_three: Reader,
    letters: MailingList,
    notes: MailingList,
    now: datetime,
) -> None:
    refusal_id = rosa_on_three.leaves(now + HOUR, OptOut(letters.id, rosa_on_three.row.id, 77))
    assert refusals(rosa_on_three, letters, notes) == ["unsubscribed", ""]
    kept = session.get(Suppression, refusal_id)
    assert kept is not None
    assert (kept.scope, kept.scope_id, kept.delivery_id) == ("list", letters.id, 77)
    (event,) = unsubscribed(session)
    assert (event.list_id, event.sender_id, event.delivery_id) == (letters.id, None, 77)
    told = texts.spelled_out(event.evidence, texts.known(session, [event.evidence]))
    assert told == {"shown": PROOF.shown, "page": PROOF.page, "ip": PROOF.ip}


def test_leaving_the_sender_leaves_all_its_lists_at_once(
    session: Session,
    rosa_on_three: Reader,
    letters: MailingList,
    notes: MailingList,
    insiders: MailingList,
    now: datetime,
) -> None:
    opt_out = OptOut(letters.id, rosa_on_three.row.id, scope=Scope.sender)
    assert rosa_on_three.leaves(now + HOUR, opt_out)
    assert refusals(rosa_on_three, letters, notes, insiders) == ["unsubscribed"] * 3
    (event,) = unsubscribed(session)
    assert (event.list_id, event.sender_id) == (None, letters.sender_id)
    assert session.query(Subscription).filter_by(status="unsubscribed").count() == 3


@pytest.mark.parametrize("scope", [Scope.list, Scope.sender])
def test_leaving_twice_is_one_act(
    session: Session, rosa_on_three: Reader, letters: MailingList, now: datetime, scope: Scope
) -> None:
    opt_out = OptOut(letters.id, rosa_on_three.row.id, scope=scope)
    assert rosa_on_three.leaves(now + HOUR, opt_out)
    assert rosa_on_three.leaves(now + DAY, opt_out) is None
    assert rosa_on_three.place(letters).unsubscribed_at == now + HOUR
    assert len(unsubscribed(session)) == session.query(Suppression).count() == 1


def test_who_left_a_list_may_still_leave_the_sender(
    rosa_on_three: Reader, letters: MailingList, notes: MailingList, now: datetime
) -> None:
    rosa_id = rosa_on_three.row.id
    rosa_on_three.leaves(now, OptOut(letters.id, rosa_id))
    assert rosa_on_three.leaves(now + HOUR, OptOut(letters.id, rosa_id, scope=Scope.sender))
    assert refusals(rosa_on_three, letters, notes) == ["unsubscribed", "unsubscribed"]


def test_an_opt_out_holds_although_the_subscription_is_gone(
    session: Session, rosa_on_three: Reader, letters: MailingList, now: datetime
) -> None:
    session.delete(rosa_on_three.place(letters))
    session.commit()
    assert rosa_on_three.leaves(now, OptOut(letters.id, rosa_on_three.row.id))
    held = suppressions.in_force(session, rosa_on_three.row.address_key)
    assert [(one.scope, one.scope_id) for one in held] == [("list", letters.id)]
    assert len(unsubscribed(session)) == 1


@pytest.mark.parametrize(("list_shift", "reader_shift"), [(0, 999), (999, 0), (999, 999)])
def test_an_opt_out_of_somebody_who_is_gone_is_a_quiet_success(
    session: Session,
    rosa_on_three: Reader,
    letters: MailingList,
    now: datetime,
    list_shift: int,
    reader_shift: int,
) -> None:
    opt_out = OptOut(letters.id + list_shift, rosa_on_three.row.id + reader_shift)
    assert rosa_on_three.leaves(now, opt_out) is None
    assert session.query(Suppression).count() == 0
    assert unsubscribed(session) == []


def test_undo_brings_back_exactly_what_the_click_took(
    session: Session,
    rosa_on_three: Reader,
    letters: MailingList,
    notes: MailingList,
    insiders: MailingList,
    now: datetime,
) -> None:
    rosa_id = rosa_on_three.row.id
    rosa_on_three.leaves(now + HOUR, OptOut(notes.id, rosa_id))
    refusal_id = rosa_on_three.leaves(
        now + 2 * HOUR, OptOut(letters.id, rosa_id, scope=Scope.sender)
    )
    assert refusal_id
    assert subscriptions.undo(session, now + 2 * HOUR, refusal_id, rosa_id, PROOF)
    assert refusals(rosa_on_three, letters, notes, insiders) == ["", "unsubscribed", "unconfirmed"]
    last = consent.history(session, rosa_on_three.row.address_key)[-1]
    assert (last.action, last.sender_id) == ("returned", letters.sender_id)
    assert ledger.first_broken(session, ConsentEvent) is None


def test_a_second_undo_does_nothing(
    session: Session, rosa_on_three: Reader, letters: MailingList, now: datetime
) -> None:
    rosa_id = rosa_on_three.row.id
    first = rosa_on_three.leaves(now, OptOut(letters.id, rosa_id))
    assert first
    assert subscriptions.undo(session, now, first, rosa_id, PROOF)
    assert not subscriptions.undo(session, now, first, rosa_id, PROOF)
    rosa_on_three.leaves(now + HOUR, OptOut(letters.id, rosa_id))
    assert not subscriptions.undo(session, now + HOUR, first, rosa_id, PROOF)
    assert rosa_on_three.refusal(letters) == "unsubscribed"


def test_undo_is_for_ones_own_opt_out_only(
    session: Session, site: Site, rosa_on_three: Reader, letters: MailingList, now: datetime
) -> None:
    charlie = Reader(session, site, "charlie@example.org")
    charlie.signs_up(now, letters)
    refusal_id = rosa_on_three.leaves(now, OptOut(letters.id, rosa_on_three.row.id))
    assert refusal_id
    assert not subscriptions.undo(session, now, refusal_id, charlie.row.id, PROOF)
    assert not subscriptions.undo(session, now, refusal_id, 999, PROOF)
    assert not subscriptions.undo(session, now, 999, rosa_on_three.row.id, PROOF)
    assert rosa_on_three.refusal(letters) == "unsubscribed"


def test_undo_lifts_no_complaint(
    session: Session, rosa_on_three: Reader, letters: MailingList, now: datetime
) -> None:
    row = rosa_on_three.row
    refusal = Refusal(Scope.list, letters.id, "complaint")
    complaint = suppressions.suppress(session, now, row.address_key, refusal)
    assert complaint
    assert not subscriptions.undo(session, now, complaint, row.id, PROOF)
    assert rosa_on_three.refusal(letters) == "suppressed"


def test_one_refusal_of_a_kind_is_in_force_and_all_are_kept(
    session: Session, rosa_on_three: Reader, letters: MailingList, now: datetime
) -> None:
    key = rosa_on_three.row.address_key
    refusal = Refusal(Scope.list, letters.id)
    first = suppressions.suppress(session, now, key, refusal)
    assert first
    assert suppressions.suppress(session, now, key, refusal) is None
    suppressions.lift(now + HOUR, suppressions.in_force(session, key))
    session.flush()
    assert suppressions.in_force(session, key) == []
    assert suppressions.suppress(session, now + DAY, key, refusal)
    assert session.query(Suppression).count() == 2


def test_the_evidence_is_sealed_by_a_salted_hash(
    session: Session, rosa_on_three: Reader, letters: MailingList, now: datetime
) -> None:
    rosa_on_three.leaves(now, OptOut(letters.id, rosa_on_three.row.id))
    events = consent.history(session, rosa_on_three.row.address_key)
    assert len({event.evidence_salt for event in events}) == len(events)
    for event in events:
        assert event.evidence is not None
        assert event.evidence_salt is not None
        sealed = ledger.evidence_hash(event.evidence_salt, event.evidence)
        assert event.evidence_hash == sealed
    assert ledger.first_broken(session, ConsentEvent) is None


def test_staff_may_take_a_reader_off_on_her_word(
    session: Session, rosa_on_three: Reader, letters: MailingList, now: datetime
) -> None:
    subscriptions.unsubscribe(
        session,
        now,
        OptOut(letters.id, rosa_on_three.row.id),
        ConsentMethod.staff,
        consent.Evidence(shown="Letter of 3 May", actor="bob@example.com"),
    )
    (event,) = unsubscribed(session)
    assert event.method == "staff"
    assert event.evidence == {"shown": "Letter of 3 May", "actor": "bob@example.com"}
