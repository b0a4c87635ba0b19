"""A reader's own page: what it offers, and that a box must be ticked by herself."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience import consent, preferences, suppressions
from mailer.audience.models import MailingList, Sender, Subscriber
from mailer.audience.suppressions import Refusal
from mailer.audience.words import ListStatus, Scope
from tests.audience.steps import PROOF, Reader

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)


@pytest.fixture
def known(reader: Reader, letters: MailingList, now: datetime) -> Reader:
    """Rosa, confirmed on one list."""
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    reader.session.commit()
    return reader


def offered(session: Session, subscriber: Subscriber) -> dict[str, bool]:
    return {one.list.name: one.is_on for one in preferences.choices(session, subscriber)}


@pytest.mark.usefixtures("notes", "insiders")
def test_the_page_offers_own_and_public_lists_of_her_senders(
    session: Session, known: Reader, now: datetime
) -> None:
    other = Sender(
        legal_name="Other Inc",
        from_name="Other",
        from_address="x@other.example.com",
        reply_to="x@other.example.com",
        address_lines="1 Side St",
        city="Town",
        country="DE",
        created_at=now,
    )
    session.add(other)
    session.flush()
    foreign = MailingList(public_id="foreign", name="Foreign", sender_id=other.id, created_at=now)
    session.add(foreign)
    session.commit()
    assert offered(session, known.row) == {"Harbor Letters": True, "Harbor Notes": False}


def test_a_private_list_is_offered_only_to_who_is_or_was_on_it(
    session: Session, known: Reader, letters: MailingList, insiders: MailingList, now: datetime
) -> None:
    changes = preferences.change(session, now, known.row.id, {letters.id, insiders.id}, PROOF)
    assert changes == preferences.Changes((), (), ())
    known.signs_up(now, insiders)
    known.confirms(now, insiders)
    assert offered(session, known.row)["Harbor Insiders"]


def test_an_archived_list_can_be_left_but_not_joined(
    session: Session, known: Reader, letters: MailingList, now: datetime
) -> None:
    letters.status = ListStatus.archived
    session.commit()
    changes = preferences.change(session, now, known.row.id, set(), PROOF)
    assert changes.left == ("Harbor Letters",)
    changes = preferences.change(session, now, known.row.id, {letters.id}, PROOF)
    assert changes.joined == ()
    assert known.refusal(letters) == "unsubscribed"


def test_ticking_joins_and_unticking_leaves_at_once(
    session: Session, known: Reader, letters: MailingList, notes: MailingList, now: datetime
) -> None:
    changes = preferences.change(session, now, known.row.id, {notes.id}, PROOF)
    assert changes == preferences.Changes(("Harbor Notes",), ("Harbor Letters",), ())
    assert [known.refusal(letters), known.refusal(notes)] == ["unsubscribed", ""]
    events = consent.history(session, known.row.address_key)[2:]
    assert [(one.action, one.method, one.list_id) for one in events] == [
        ("unsubscribed", "preferences", letters.id),
        ("confirmed", "preferences", notes.id),
    ]


def test_saving_twice_changes_nothing_more(
    session: Session, known: Reader, notes: MailingList, now: datetime
) -> None:
    preferences.change(session, now, known.row.id, {notes.id}, PROOF)
    before = len(consent.history(session, known.row.address_key))
    again = preferences.change(session, now + HOUR, known.row.id, {notes.id}, PROOF)
    assert again == preferences.Changes((), (), ())
    assert len(consent.history(session, known.row.address_key)) == before


def test_a_list_that_somebody_else_asked_for_is_not_ticked_for_her(
    session: Session, known: Reader, letters: MailingList, insiders: MailingList, now: datetime
) -> None:
    known.signs_up(now, insiders)
    assert offered(session, known.row)["Harbor Insiders"] is False
    preferences.change(session, now, known.row.id, {letters.id}, PROOF)
    assert known.refusal(insiders) == "unconfirmed"


def test_she_may_come_back_from_leaving_the_sender_to_one_list(
    session: Session, known: Reader, letters: MailingList, notes: MailingList, now: datetime
) -> None:
    preferences.change(session, now, known.row.id, {letters.id, notes.id}, PROOF)
    assert preferences.leave_sender(session, now, known.row.id, letters.sender_id, PROOF)
    assert [known.refusal(letters), known.refusal(notes)] == ["unsubscribed", "unsubscribed"]
    preferences.change(session, now + HOUR, known.row.id, {letters.id}, PROOF)
    assert [known.refusal(letters), known.refusal(notes)] == ["", "unsubscribed"]
    assert consent.history(session, known.row.address_key)[-1].action == "returned"


def test_a_complaint_bars_her_from_joining_and_the_page_says_so(
    session: Session, known: Reader, letters: MailingList, notes: MailingList, now: datetime
) -> None:
    refusal = Refusal(Scope.sender, letters.sender_id, "complaint")
    suppressions.suppress(session, now, known.row.address_key, refusal)
    changes = preferences.change(session, now, known.row.id, {letters.id, notes.id}, PROOF)
    assert changes.barred == ("Harbor Notes",)
    assert known.refusal(letters) == "suppressed"


def test_nobody_leaves_a_sender_that_has_no_list_of_hers_or_changes_a_reader_who_is_gone(
    session: Session, known: Reader, letters: MailingList, now: datetime
) -> None:
    assert not preferences.leave_sender(session, now, known.row.id, 999, PROOF)
    assert not preferences.leave_sender(session, now, 999, letters.sender_id, PROOF)
    changes = preferences.change(session, now, 999, {letters.id}, PROOF)
    assert changes == preferences.Changes((), (), ())
    assert known.refusal(letters) == ""
