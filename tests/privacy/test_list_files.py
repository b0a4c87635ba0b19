"""A list's export: who is in it, who is not, and in which columns."""

import csv
import io
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience import consent, suppressions
from mailer.audience.consent import Decision, Evidence
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.words import (
    ConsentAction,
    ConsentMethod,
    Scope,
    SubscriberStatus,
    SubscriptionStatus,
)
from mailer.privacy import people
from tests.conftest import MakeReader
from tests.privacy.conftest import Tell


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def exported(session: Session, letters: MailingList) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(session, letters), newline="")))


def text_of(session: Session, letters: MailingList, *, raw: bool = False) -> str:
    return b"".join(people.of_list(session, letters.id, raw=raw)).decode()


def test_who_opted_out_is_left_out_and_counted(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    make_reader("confirmed")
    make_reader("waiting", SubscriptionStatus.unconfirmed)
    make_reader("gone", SubscriptionStatus.unsubscribed)
    for name, status in (
        ("blocked", SubscriberStatus.blocklisted),
        ("off", SubscriberStatus.disabled),
    ):
        reader = make_reader(name)
        reader.status = status
    for name, scope, number in (
        ("everything", Scope.everything, 0),
        ("sender", Scope.sender, letters.sender_id),
        ("list", Scope.list, letters.id),
    ):
        key = make_reader(f"refused-{name}").address_key
        suppressions.suppress(session, now, key, suppressions.Refusal(scope, number))
    assert [row["email"] for row in exported(session, letters)] == [
        "confirmed@example.org",
        "waiting@example.org",
    ]
    assert people.tally(session, letters.id) == people.Tally(exported=2, left_out=6)


def test_a_list_tells_of_no_other_list(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    """Neither that she is on it, nor her consent to it, nor that she has left it."""
    other = MailingList(public_id="o", name="Notes", sender_id=letters.sender_id, created_at=now)
    session.add(other)
    session.flush()
    decision = Decision(ConsentAction.confirmed, ConsentMethod.link, other.id)
    for name, here, there in (
        ("rosa", SubscriptionStatus.confirmed, SubscriptionStatus.unsubscribed),
        ("gone", SubscriptionStatus.unsubscribed, SubscriptionStatus.confirmed),
    ):
        reader = make_reader(name, here)
        place = Subscription(list_id=other.id, status=there, created_at=now)
        reader.subscriptions.append(place)
        consent.record(session, now, reader.address_key, decision, Evidence())
    session.flush()
    (row,) = exported(session, letters)
    assert (row["email"], row["lists"]) == ("rosa@example.org", '{"Harbor Letters": "confirmed"}')
    assert (row["consent_at"], row["suppressed"]) == ("", "")


def test_the_columns_are_those_of_every_export(
    session: Session, letters: MailingList, rosa: Subscriber, tell: Tell
) -> None:
    rosa.attributes = {"town": "Ostende"}
    tell(rosa)
    (row,) = exported(session, letters)
    assert tuple(row) == people.COLUMNS
    assert row["attributes"] == '{"town": "Ostende"}'
    assert (row["status"], row["lists"]) == ("enabled", '{"Harbor Letters": "confirmed"}')
    assert (row["consent_action"], row["consent_method"]) == ("returned", "staff")


def test_a_person_has_the_same_number_in_every_export(
    session: Session, letters: MailingList, rosa: Subscriber
) -> None:
    first, second = exported(session, letters), exported(session, letters)
    assert first[0]["uuid"] == second[0]["uuid"]
    assert rosa.address_key.hex()[:8] not in first[0]["uuid"]


def test_a_list_longer_than_a_batch_comes_whole_and_in_order(
    session: Session,
    letters: MailingList,
    make_reader: MakeReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(people, "BATCH", 2)
    emails = [make_reader(f"reader-{number}").email for number in range(5)]
    assert [row["email"] for row in exported(session, letters)] == emails


def test_a_name_is_no_formula_unless_raw_is_asked_for(
    session: Session, letters: MailingList, rosa: Subscriber
) -> None:
    rosa.name = "=1+1"
    assert exported(session, letters)[0]["name"] == "'=1+1"
    assert ",=1+1," in text_of(session, letters, raw=True)


def test_an_empty_list_is_a_header(session: Session, letters: MailingList) -> None:
    assert people.tally(session, letters.id) == people.Tally(0, 0)
    assert text_of(session, letters).splitlines() == [",".join(people.COLUMNS)]


def test_the_gate_holds_back_what_a_query_had_let_through(
    session: Session, rosa: Subscriber
) -> None:
    del session
    people.demand_releasable([(rosa, people.Standing())])
    with pytest.raises(people.NotReleased):
        people.demand_releasable([(rosa, people.Standing(refusals={"unsubscribed"}))])


def test_an_export_whose_query_fails_holds_nobody(
    session: Session, letters: MailingList, make_reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_reader("gone", SubscriptionStatus.unsubscribed)
    monkeypatch.setattr(people, "EXPORTED", (*people.EXPORTED, "unsubscribed"))
    with pytest.raises(people.NotReleased):
        exported(session, letters)
