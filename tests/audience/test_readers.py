"""Readers in the hands of staff: found, added, switched off, and never brought back."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience import consent, readers, suppressions, timeline
from mailer.audience.consent import Evidence
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.readers import Added, AlreadyThere, ForChildren, Unwilling
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope, SubscriberStatus, SubscriptionStatus
from mailer.links import Site
from tests.audience.steps import Reader, person
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")
STAND = Evidence(shown="Asked at our stand", actor="bob@example.com")
HOUR = timedelta(hours=1)


def add(session: Session, site: Site, now: datetime, on: MailingList, address: str) -> Added:
    return readers.add(session, now, site.keys, on, person(address), STAND)[1]


def test_staff_may_add_but_she_confirms(
    session: Session, site: Site, reader: Reader, letters: MailingList, now: datetime
) -> None:
    assert add(session, site, now, letters, reader.address) is Added.asked
    assert reader.refusal(letters) == "unconfirmed"
    assert reader.place(letters).confirmation_due_at == now
    (event,) = consent.history(session, reader.row.address_key)
    assert (event.action, event.method) == ("requested", "staff")
    assert event.evidence == {"shown": STAND.shown, "actor": STAND.actor}
    assert add(session, site, now + HOUR, letters, reader.address) is Added.already_asked


def test_on_a_single_opt_in_list_the_basis_is_the_proof(
    session: Session, site: Site, reader: Reader, notes: MailingList, now: datetime
) -> None:
    assert add(session, site, now, notes, reader.address) is Added.confirmed
    assert reader.refusal(notes) == ""
    with pytest.raises(AlreadyThere):
        add(session, site, now, notes, reader.address)


def test_nobody_is_added_by_hand_to_a_list_that_lets_children_in(
    session: Session, site: Site, reader: Reader, notes: MailingList, now: datetime
) -> None:
    notes.least_age = 12
    session.flush()
    with pytest.raises(ForChildren, match="R36"):
        add(session, site, now, notes, reader.address)
    notes.least_age = 13
    session.flush()
    assert add(session, site, now, notes, reader.address) is Added.confirmed


@pytest.mark.parametrize("scope", [Scope.list, Scope.sender])
def test_staff_never_undo_an_opt_out(
    session: Session,
    site: Site,
    reader: Reader,
    letters: MailingList,
    notes: MailingList,
    now: datetime,
    scope: Scope,
) -> None:
    reader.signs_up(now, notes)
    reader.leaves(now, OptOut(notes.id, reader.row.id, scope=scope))
    with pytest.raises(Unwilling, match="suppressed"):
        add(session, site, now + HOUR, notes, reader.address)
    if scope is Scope.sender:
        with pytest.raises(Unwilling, match="all mail from this sender"):
            add(session, site, now + HOUR, letters, reader.address)


def test_who_has_left_stays_away_even_without_a_refusal(
    session: Session, site: Site, make_reader: MakeReader, letters: MailingList, now: datetime
) -> None:
    make_reader("rosa", SubscriptionStatus.unsubscribed)
    with pytest.raises(Unwilling, match="has left the list"):
        add(session, site, now, letters, "rosa@example.org")


def test_a_reader_without_a_row_stays_suppressed(
    session: Session, site: Site, reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    key = reader.row.address_key
    suppressions.suppress(session, now, key, Refusal(Scope.everything, reason="erased"))
    session.delete(reader.row)
    session.commit()
    with pytest.raises(Unwilling, match="all mail"):
        add(session, site, now, letters, reader.address)


@pytest.mark.parametrize("status", ["disabled", "blocklisted"])
def test_who_is_switched_off_cannot_be_added(
    session: Session,
    site: Site,
    reader: Reader,
    letters: MailingList,
    notes: MailingList,
    now: datetime,
    status: str,
) -> None:
    reader.signs_up(now, notes)
    reader.row.status = SubscriberStatus(status)
    with pytest.raises(Unwilling, match=status):
        add(session, site, now, letters, reader.address)


def test_switching_off_and_on_is_noticed_once_and_never_for_the_blocklisted(
    session: Session, rosa: Subscriber, now: datetime
) -> None:
    off, on = SubscriberStatus.disabled, SubscriberStatus.enabled
    done = [readers.set_status(session, now, rosa.id, one) for one in (off, off, on, on)]
    assert done == [True, False, True, False]
    rosa.status = SubscriberStatus.blocklisted
    session.flush()
    assert not readers.set_status(session, now, rosa.id, on)
    assert not readers.set_status(session, now, 999, on)


def test_a_readers_story_is_told_newest_first(
    session: Session, reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    reader.confirms(now + HOUR, letters)
    reader.leaves(now + 2 * HOUR, OptOut(letters.id, reader.row.id, 77, Scope.sender))
    suppressions.lift(now + 3 * HOUR, suppressions.in_force(session, reader.row.address_key))
    session.commit()
    told = timeline.timeline(session, reader.row)
    assert [moment.what for moment in told] == [
        "Suppression lifted for all mail from Harbor Press LLC",
        "Suppressed for all mail from Harbor Press LLC",
        "Unsubscribed from all mail from Harbor Press LLC",
        "Confirmed “Harbor Letters”",
        "Asked to join “Harbor Letters”",
    ]
    assert "delivery 77" in told[2].detail
    assert "192.0.2.7" in told[4].detail
