"""Receipts: what was shown is proven without a copy for each person, and any change shows."""

import json
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.audience import addresses, subscriptions, timeline
from mailer.audience.consent import Evidence
from mailer.audience.enrolment import Person
from mailer.audience.models import ConsentEvent, MailingList
from mailer.audience.receipts import check, receipt
from mailer.audience.receipts.receipt import About
from mailer.audience.receipts.texts import ShownText
from mailer.audience.subscriptions import OptOut
from mailer.audience.words import ConsentMethod, Optin
from mailer.links import Site
from mailer.privacy import erasure
from mailer.tokens import Keys
from tests.audience.steps import PROOF, Reader

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def about(reader: Reader, letters: MailingList, now: datetime) -> About:
    """Rosa, who signed up and confirmed."""
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    reader.session.commit()
    return About(reader.row, letters)


def issued(session: Session, site: Site, now: datetime, about: About) -> bytes:
    ledger.seal_waiting(session, ConsentEvent)
    session.commit()
    return receipt.issue(session, site.keys, now, about)


def test_a_receipt_tells_what_was_shown_and_when(
    session: Session, site: Site, about: About, now: datetime
) -> None:
    content = check.checked(issued(session, site, now, about))
    assert content["address"] == "rosa@example.org"
    assert content["list"] == {"id": "letters", "name": "Harbor Letters"}
    assert content["status"] == "confirmed"
    assert content["public_key"] == receipt.public_keys(site.keys)[0]
    events = content["events"]
    assert isinstance(events, list)
    assert [one["action"] for one in events] == ["requested", "confirmed"]
    assert content["texts"] == {events[0]["evidence"]["shown_sha256"]: PROOF.shown}
    assert [line[20:] for line in check.summary(content)] == [
        "requested by form, sealed as 1",
        "confirmed by link, sealed as 2",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rosa@", "ross@"),
        ('"position": 1', '"position": 3'),
        ("Yes, send me", "Yes, sent me"),
        ("192.0.2.7", "192.0.2.8"),
        ('"signature": "', '"signature": "A'),
    ],
)
def test_a_changed_byte_shows(
    session: Session, site: Site, about: About, now: datetime, old: str, new: str
) -> None:
    data = issued(session, site, now, about).decode()
    assert old in data
    with pytest.raises(check.BadReceipt):
        check.checked(data.replace(old, new, 1).encode())


@pytest.mark.parametrize("change", ["action", "evidence", "texts"])
def test_what_was_forged_and_signed_anew_does_not_fit_the_ledgers_seals(
    session: Session, site: Site, about: About, now: datetime, change: str
) -> None:
    """Whoever has the key must seal it anew, and then it is not the entry of the ledger."""
    content = json.loads(issued(session, site, now, about))
    if change == "action":
        content["events"][0]["action"] = "confirmed"
    elif change == "evidence":
        content["events"][0]["evidence"]["ip"] = "192.0.2.9"
    else:
        content["texts"] = dict.fromkeys(content["texts"], "Anything")
    forged = signed_anew(content, site.keys)
    with pytest.raises(check.BadReceipt, match=r"sealed|shown"):
        check.checked(forged)


def signed_anew(content: dict[str, object], keys: Keys) -> bytes:
    private = receipt.private_key(keys)
    return receipt.signed(content, private)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"format": 1}', b"[" * 100_000])
def test_what_is_no_receipt_says_so(data: bytes) -> None:
    with pytest.raises(check.BadReceipt):
        check.checked(data)


def test_what_waits_for_its_seal_is_told(
    session: Session, site: Site, about: About, now: datetime
) -> None:
    content = check.checked(receipt.issue(session, site.keys, now, about))
    assert all(line.endswith("waits for its seal") for line in check.summary(content))


def test_her_own_copy_names_none_of_the_staff(
    session: Session, site: Site, about: About, now: datetime
) -> None:
    opt_out = OptOut(about.list.id, about.subscriber.id)
    said = Evidence(shown="by telephone", actor="alice@example.com")
    subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.staff, said)
    hers = issued(session, site, now, replace(about, for_her=True))
    assert b"alice" not in hers
    assert check.checked(hers)["events"][-1]["withheld"] == ["actor"]  # type: ignore[index]
    assert b"alice" in issued(session, site, now, about)


def test_a_text_is_kept_once_however_many_have_seen_it(
    session: Session, site: Site, notes: MailingList, now: datetime
) -> None:
    assert notes.optin is Optin.single
    for number in range(3):
        who = Person(addresses.parsed(f"reader{number}@example.org"))
        subscriptions.sign_up(session, now, site.keys, notes, who, PROOF)
    session.commit()
    (kept,) = session.query(ShownText)
    assert kept.text == PROOF.shown
    assert session.query(ConsentEvent).count() == 3


def test_a_colleagues_note_goes_with_her(session: Session, about: About, now: datetime) -> None:
    opt_out = OptOut(about.list.id, about.subscriber.id)
    said = Evidence(shown="Rosa Diaz called", actor="alice@example.com")
    subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.staff, said)
    erasure.erase(session, about.subscriber, now, "alice", reason="she asked for it")
    session.commit()
    texts = {one.text for one in session.query(ShownText)}
    kept = [event.evidence for event in session.query(ConsentEvent) if event.evidence]
    assert texts == {PROOF.shown}
    assert "Rosa Diaz" not in str(kept)


def test_the_timeline_shows_the_receipt(
    session: Session, reader: Reader, letters: MailingList, site: Site, now: datetime
) -> None:
    proof = replace(
        PROOF, form="letters", language="en", message_id="<1@mail.example>", user_agent="Firefox"
    )
    who = Person(addresses.parsed(reader.address))
    subscriptions.sign_up(session, now, site.keys, letters, who, proof)
    (moment,) = timeline.timeline(session, reader.row)
    for part in ("Yes, send me", "form letters", "in en", "<1@mail.example>", "with Firefox"):
        assert part in moment.detail
