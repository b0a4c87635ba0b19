"""`mailer receipt`: a proof that anybody can check."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry
from mailer.audience.models import Subscriber
from tests.cli.conftest import Mailer


@pytest.fixture
def file(mailer: Mailer, rosa: Subscriber, tmp_path: Path) -> Path:
    """Rosa's receipt."""
    path = tmp_path / "rosa.json"
    answer = mailer("receipt", "export", rosa.email, "Harbor Letters", str(path))
    assert answer.exit_code == 0, answer.output
    return path


def test_a_receipt_is_written_noted_and_checked(
    mailer: Mailer, session: Session, file: Path
) -> None:
    answer = mailer("receipt", "verify", str(file))
    assert answer.exit_code == 0
    assert f"{file}: intact, rosa@example.org, signed by " in answer.stdout
    assert session.query(AuditEntry).filter_by(action="consent.receipt").count() == 1
    assert file.stat().st_mode & 0o077 == 0


def test_a_changed_receipt_is_exit_code_1(mailer: Mailer, file: Path) -> None:
    file.write_text(file.read_text().replace("rosa@", "ross@"))
    answer = mailer("receipt", "verify", str(file))
    assert answer.exit_code == 1
    assert "broken. Its signature does not fit." in answer.stderr


def test_a_receipt_of_another_key_is_exit_code_1(mailer: Mailer, file: Path) -> None:
    answer = mailer("receipt", "verify", str(file), "--key", "AAAA")
    assert answer.exit_code == 1
    assert "signed by another key" in answer.stderr


def test_a_receipt_that_cannot_be_read_is_exit_code_2(mailer: Mailer, tmp_path: Path) -> None:
    assert mailer("receipt", "verify", str(tmp_path / "none.json")).exit_code == 2
