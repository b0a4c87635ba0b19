"""Signing up and confirming: nobody gets on a list but by her own word."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer import ledger, tokens
from mailer.audience import consent, subscriptions, suppressions
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.subscriptions import AlreadyConfirmed, OptOut, OutdatedLink
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope, SubscriberStatus, SubscriptionStatus
from mailer.links import Site
from tests.audience.steps import PROOF, Reader

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def words(session: Session, reader: Reader) -> list[str]:
    events = consent.history(session, reader.row.address_key)
    return [f"{event.action} by {event.method}" for event in events]


def test_a_stranger_is_asked_to_confirm(
    session: Session, reader: Reader, letters: MailingList, now: datetime
) -> None:
    due = reader.signs_up(now, letters, "Rosa")
    row = reader.place(letters)
    assert (due, row.status, row.confirmation_due_at) == (row.id, "unconfirmed", now)
    assert reader.refusal(letters) == "unconfirmed"
    assert reader.row.name == "Rosa"
    assert words(session, reader) == ["requested by form"]


def test_confirming_puts_her_on_the_list_once(
    session: Session, reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    reader.confirms(now + HOUR, letters)
    assert reader.refusal(letters) == ""
    assert reader.place(letters).confirmed_at == now + HOUR
    with pytest.raises(AlreadyConfirmed):
        reader.confirms(now + 2 * HOUR, letters)
    assert words(session, reader) == ["requested by form", "confirmed by link"]
    assert ledger.first_broken(session, ConsentEvent) is None


def test_the_form_alone_is_enough_on_a_single_opt_in_list(
    session: Session, reader: Reader, notes: MailingList, now: datetime
) -> None:
    assert reader.signs_up(now, notes) is None
    assert reader.refusal(notes) == ""
    assert reader.signs_up(now + HOUR, notes) is None
    assert words(session, reader) == ["confirmed by form"]


def test_who_is_on_the_list_already_gets_no_mail(
    reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    assert reader.signs_up(now + 2 * DAY, letters) is None
    assert reader.place(letters).confirmation_due_at is None


@pytest.mark.parametrize("pause", [timedelta(0), HOUR, DAY - timedelta(seconds=1)])
def test_a_second_request_within_a_day_changes_nothing(
    session: Session, reader: Reader, letters: MailingList, now: datetime, pause: timedelta
) -> None:
    reader.signs_up(now, letters, "Rosa")
    assert reader.signs_up(now + pause, letters, "Prank") is None
    row = reader.place(letters)
    assert (row.confirmation_serial, row.confirmation_due_at) == (1, now)
    assert reader.row.name == "Rosa"
    assert words(session, reader) == ["requested by form"]


def test_a_day_later_a_new_link_replaces_the_old_one(
    session: Session, reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    row = reader.place(letters)
    assert reader.signs_up(now + DAY, letters) == row.id
    with pytest.raises(OutdatedLink):
        subscriptions.confirm(session, now + DAY, row.id, 1, PROOF)
    assert subscriptions.confirm(session, now + DAY, row.id, 2, PROOF).status == "confirmed"


def test_a_form_filled_in_every_quarter_of_an_hour_makes_three_mails_a_week(
    reader: Reader, letters: MailingList, now: datetime
) -> None:
    times = [now + timedelta(minutes=15) * number for number in range(7 * 24 * 4)]
    due = [at for at in times if reader.signs_up(at, letters) is not None]
    assert due == [now, now + DAY, now + 2 * DAY]


def test_the_cap_counts_all_lists_and_ends_after_a_week(
    reader: Reader, letters: MailingList, insiders: MailingList, now: datetime
) -> None:
    for at in (now, now + DAY):
        assert reader.signs_up(at, letters) is not None
    assert reader.signs_up(now + DAY, insiders) is not None
    assert reader.signs_up(now + 3 * DAY, insiders) is None
    assert reader.signs_up(now + 7 * DAY, insiders) is not None


def test_until_she_has_confirmed_the_latest_name_counts_and_afterwards_none(
    reader: Reader, letters: MailingList, insiders: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters, "Prank")
    reader.signs_up(now + DAY, letters, "Rosa")
    assert reader.row.name == "Rosa"
    reader.confirms(now + DAY, letters)
    reader.signs_up(now + DAY, insiders, "Prank")
    assert reader.row.name == "Rosa"


def test_who_has_left_must_confirm_even_on_a_single_opt_in_list(
    reader: Reader, notes: MailingList, now: datetime
) -> None:
    reader.signs_up(now, notes)
    reader.leaves(now + HOUR, OptOut(notes.id, reader.row.id))
    assert reader.signs_up(now + DAY, notes) is not None
    assert reader.place(notes).status == "unsubscribed"
    assert reader.refusal(notes) == "unsubscribed"
    reader.confirms(now + DAY + HOUR, notes)
    assert reader.refusal(notes) == ""


def test_a_link_from_before_an_opt_out_brings_nobody_back(
    session: Session, reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    row = reader.place(letters)
    reader.leaves(now + HOUR, OptOut(letters.id, reader.row.id))
    with pytest.raises(OutdatedLink):
        subscriptions.confirm(session, now + 2 * HOUR, row.id, 1, PROOF)
    assert row.confirmation_due_at is None
    assert reader.refusal(letters) == "unsubscribed"


def test_an_opt_out_from_the_sender_voids_the_links_of_all_its_lists(
    session: Session, reader: Reader, letters: MailingList, insiders: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    reader.signs_up(now, insiders)
    waiting = reader.place(insiders)
    reader.leaves(now + HOUR, OptOut(letters.id, reader.row.id, scope=Scope.sender))
    with pytest.raises(OutdatedLink):
        subscriptions.confirm(session, now + HOUR, waiting.id, 1, PROOF)


def test_coming_back_to_one_list_leaves_the_senders_other_lists_refused(
    session: Session,
    reader: Reader,
    letters: MailingList,
    notes: MailingList,
    insiders: MailingList,
    now: datetime,
) -> None:
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    reader.signs_up(now, notes)
    reader.leaves(now + HOUR, OptOut(letters.id, reader.row.id, scope=Scope.sender))
    reader.signs_up(now + DAY, letters)
    reader.confirms(now + DAY, letters)
    assert [reader.refusal(letters), reader.refusal(notes)] == ["", "unsubscribed"]
    held = suppressions.in_force(session, reader.row.address_key)
    assert {(one.scope, one.scope_id) for one in held} == {
        ("list", notes.id),
        ("list", insiders.id),
    }


@pytest.mark.parametrize("reason", ["complaint", "bounce", "blocklist"])
@pytest.mark.parametrize("scope", ["list", "sender", "everything"])
def test_what_others_have_put_in_force_no_form_lifts(
    session: Session,
    reader: Reader,
    letters: MailingList,
    now: datetime,
    reason: str,
    scope: str,
) -> None:
    reader.signs_up(now, letters)
    scope_id = {"list": letters.id, "sender": letters.sender_id, "everything": 0}[scope]
    refusal = Refusal(Scope(scope), scope_id, reason)
    suppressions.suppress(session, now, reader.row.address_key, refusal)
    with pytest.raises(OutdatedLink):
        reader.confirms(now + HOUR, letters)
    assert reader.signs_up(now + DAY, letters) is None
    assert reader.refusal(letters) == "suppressed"


def test_nothing_is_kept_of_a_request_for_a_barred_address(
    session: Session, site: Site, letters: MailingList, now: datetime
) -> None:
    key = suppress_stranger(session, site, now)
    assert Reader(session, site, "charlie@example.org").signs_up(now, letters) is None
    assert session.query(Subscriber).count() == 0
    assert consent.history(session, key) == []


def suppress_stranger(session: Session, site: Site, now: datetime) -> bytes:
    key = tokens.fingerprint(site.keys, "charlie@example.org")
    suppressions.suppress(session, now, key, Refusal(Scope.everything, reason="complaint"))
    return key


def test_who_was_erased_may_sign_up_anew_and_confirm(
    session: Session, reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    old = reader.place(letters).id
    refusal = Refusal(Scope.everything, reason=suppressions.ERASED)
    suppressions.suppress(session, now, reader.row.address_key, refusal)
    session.delete(reader.row)
    session.flush()
    assert reader.signs_up(now + 2 * DAY, letters) is not None
    assert reader.refusal(letters) == "suppressed"
    with pytest.raises(OutdatedLink):
        subscriptions.confirm(session, now, old, 1, PROOF)
    reader.confirms(now + 2 * DAY, letters)
    assert reader.refusal(letters) == ""


def test_who_was_erased_comes_back_to_the_one_list_that_she_confirms(
    session: Session,
    reader: Reader,
    letters: MailingList,
    notes: MailingList,
    elsewhere: MailingList,
    now: datetime,
) -> None:
    key = tokens.fingerprint(reader.site.keys, reader.address)
    refusal = Refusal(Scope.everything, reason=suppressions.ERASED)
    suppressions.suppress(session, now, key, refusal)
    for one in (letters, notes, elsewhere):
        reader.signs_up(now, one)
    reader.confirms(now + HOUR, letters)
    assert [reader.refusal(one) for one in (letters, notes, elsewhere)] == [
        "",
        "suppressed",
        "suppressed",
    ]
    held = {(one.scope, one.scope_id) for one in suppressions.in_force(session, key)}
    assert held == {(Scope.list, notes.id), (Scope.sender, elsewhere.sender_id)}
    reader.confirms(now + HOUR, elsewhere)
    assert [reader.refusal(one) for one in (letters, notes, elsewhere)] == ["", "suppressed", ""]


@pytest.mark.parametrize("status", ["disabled", "blocklisted"])
def test_who_was_switched_off_by_staff_stays_off(
    reader: Reader, letters: MailingList, now: datetime, status: str
) -> None:
    reader.signs_up(now, letters)
    reader.row.status = SubscriberStatus(status)
    with pytest.raises(OutdatedLink):
        reader.confirms(now, letters)
    assert reader.signs_up(now + DAY, letters) is None


@pytest.mark.parametrize(("shift", "serial"), [(0, 0), (0, 2), (1, 1), (99, 1)])
def test_a_link_for_another_subscription_or_serial_confirms_nothing(
    session: Session, reader: Reader, letters: MailingList, now: datetime, shift: int, serial: int
) -> None:
    reader.signs_up(now, letters)
    row = reader.place(letters)
    with pytest.raises(OutdatedLink):
        subscriptions.confirm(session, now, row.id + shift, serial, PROOF)
    assert row.status is SubscriptionStatus.unconfirmed


def test_one_address_in_two_spellings_is_one_reader(
    session: Session, site: Site, reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    Reader(session, site, "ROSA@EXAMPLE.ORG").signs_up(now + DAY, letters)
    assert session.query(Subscription).count() == 1
    assert reader.row.email == "rosa@example.org"
