"""A list's export: who is in it, who is not, and in which columns."""

import csv
import io
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience import suppressions
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.words import Scope, SubscriberStatus, SubscriptionStatus
from mailer.privacy import listing
from tests.conftest import MakeReader
from tests.privacy.conftest import Tell


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def exported(session: Session, letters: MailingList) -> list[dict[str, str]]:
    file = io.StringIO(newline="")
    listing.write(session, letters, file)
    file.seek(0)
    return list(csv.DictReader(file))


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
    assert listing.tally(session, letters) == listing.Tally(exported=2, left_out=6)


def test_the_columns_begin_as_peers_expect(
    session: Session, letters: MailingList, rosa: Subscriber, tell: Tell
) -> None:
    rosa.attributes = {"town": "Ostende"}
    tell(rosa)
    (row,) = exported(session, letters)
    head = ["uuid", "email", "name", "attributes", "status", "created_at", "updated_at"]
    assert list(row)[:7] == head
    assert row["attributes"] == '{"town": "Ostende"}'
    assert (row["status"], row["subscription_status"]) == ("enabled", "confirmed")
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
    monkeypatch.setattr(listing, "BATCH", 2)
    emails = [make_reader(f"reader-{number}").email for number in range(5)]
    assert [row["email"] for row in exported(session, letters)] == emails


def test_a_name_is_no_formula_unless_raw_is_asked_for(
    session: Session, letters: MailingList, rosa: Subscriber
) -> None:
    rosa.name = "=1+1"
    assert exported(session, letters)[0]["name"] == "'=1+1"
    file = io.StringIO(newline="")
    listing.write(session, letters, file, raw=True)
    assert ",=1+1," in file.getvalue()


def test_an_empty_list_is_a_header(session: Session, letters: MailingList) -> None:
    file = io.StringIO(newline="")
    assert listing.write(session, letters, file) == listing.Tally(0, 0)
    assert file.getvalue().splitlines() == [",".join(listing.COLUMNS)]


def test_the_gate_holds_back_what_a_query_had_let_through(
    session: Session, rosa: Subscriber
) -> None:
    place = session.query(Subscription).one()
    listing.demand_releasable([(rosa, place, "")])
    with pytest.raises(listing.NotReleased):
        listing.demand_releasable([(rosa, place, "unsubscribed")])


def test_an_export_whose_query_fails_holds_nobody(
    session: Session, letters: MailingList, make_reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_reader("gone", SubscriptionStatus.unsubscribed)
    monkeypatch.setattr(listing, "EXPORTED", (*listing.EXPORTED, "unsubscribed"))
    with pytest.raises(listing.NotReleased):
        exported(session, letters)
