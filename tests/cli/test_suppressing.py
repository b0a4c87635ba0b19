"""`mailer suppress` and `mailer suppressions`."""

import hashlib
import hmac
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import AuditEntry
from mailer.audience import suppressions
from mailer.audience.models import MailingList, Subscriber, Suppression
from mailer.delivery.relay_models import RegisteredRelay
from tests import world
from tests.cli.conftest import Mailer
from tests.conftest import MakeReader

KEY = "9d2f0c17a5b84e36" * 3


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    """The key that both sides agreed upon."""
    path = tmp_path / "agreed"
    path.write_text(f"{KEY}\n")
    return str(path)


@pytest.fixture
def processor(session: Session, letters: MailingList) -> RegisteredRelay:
    """A firm that mails for us."""
    relay = world.relay(letters)
    session.add(relay)
    session.commit()
    return relay


def in_force(session: Session, reader: Subscriber) -> list[tuple[str, str]]:
    session.rollback()
    found = suppressions.in_force(session, reader.address_key)
    return [(one.scope.value, one.reason) for one in found]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["rosa@example.org", "--reason", "objected"], ("everything", "objected")),
        (["rosa@example.org", "--reason", "blocked", "--sender", "1"], ("sender", "blocked")),
        (["example.org", "--reason", "blocked", "--until", "2099-05-01"], ("domain", "blocked")),
    ],
)
def test_a_suppression_is_put_in_force(
    mailer: Mailer, session: Session, rosa: Subscriber, given: list[str], kept: tuple[str, str]
) -> None:
    answer = mailer("suppress", *given)
    assert answer.exit_code == 0, answer.output
    assert in_force(session, rosa) == [kept]
    assert "before" in mailer("suppress", *given).stdout


@pytest.mark.parametrize(
    "given",
    [
        ["nonsense@", "--reason", "blocked"],
        ["example.org", "--reason", "objected"],
        ["rosa@example.org", "--reason", "objected", "--until", "2099-01-01"],
    ],
)
def test_what_makes_no_sense_is_exit_code_2(mailer: Mailer, given: list[str]) -> None:
    assert mailer("suppress", *given).exit_code == 2


def test_our_own_is_ended_and_a_persons_is_not(
    mailer: Mailer, session: Session, rosa: Subscriber
) -> None:
    mailer("suppress", rosa.email, "--reason", "blocked")
    mailer("suppress", rosa.email, "--reason", "objected")
    assert mailer("suppressions", "end", "1", "--reason", "wrong Rosa").exit_code == 0
    answer = mailer("suppressions", "end", "2", "--reason", "please")
    assert answer.exit_code == 2
    assert "Only she takes it back" in answer.stderr
    assert mailer("suppressions", "end", "1", "--reason", "again").exit_code == 2
    assert in_force(session, rosa) == [("everything", "objected")]


def test_a_registered_processor_is_told_hashes_and_nothing_else(
    mailer: Mailer,
    session: Session,
    make_reader: MakeReader,
    processor: RegisteredRelay,
    key_file: str,
    tmp_path: Path,
) -> None:
    rosa, sam = make_reader("rosa"), make_reader("sam")
    mailer("suppress", rosa.email, "--reason", "objected")
    given = ["--sender", "1", "--key-file", key_file, "--purpose", "compliance"]
    file = tmp_path / "out.txt"
    answer = mailer("suppressions", "export", str(file), "--processor", processor.host, *given)
    assert answer.exit_code == 0, answer.output
    expected = hmac.digest(KEY.encode(), b"rosa@example.org", hashlib.sha256).hex()
    assert file.read_text() == f"# mailer/suppressed/1 hmac-sha256\n{expected}\n"
    act = session.query(AuditEntry).filter_by(action="suppressions.export").one()
    assert (act.subject, act.reason) == (f"relay {processor.id}", "compliance: 1 hashes, sender 1")
    answer = mailer(
        "suppressions", "export", str(tmp_path / "x"), "--processor", "mx.example", *given
    )
    assert answer.exit_code == 2
    assert in_force(session, sam) == []


def test_hashes_of_an_agreed_key_suppress_those_whom_they_fit(
    mailer: Mailer,
    session: Session,
    make_reader: MakeReader,
    key_file: str,
    tmp_path: Path,
) -> None:
    rosa, sam = make_reader("rosa"), make_reader("sam")
    lines = [
        hmac.digest(KEY.encode(), address, hashlib.sha256).hex()
        for address in (b"rosa@example.org", b"nobody@example.net")
    ]
    file = tmp_path / "in.txt"
    file.write_text("\n".join(["# mailer/suppressed/1 hmac-sha256", *lines]))
    answer = mailer("suppressions", "import", str(file), "--key-file", key_file)
    assert "1 newly suppressed, 0 were before." in answer.stdout
    assert in_force(session, rosa) == [("everything", "imported")]
    assert in_force(session, sam) == []
    file.write_text("anything")
    assert mailer("suppressions", "import", str(file), "--key-file", key_file).exit_code == 2
    short = tmp_path / "short"
    short.write_text("guess")
    assert mailer("suppressions", "import", str(file), "--key-file", str(short)).exit_code == 2


def test_many_addresses_are_taken_in_within_seconds(
    mailer: Mailer, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "many.csv"
    file.write_text(
        "email\n" + "".join(f"reader{one}@example.net\n" for one in range(3000)) + "x\n"
    )
    began = clock.now()
    answer = mailer("suppressions", "import", str(file), "--note", "old program")
    assert "3000 newly suppressed" in answer.stdout
    assert "1 lines hold no address, such as: 3002." in answer.stderr
    assert session.query(Suppression).count() == 3000
    assert (clock.now() - began).total_seconds() < 30
