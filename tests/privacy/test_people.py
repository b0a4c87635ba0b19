"""The export of readers: every status, every consent, and no opted-out address."""

import csv
import io
import json
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience import consent, suppressions
from mailer.audience.consent import Decision, Evidence
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.searches import Search
from mailer.audience.suppressions import Refusal
from mailer.audience.words import (
    ConsentAction,
    ConsentMethod,
    Scope,
    SubscriberStatus,
    SubscriptionStatus,
)
from mailer.privacy import people
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")


def exported(session: Session, search: Search | None = None) -> dict[str, dict[str, str]]:
    text = b"".join(people.written(session, search or Search())).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    by_key = {str(people.pseudonym(one)): one.name.lower() for one in session.query(Subscriber)}
    return {by_key[row["uuid"]]: row for row in rows}


def test_the_columns_begin_as_peers_expect_and_hold_lists_and_consent(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    """Listmonk #738 #863 #1241: the export lacked the status on each list."""
    rosa = make_reader("rosa", attributes={"town": "Łódź"})
    decision = Decision(ConsentAction.confirmed, ConsentMethod.link, letters.id)
    proof = Evidence(page="/confirm", ip="192.0.2.7")
    consent.record(session, now, rosa.address_key, decision, proof)
    row = exported(session)["rosa"]
    head = ["uuid", "email", "name", "attributes", "status", "created_at", "updated_at"]
    assert list(row)[:7] == head
    assert (row["email"], row["attributes"]) == ("rosa@example.org", '{"town": "Łódź"}')
    assert json.loads(row["lists"]) == {"Harbor Letters": "confirmed"}
    assert (row["consent_action"], row["consent_method"]) == ("confirmed", "link")
    assert (row["consent_page"], row["suppressed"]) == ("/confirm", "")


def test_no_opted_out_address_leaves_but_the_sums_are_right(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    make_reader("rosa")
    make_reader("una", SubscriptionStatus.unconfirmed)
    make_reader("max", SubscriptionStatus.unsubscribed)
    make_reader("off").status = SubscriberStatus.disabled
    make_reader("bad").status = SubscriberStatus.blocklisted
    sue, eve = make_reader("sue"), make_reader("eve")
    session.query(Subscription).filter_by(subscriber_id=eve.id).delete()
    for one, scope, number in ((sue, Scope.sender, letters.sender_id), (eve, Scope.everything, 0)):
        suppressions.suppress(session, now, one.address_key, Refusal(scope, number))
    found = exported(session)
    assert {name: row["suppressed"] for name, row in found.items()} == {
        "rosa": "",
        "una": "",
        "max": "unsubscribed",
        "off": "disabled",
        "bad": "blocklisted",
        "sue": "suppressed",
        "eve": "suppressed",
    }
    text = b"".join(people.written(session, Search())).decode()
    assert {name for name in found if f"{name}@" in text} == {"rosa", "una"}
    assert {row["name"] for name, row in found.items() if row["suppressed"]} == {""}


def test_who_may_be_mailed_on_one_list_leaves_with_her_address(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    rosa = make_reader("rosa", SubscriptionStatus.unsubscribed)
    other = MailingList(public_id="o", name="Notes", sender_id=letters.sender_id, created_at=now)
    session.add(other)
    session.flush()
    status = SubscriptionStatus.confirmed
    place = Subscription(subscriber_id=rosa.id, list_id=other.id, status=status, created_at=now)
    session.add(place)
    session.commit()
    row = exported(session)["rosa"]
    assert row["email"] == "rosa@example.org"
    assert json.loads(row["lists"]) == {"Harbor Letters": "unsubscribed", "Notes": "confirmed"}


def test_batches_hold_everybody_once_and_a_search_its_own(
    session: Session, make_reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "BATCH", 2)
    names = ["ada", "anna", "bea", "abe", "cleo"]
    for name in names:
        make_reader(name)
    assert list(exported(session)) == names
    assert list(exported(session, Search("a"))) == ["ada", "anna", "abe"]


def test_exports_escape_formulas_unless_raw_is_asked_for(
    session: Session, make_reader: MakeReader
) -> None:
    """Listmonk security report: cells that begin with = + - @ tab or CR ran in spreadsheets."""
    for number, sign in enumerate("=+-@\t\r"):
        make_reader(f"r{number}").name = f"{sign}1+1"
    session.commit()
    safe = b"".join(people.written(session, Search())).decode()
    rows = list(csv.DictReader(io.StringIO(safe, newline="")))
    assert [row["name"][:2] for row in rows] == [f"'{sign}" for sign in "=+-@\t\r"]
    raw = b"".join(people.written(session, Search(), raw=True)).decode()
    assert ",=1+1," in raw


def test_an_export_whose_query_fails_holds_nobody(
    session: Session, make_reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_reader("max", SubscriptionStatus.unsubscribed)
    monkeypatch.setattr(people, "EXPORTED", (*people.EXPORTED, "unsubscribed"))
    with pytest.raises(people.NotReleased):
        exported(session)
