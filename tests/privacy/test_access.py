"""The archive for a person: everything about her, nothing about anybody else."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import addresses
from mailer.audience.models import Subscriber
from mailer.audience.moving import changes
from mailer.audience.receipts import check
from mailer.links import Site
from mailer.privacy import access, record
from tests.conftest import MakeReader
from tests.privacy.conftest import STORED, Tell

TABLES = {
    *("profile", "subscriptions", "consent", "wishes"),
    *("deliveries", "doubts", "suppressions", "acts", "former_ids", "address_changes"),
    *("letters", "incidents"),
}


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
    audit.record(session, now, alice, "privacy.export_person", record.subject(rosa.id), reason="x")
    content = access.archive(session, site.keys, rosa, now, ("relay.example.net",))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


def test_the_archive_holds_a_page_the_data_the_tables_and_a_manifest(
    files: dict[str, bytes],
) -> None:
    csvs = {f"{name}.csv" for name in TABLES}
    proofs = {"receipts/letters.json"}
    assert set(files) == {"README.html", "data.json", "manifest.sha256", *csvs, *proofs}


def test_the_proof_of_her_consent_holds_without_naming_our_staff(files: dict[str, bytes]) -> None:
    proof = check.checked(files["receipts/letters.json"])
    assert proof["address"] == "rosa@example.org"
    assert b"alice" not in files["receipts/letters.json"]


def test_the_manifest_seals_every_other_file(files: dict[str, bytes]) -> None:
    lines = files["manifest.sha256"].decode().splitlines()
    sums = {name: total for total, _, name in (line.partition("  ") for line in lines)}
    files.pop("manifest.sha256")
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_everything_that_happened_to_her_is_in_it(files: dict[str, bytes]) -> None:
    data = json.loads(files["data.json"])
    assert data["schema"] == "mailer/person/1"
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
        "letters": 1,
        "incidents": 1,
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
        assert list(table[0]) == list(data[name][0]) == list(record.COLUMNS[name])
    assert rows(files, "deliveries.csv")[0]["campaign"] == "Campaign pending"


def test_her_name_is_no_formula_in_a_table_and_no_markup_on_the_page(
    files: dict[str, bytes],
) -> None:
    assert rows(files, "profile.csv")[0]["name"] == "'=HYPERLINK(1)"
    assert json.loads(files["data.json"])["profile"][0]["name"] == "=HYPERLINK(1)"


def test_acts_on_one_of_her_lists_are_hers_and_a_longer_numbers_are_not(
    session: Session, rosa: Subscriber, alice: User, now: datetime
) -> None:
    own = record.subject(rosa.id)
    audit.record(session, now, alice, "subscribers.add", f"{own}, list 1")
    audit.record(session, now, alice, "privacy.export_person", f"{own}0")
    audit.record(session, now, alice, "subscribers.remove", f"{own}0, list 1")
    assert [act["action"] for act in record.gathered(session, rosa).acts] == ["subscribers.add"]


def test_nobody_else_is_in_it(files: dict[str, bytes]) -> None:
    everything = b"".join(files.values()).lower()
    assert b"rosa@example.org" in everything
    assert b"tomas" not in everything
    assert b"alice" not in everything


def test_the_page_names_the_sender_the_recipients_and_her_rights(files: dict[str, bytes]) -> None:
    page = files["README.html"].decode()
    for words in ("Harbor Press LLC, 120 W Main St", "relay.example.net", "complain", "erased"):
        assert words in page


def test_markup_in_the_data_stays_text_on_the_page(
    session: Session, site: Site, rosa: Subscriber, now: datetime
) -> None:
    rosa.subscriptions[0].list.sender.legal_name = "<script>x</script>"
    content = access.archive(session, site.keys, rosa, now, ("<b>",))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        page = archive.read("README.html")
    assert b"<script>" not in page
    assert b"server &lt;b&gt;" in page
