"""``mailer import`` and ``mailer imports`` do what the pages do."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry
from mailer.audience.models import MailingList, Subscriber
from tests.cli.conftest import Mailer

SAID = ("--provenance", "migration", "--basis", "double_opt_in", "--evidence", "our form")


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text("Email;Vorname\nrosa@example.org;Rosa\nnobody;x\n")
    return str(path)


def readers(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(sa.select(Subscriber.email)))


def take_in(mailer: Mailer, path: str, letters: MailingList, *more: str) -> Result:
    return mailer("import", path, "--list", str(letters.id), *SAID, *more)


def test_a_file_is_taken_in_and_undone(
    mailer: Mailer, session: Session, letters: MailingList, people: str
) -> None:
    answer = take_in(mailer, people, letters)
    assert answer.exit_code == 0, answer.output
    assert "1 are added" in answer.output
    assert "1 are invalid" in answer.output
    assert readers(session) == ["rosa@example.org"]
    assert "people.csv:3  invalid" in mailer("imports", "show", "1", "--faults").output
    assert mailer("imports", "list").output == "1  finished  2/2  people.csv\n"
    assert mailer("imports", "undo", "1").output == "1 places, 1 people, 0 kept\n"
    assert readers(session) == []
    acts = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == ["imports.check", "imports.begin", "imports.undo"]


def test_a_dry_run_adds_nobody(
    mailer: Mailer, session: Session, letters: MailingList, people: str
) -> None:
    answer = take_in(mailer, people, letters, "--dry-run")
    assert "1 would be added" in answer.output
    assert readers(session) == []


def test_what_the_law_forbids_ends_with_1(
    mailer: Mailer, session: Session, letters: MailingList, people: str, tmp_path: Path
) -> None:
    answer = take_in(mailer, people, letters, "--provenance", "purchased")
    assert answer.exit_code == 1
    assert "15 U.S.C. 7704(b)(1)(A)" in answer.output
    letters.least_age = 9
    session.commit()
    assert "nobody has vouched" in take_in(mailer, people, letters).output
    dry = take_in(mailer, people, letters, "--parents-agreed", "--dry-run")
    assert "1 would be added" in dry.output
    made_up = tmp_path / "made.csv"
    made_up.write_text("email\n" + "".join(f"a{n}@example.org\n" for n in range(100)))
    answer = take_in(mailer, str(made_up), letters, "--parents-agreed")
    assert answer.exit_code == 1
    assert "count through" in answer.output
    assert readers(session) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--column", "Vorname=email"), "is chosen for two columns"),
        (("--column", "Email=nothing"), "Say which column holds the email address."),
        (("--column", "Email=what"), "--column wants a heading"),
        (("--list", "none of ours"), "No lists answer to"),
    ],
)
def test_what_cannot_be_used_ends_with_2(
    mailer: Mailer, letters: MailingList, people: str, more: tuple[str, ...], words: str
) -> None:
    answer = take_in(mailer, people, letters, *more)
    assert answer.exit_code == 2
    assert words in answer.stderr


def test_a_file_that_is_none_and_an_import_that_is_none_say_so(
    mailer: Mailer, letters: MailingList, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    assert "The file is empty" in take_in(mailer, str(empty), letters).stderr
    assert "There is no import 9." in mailer("imports", "go-on", "9").stderr


def test_a_finished_import_cannot_be_paused(
    mailer: Mailer, letters: MailingList, people: str
) -> None:
    take_in(mailer, people, letters)
    answer = mailer("imports", "pause", "1")
    assert (answer.exit_code, answer.stderr) == (
        2,
        "Error: Import 1 is finished: too late for that.\n",
    )


def test_customers_want_the_day_of_their_purchase(
    mailer: Mailer, session: Session, letters: MailingList, people: str
) -> None:
    given = ("--list", str(letters.id), *SAID[:3], "customer", *SAID[4:])
    answer = mailer("import", people, *given)
    assert (answer.exit_code, "R31" in answer.output) == (2, True)
    answer = mailer("import", people, *given, "--since", "2001-01-31")
    assert "1 are refused" in answer.output, answer.output
    assert readers(session) == []
