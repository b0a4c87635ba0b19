"""Topics, fewer mails, pauses, corrections, reasons: what readers wish beyond yes and no."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience import preferences, subscriptions, suppressions, timeline
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.preferences import Pause, Wanted
from mailer.audience.segments import fields
from mailer.audience.segments.fields import Details
from mailer.audience.segments.models import FieldKind
from mailer.audience.subscriptions import OptOut
from mailer.audience.wishes import leaving, pauses, topics
from mailer.audience.wishes.models import LeavingReason, Topic
from mailer.audience.words import ConsentMethod, Scope, SubscriptionStatus
from tests.audience.steps import PROOF, Reader
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


def said(session: Session, reader: Subscriber) -> list[str]:
    return [one.what for one in timeline.timeline(session, reader)][::-1]


def keep(session: Session, now: datetime, reader: Subscriber, wanted: Wanted) -> bool:
    changes = preferences.keep(session, now, reader.id, wanted, PROOF)
    session.commit()
    return changes.has_more


@pytest.fixture
def peas(session: Session, letters: MailingList) -> dict[str, Topic]:
    """The topics of the list."""
    topics.keep(session, letters.id, ["Peas", "Beans"])
    session.commit()
    return {one.name: one for one in topics.of_lists(session, [letters.id])}


def test_all_that_she_chooses_stands_in_her_timeline_once(
    session: Session,
    rosa: Subscriber,
    letters: MailingList,
    peas: dict[str, Topic],
    now: datetime,
) -> None:
    wanted = Wanted(
        lists={letters.id},
        topics={peas["Peas"].id, 999},
        weekly={letters.id},
        name="Rosa Luz",
        language="es",
        pause=Pause(now + 30 * DAY),
    )
    assert keep(session, now, rosa, wanted)
    assert not keep(session, now, rosa, wanted)
    assert said(session, rosa) == [
        "Topics: Peas for “Harbor Letters”",
        "Once a week at most for “Harbor Letters”",
        "Paused until 01 April 2026",
        "Corrected her name",
        "Language: Español",
    ]
    assert (rosa.name, rosa.language, rosa.paused_until) == ("Rosa Luz", "es", now + 30 * DAY)
    assert topics.chosen(session, rosa.id) == {peas["Peas"].id}


def test_what_a_page_does_not_hold_stays_as_it_is(
    session: Session, rosa: Subscriber, letters: MailingList, now: datetime
) -> None:
    rosa.paused_until = now + DAY
    assert not keep(session, now, rosa, Wanted(lists={letters.id}))
    assert (rosa.name, rosa.paused_until) == ("Rosa", now + DAY)


def test_she_fills_in_her_own_fields_and_no_others(
    session: Session, rosa: Subscriber, letters: MailingList, now: datetime
) -> None:
    for key, is_hers in (("city", True), ("score", False)):
        fields.create(session, now, Details(key, key.title(), FieldKind.text, is_hers=is_hers))
    values = {"city": "Ostende", "score": "100", "free": "1"}
    wanted = Wanted(lists={letters.id}, attributes=values)
    assert keep(session, now, rosa, wanted)
    assert not keep(session, now, rosa, wanted)
    assert rosa.attributes == {"city": "Ostende"}
    assert said(session, rosa) == ["Corrected: City"]


def test_wishes_for_a_list_that_she_is_not_on_are_none(
    session: Session, make_reader: MakeReader, letters: MailingList, peas: dict[str, Topic]
) -> None:
    sam = make_reader("sam", SubscriptionStatus.unsubscribed)
    now = letters.created_at
    assert not topics.choose(session, now, sam, {peas["Peas"].id})
    assert not pauses.space_out(session, now, sam, {letters.id})


def test_a_topic_is_closed_and_comes_back_with_who_chose_it(
    session: Session, rosa: Subscriber, letters: MailingList, peas: dict[str, Topic], now: datetime
) -> None:
    topics.choose(session, now, rosa, {peas["Peas"].id})
    assert topics.keep(session, letters.id, ["Beans", "Leeks"])
    assert [one.name for one in topics.of_lists(session, [letters.id])] == ["Beans", "Leeks"]
    assert topics.keep(session, letters.id, ["Peas"])
    assert not topics.keep(session, letters.id, ["Peas"])
    assert topics.chosen(session, rosa.id) == {peas["Peas"].id}


def test_a_paused_reader_is_not_mailed_until_the_pause_ends_by_itself(
    session: Session, reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    assert pauses.pause(session, now, reader.row, now + DAY)
    assert reader.refusal(letters) == "paused"
    pauses.end_due(session, now + DAY - timedelta(seconds=1))
    assert reader.refusal(letters) == "paused"
    pauses.end_due(session, now + DAY)
    assert reader.refusal(letters) == ""


@pytest.mark.parametrize(("ask", "get"), [(-DAY, None), (timedelta(0), None), (900 * DAY, 366)])
def test_a_pause_lies_ahead_and_lasts_a_year_at_most(
    session: Session, rosa: Subscriber, now: datetime, ask: timedelta, get: int | None
) -> None:
    rosa.paused_until = now + DAY
    assert pauses.pause(session, now, rosa, now + ask)
    assert rosa.paused_until == (None if get is None else now + get * DAY)


def test_stopping_everything_reaches_every_sender_and_one_yes_lifts_it_for_one_list(
    session: Session,
    reader: Reader,
    letters: MailingList,
    insiders: MailingList,
    elsewhere: MailingList,
    now: datetime,
) -> None:
    """R29, C7: all correspondence, whoever sends it."""
    for one in (letters, insiders, elsewhere):
        reader.signs_up(now, one)
        reader.confirms(now, one)
    session.commit()
    assert preferences.leave_all(session, now + DAY, reader.row.id, PROOF)
    (held,) = suppressions.in_force(session, reader.row.address_key)
    assert (held.scope, held.scope_id) == (Scope.everything, 0)
    all_lists = (letters, insiders, elsewhere)
    assert {reader.refusal(one) for one in all_lists} == {"unsubscribed"}
    assert said(session, reader.row)[-2] == "Unsubscribed from all mail"
    preferences.change(session, now + 2 * DAY, reader.row.id, {elsewhere.id}, PROOF)
    assert [reader.refusal(one) == "" for one in all_lists] == [False, False, True]


def test_stopping_everything_can_be_undone_whole(
    session: Session, rosa: Subscriber, letters: MailingList, now: datetime
) -> None:
    opt_out = OptOut(letters.id, rosa.id, scope=Scope.everything)
    number = subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.link, PROOF)
    assert number is not None
    assert subscriptions.undo(session, now + DAY, number, rosa.id, PROOF)
    assert session.query(Subscription).one().status == "confirmed"
    assert said(session, rosa)[-1].startswith("Suppression lifted for all mail")


def test_who_is_on_no_list_has_nothing_to_stop(
    session: Session, rosa: Subscriber, now: datetime
) -> None:
    session.query(Subscription).delete()
    session.commit()
    assert not preferences.leave_all(session, now, rosa.id, PROOF)


def test_a_reason_is_kept_once_and_only_for_a_refusal_in_force(
    session: Session, rosa: Subscriber, letters: MailingList, now: datetime
) -> None:
    opt_out = OptOut(letters.id, rosa.id)
    number = subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.link, PROOF)
    assert number is not None
    assert leaving.say(session, now, number, LeavingReason.too_often)
    assert not leaving.say(session, now, number, LeavingReason.other)
    assert not leaving.say(session, now, number + 1, LeavingReason.other)
    assert "Left because: too often for “Harbor Letters”" in said(session, rosa)
    subscriptions.undo(session, now, number, rosa.id, PROOF)
    assert not leaving.say(session, now, number, LeavingReason.other)
