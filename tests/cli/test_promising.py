"""The table of promises from the terminal."""

import json

from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.audience.words import Optin
from tests.cli.conftest import Mailer


def test_a_fresh_installation_prints_its_table(mailer: Mailer) -> None:
    result = mailer("promises")
    assert result.exit_code == 0
    assert "C1    KEPT        Subjects and addresses" in result.output
    assert "C3    NOT SET UP" in result.output
    assert "To do: Set up a sender under Senders." in result.output
    assert "Test: tests/compliance/test_identity.py::test_" in result.output
    assert " 0 broken, " in result.output.splitlines()[-1]


def test_programs_read_it_as_json_and_a_broken_promise_is_exit_code_1(
    mailer: Mailer, session: Session, letters: MailingList
) -> None:
    letters.optin = Optin.single
    session.commit()
    result = mailer("promises", "--json")
    assert result.exit_code == 1
    table = {one["id"]: one for one in json.loads(result.output)["promises"]}
    assert len(table) == 35
    assert (table["N1"]["state"], table["N1"]["proven_at"]) == ("broken", None)
    assert table["S5"]["proven_at"].endswith("+00:00")
    assert set(table["C1"]) == {
        *("id", "says", "control", "state", "evidence", "proven_at", "remedy", "tests"),
    }
