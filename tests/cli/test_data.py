"""Handing out, erasing and proving, from the command line."""

import csv
import stat
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts import audit
from mailer.accounts.models import AuditEntry
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.segments import catalogue, rules
from mailer.audience.words import SubscriptionStatus
from mailer.delivery import segmenting
from mailer.privacy import erasure
from mailer.privacy.archive.models import Archive
from tests.cli.conftest import Mailer
from tests.conftest import MakeReader


def acts(session: Session) -> list[str]:
    return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_persons_zip_is_readable_by_its_owner_alone(
    mailer: Mailer, session: Session, rosa: Subscriber, tmp_path: Path
) -> None:
    file = tmp_path / "rosa.zip"
    answer = mailer("export", rosa.email, str(file), "--reason", "her request")
    assert answer.exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "data.json" in zipfile.ZipFile(file).namelist()
    assert acts(session) == ["privacy.export_person"]


def test_a_persons_archive_is_promised_by_mail_or_written_to_a_file(
    mailer: Mailer, session: Session, rosa: Subscriber, tmp_path: Path
) -> None:
    file, words = tmp_path / "rosa.zip", ("privacy", "export-person", rosa.email, "--reason")
    assert mailer(*words, "her request").exit_code == 0
    (owed,) = session.scalars(sa.select(Archive))
    assert (owed.subscriber_id, owed.mailed_at, file.exists()) == (rosa.id, None, False)
    assert mailer(*words, "her request", "--file", str(file)).exit_code == 0
    assert "data.json" in zipfile.ZipFile(file).namelist()
    assert mailer(*words, f"{rosa.email} wrote").exit_code == 2
    assert acts(session) == ["privacy.archive_promised", "privacy.export_person"]


def test_no_file_is_overwritten(
    mailer: Mailer, session: Session, rosa: Subscriber, letters: MailingList, tmp_path: Path
) -> None:
    file = tmp_path / "kept"
    file.write_text("mine")
    for words in (("export", rosa.email), ("export-list", str(letters.id))):
        answer = mailer(*words, str(file), "--reason", "x")
        assert answer.exit_code == 2
        assert answer.stderr == f"Error: {file} cannot be written: File exists.\n"
    assert file.read_text() == "mine"
    assert acts(session) == []


def test_a_list_is_written_without_who_left(
    mailer: Mailer,
    session: Session,
    letters: MailingList,
    make_reader: MakeReader,
    tmp_path: Path,
) -> None:
    make_reader("rosa")
    make_reader("gone", SubscriptionStatus.unsubscribed)
    file = tmp_path / "list.csv"
    answer = mailer("export-list", letters.name, str(file), "--reason", "a move")
    assert "1 exported; 1 left out" in answer.output
    with file.open(newline="") as text:
        assert [row["email"] for row in csv.DictReader(text)] == ["rosa@example.org"]
    assert acts(session) == ["privacy.export_list"]


def test_readers_are_written_whole_by_list_or_by_segment(
    mailer: Mailer, session: Session, make_reader: MakeReader, now: datetime, tmp_path: Path
) -> None:
    make_reader("rosa")
    make_reader("gone", SubscriptionStatus.unsubscribed)
    rule = {"about": "name", "key": "", "op": "begins", "value": "r"}
    tree = rules.parsed({"mode": "all", "rules": [rule]}, segmenting.offers(session))
    catalogue.create(session, now, "R", tree)
    for number, (words, people) in enumerate(
        [((), 2), (("--list", "Harbor Letters"), 2), (("--segment", "R", "--raw"), 1)]
    ):
        file = tmp_path / f"{number}.csv"
        answer = mailer("export-readers", str(file), "--reason", "a move", *words)
        assert answer.exit_code == 0
        with file.open(newline="") as text:
            rows = list(csv.DictReader(text))
        assert len(rows) == people
        assert "gone@" not in file.read_text()
    assert acts(session) == ["privacy.export_readers"] * 3
    odd = mailer("export-readers", str(tmp_path / "x"), "--reason", "x", "--segment", "S")
    assert (odd.exit_code, odd.stderr) == (2, "Error: No segments answer to 'S'.\n")


def test_a_person_is_erased_only_after_a_yes(
    mailer: Mailer, session: Session, rosa: Subscriber
) -> None:
    number = rosa.id
    words = ("erase", rosa.email, "--reason", "her request")
    assert mailer(*words, typed="n\n").exit_code == 1
    session.expire_all()
    assert session.get(Subscriber, number) is not None
    assert mailer(*words, typed="y\n").exit_code == 0
    session.expire_all()
    assert session.get(Subscriber, number) is None
    assert acts(session) == ["privacy.erase_person"]


def test_a_child_is_erased_without_another_reason(
    mailer: Mailer, session: Session, rosa: Subscriber
) -> None:
    assert mailer("erase", rosa.email, "--yes").exit_code == 2
    assert mailer("erase", rosa.email, "--yes", "--child").exit_code == 0
    assert session.scalars(sa.select(AuditEntry.reason)).all() == [erasure.CHILD]


def test_an_erased_address_is_in_no_file_of_the_database(
    mailer: Mailer, rosa: Subscriber, tmp_path: Path
) -> None:
    database, log = tmp_path / "mailer.sqlite3", tmp_path / "mailer.sqlite3-wal"
    assert b"rosa@example.org" in log.read_bytes()
    assert mailer("erase", rosa.email, "--reason", "her request", "--yes").exit_code == 0
    assert b"rosa@" not in database.read_bytes() + log.read_bytes()


def test_yes_spares_the_question_and_a_second_time_finds_nobody(
    mailer: Mailer, rosa: Subscriber
) -> None:
    words = ("erase", rosa.email, "--reason", "her request", "--yes")
    assert mailer(*words).exit_code == 0
    again = mailer(*words)
    assert (again.exit_code, again.stderr) == (
        2,
        "Error: There is no reader with the address rosa@example.org.\n",
    )


@pytest.mark.parametrize("reason", ["", "rosa@example.org wrote"])
def test_a_poor_reason_stops_each_act(
    mailer: Mailer, session: Session, rosa: Subscriber, tmp_path: Path, reason: str
) -> None:
    file = tmp_path / "rosa.zip"
    for words in (("export", rosa.email, str(file)), ("erase", rosa.email, "--yes")):
        assert mailer(*words, "--reason", reason).exit_code == 2
    assert not file.exists()
    assert acts(session) == []


def test_whole_ledgers_pass(mailer: Mailer, session: Session, now: datetime) -> None:
    entry = audit.record(session, now, "test", "nothing", "nobody")
    answer = mailer("verify")
    assert answer.exit_code == 0
    assert answer.output == (
        f"audit log: intact, 1 entries, the last sealed {entry.hash}\n"
        f"consent ledger: intact, 0 entries, the last sealed {ledger.GENESIS}\n"
        f"turned keys: intact, 0 entries, the last sealed {ledger.GENESIS}\n"
        f"certificates: intact, 0 entries, the last sealed {ledger.GENESIS}\n"
    )


def test_a_changed_entry_fails(mailer: Mailer, session: Session, now: datetime) -> None:
    for _ in range(3):
        audit.record(session, now, "test", "nothing", "nobody")
    session.execute(sa.text("DROP TRIGGER audit_entries_no_update"))
    session.execute(sa.text("UPDATE audit_entries SET subject = 'x' WHERE id = 2"))
    answer = mailer("verify")
    assert answer.exit_code == 1
    assert answer.stderr == "audit log: broken at entry 2\n"
