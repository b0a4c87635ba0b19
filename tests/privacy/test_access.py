"""The archive for a person: everything about her, nothing about anybody else."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import datetime
from email import message_from_bytes, policy
from html import unescape

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import addresses
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.moving import changes
from mailer.audience.receipts import check
from mailer.delivery import biography
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.processors import register
from mailer.links import Site
from mailer.privacy import access, record
from mailer.privacy.archive.columns import COLUMNS
from mailer.privacy.policy import periods, privacy_page
from tests import world
from tests.conftest import MakeReader
from tests.privacy.conftest import STORED, Tell

TABLES = set(COLUMNS)
SENT = {DeliveryStatus.accepted, DeliveryStatus.unknown, DeliveryStatus.sending}


@pytest.fixture
def files(
    session: Session,
    site: Site,
    rosa: Subscriber,
    alice: User,
    make_reader: MakeReader,
    tell: Tell,
    now: datetime,
) -> dict[str, bytes]:
    """Rosa's archive, unpacked, in a database where Tomas has as much of his own."""
    rosa.name = "=HYPERLINK(1)"
    rosa.attributes = {"town": "Ostende"}
    tell(rosa)
    tell(make_reader("tomas"))
    changes.ask(session, now, site.keys, rosa.id, addresses.parsed("rosa@elsewhere.example"))
    audit.record(
        session, now, alice, "privacy.export_person", biography.subject(rosa.id), reason="x"
    )
    content = access.archive(session, site, rosa, now, ("relay.example.net",))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


def test_the_archive_holds_a_page_the_data_the_tables_and_a_manifest(
    files: dict[str, bytes],
) -> None:
    csvs = {f"{name}.csv" for name in TABLES}
    data = json.loads(files["data.json"])
    mails = {one["message"] for one in data["deliveries"] if one["status"] in SENT}
    letters = {one["file"] for one in data["letters"]}
    assert (len(mails), len(letters)) == (len(SENT), 1)
    further = {"README.html", "data.json", "schema.json", "manifest.sha256"}
    assert set(files) == {*further, *csvs, *mails, *letters, "receipts/letters.json"}


def test_the_proof_of_her_consent_holds_without_naming_our_staff(files: dict[str, bytes]) -> None:
    proof = check.checked(files["receipts/letters.json"])
    assert proof["address"] == "rosa@example.org"
    assert b"alice" not in files["receipts/letters.json"]


