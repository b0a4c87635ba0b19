"""Lists: named once for each sender, open or closed, and counted."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience import consent, lists
from mailer.audience.lists import Details, NameTaken
from mailer.audience.models import MailingList, Sender
from mailer.audience.words import ListStatus, ListType, SubscriptionStatus
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")


def test_a_new_list_is_double_opt_in_public_and_hard_to_guess(
    session: Session, sender: Sender, now: datetime
) -> None:
    made = lists.create(session, now, sender.id, Details("Harbor Weekly"))
    assert (made.optin, made.type, made.status) == ("double", "public", "active")
    assert len(made.public_id) == 32
    other = lists.create(session, now, sender.id, Details("Harbor Daily"))
    assert other.public_id != made.public_id


def test_a_name_stands_once_for_each_sender(
    session: Session, letters: MailingList, notes: MailingList, now: datetime
) -> None:
    with pytest.raises(NameTaken):
        lists.create(session, now, letters.sender_id, Details(letters.name))
    with pytest.raises(NameTaken):
        lists.edit(session, notes, Details(letters.name))
    lists.edit(session, notes, Details(notes.name, "Short ones"))
    assert notes.description == "Short ones"


def test_only_public_lists_in_use_are_open(
    session: Session, letters: MailingList, now: datetime
) -> None:
    assert lists.open_to_all(session, letters.public_id) is letters
    assert lists.open_to_all(session, "unknown") is None
    letters.type = ListType.private
    assert lists.open_to_all(session, letters.public_id) is None
    letters.type = ListType.public
    assert lists.set_status(letters, ListStatus.archived, now)
    assert not lists.set_status(letters, ListStatus.archived, now)
    assert letters.closed_at == now
    assert lists.open_to_all(session, letters.public_id) is None


@pytest.mark.usefixtures("notes")
def test_lists_in_use_come_first(session: Session, letters: MailingList) -> None:
    letters.status = ListStatus.archived
    session.commit()
    assert [one.name for one in lists.index(session)] == ["Harbor Notes", "Harbor Letters"]


def test_counts_name_every_status(
    session: Session, make_reader: MakeReader, letters: MailingList, notes: MailingList
) -> None:
    make_reader("abe")
    make_reader("bea")
    make_reader("cem", SubscriptionStatus.unsubscribed)
    expected = {letters.id: {"unconfirmed": 0, "confirmed": 2, "unsubscribed": 1}}
    assert lists.counts(session) == expected
    assert lists.counts(session, letters.id) == expected
    assert lists.counts(session, notes.id) == {}


def test_what_a_reader_agrees_to_names_list_and_sender(letters: MailingList) -> None:
    words = consent.wording(letters)
    assert letters.name in words
    assert letters.sender.legal_name in words
    assert "unsubscribe" in words