def test_what_was_mailed_to_her_is_there_again(files: dict[str, bytes]) -> None:
    data = json.loads(files["data.json"])
    (accepted,) = [one for one in data["deliveries"] if one["status"] == "accepted"]
    mail = message_from_bytes(files[accepted["message"]], policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("rosa@example.org", "About accepted")
    assert "the words or the sender were changed since" in mail["X-Rendered-Again"]
    assert "/u/" in mail["List-Unsubscribe"]
    assert "DKIM-Signature" not in mail


def test_what_she_wrote_is_there_byte_for_byte(files: dict[str, bytes]) -> None:
    (letter,) = json.loads(files["data.json"])["letters"]
    assert files[letter["file"]] == b"From: rosa@example.org\r\n\r\nHello"


def test_the_manifest_seals_every_other_file(files: dict[str, bytes]) -> None:
    lines = files["manifest.sha256"].decode().splitlines()
    sums = {name: total for total, _, name in (line.partition("  ") for line in lines)}
    files.pop("manifest.sha256")
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_everything_that_happened_to_her_is_in_it(files: dict[str, bytes]) -> None:
    data = json.loads(files["data.json"])
    assert data["schema"] == "mailer/person/2"
    Draft202012Validator(json.loads(files["schema.json"])).validate(data)
    assert {name: len(data[name]) for name in TABLES} == {
        "profile": 1,
        "subscriptions": 1,
        "consent": 3,
        "wishes": 1,
        "deliveries": len(STORED),
        "doubts": 1,
        "suppressions": 1,
        "acts": 1,
        "former_ids": 1,
        "address_changes": 1,
        "address_letters": 2,
        "letters": 1,
        "incidents": 1,
        "requests": 1,
        "request_mails": 1,
        "request_recipients": 1,
        "data_links": 1,
        "archives": 1,
        "holds": 1,
        "forms": 1,
        "mails_asked": 1,
        "imports": 1,
    }
    assert data["profile"][0]["attributes"] == {"town": "Ostende"}
    assert data["consent"][0]["evidence"]["ip"] == "203.0.113.9"
    assert data["deliveries"][4]["smtp_text"] == "2.1.5 <rosa@example.org> ok"
    assert data["suppressions"][0]["reason"] == "complaint"


def test_the_tables_say_the_same_as_the_data(files: dict[str, bytes]) -> None:
    data = json.loads(files["data.json"])
    for name in TABLES:
        table = rows(files, f"{name}.csv")
        assert len(table) == len(data[name])
        assert list(table[0]) == list(data[name][0]) == list(COLUMNS[name])
    assert rows(files, "deliveries.csv")[0]["campaign"] == "Campaign pending"


def test_her_name_is_no_formula_in_a_table_and_no_markup_on_the_page(
    files: dict[str, bytes],
) -> None:
    assert rows(files, "profile.csv")[0]["name"] == "'=HYPERLINK(1)"
    assert json.loads(files["data.json"])["profile"][0]["name"] == "=HYPERLINK(1)"


def test_acts_on_one_of_her_lists_are_hers_and_a_longer_numbers_are_not(
    session: Session, site: Site, rosa: Subscriber, alice: User, now: datetime
) -> None:
    own = biography.subject(rosa.id)
    audit.record(session, now, alice, "subscribers.add", f"{own}, list 1")
    audit.record(session, now, alice, "privacy.export_person", f"{own}0")
    audit.record(session, now, alice, "subscribers.remove", f"{own}0, list 1")
    assert [act["action"] for act in record.gathered(session, site.keys, rosa).tables["acts"]] == [
        "subscribers.add"
    ]


def test_nobody_else_is_in_it(files: dict[str, bytes]) -> None:
    everything = b"".join(files.values()).lower()
    assert b"rosa@example.org" in everything
    assert b"tomas" not in everything
    assert b"alice" not in everything


def test_the_page_names_the_sender_the_recipients_and_her_rights(files: dict[str, bytes]) -> None:
    page = files["README.html"].decode()
    for words in (
        "Harbor Press LLC, 120 W Main St",
        "relay.example.net: Carries our mail, on our instructions alone",
        "complain",
        "erased",
        "imports.csv names",
    ):
        assert words in page


def test_the_page_says_what_the_policy_says(
    session: Session, site: Site, rosa: Subscriber, letters: MailingList, now: datetime
) -> None:
    session.add_all([world.relay(letters), world.service(now)])
    session.flush()
    hosts = ("127.0.0.1",)
    with zipfile.ZipFile(io.BytesIO(access.archive(session, site, rosa, now, hosts))) as archive:
        page = unescape(archive.read("README.html").decode())
    parties = register.entries(session, hosts)
    assert [one.legal_entity for one in parties] == ["Postbote GmbH", "Cellar Inc"]
    for one in parties:
        assert all(words in page for words in privacy_page.recipient(one))
    for each in periods.in_force(session):
        assert f"<li>{each.what}: {each.how_long}.</li>" in page


def test_markup_in_the_data_stays_text_on_the_page(
    session: Session, site: Site, rosa: Subscriber, now: datetime
) -> None:
    rosa.subscriptions[0].list.sender.legal_name = "<script>x</script>"
    content = access.archive(session, site, rosa, now, ("<b>",))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        page = archive.read("README.html")
    assert b"<script>" not in page
    assert b"<li>&lt;b&gt;: Carries our mail" in page
