"""`mailer privacy incidents`: the register and its clocks from the terminal."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience.models import MailingList, Subscriber
from mailer.privacy.incidents.models import Incident
from tests.cli.conftest import Mailer

INCIDENTS = ("privacy", "incidents")


def enter(mailer: Mailer, hours_ago: int) -> str:
    at = (clock.now() - timedelta(hours=hours_ago)).strftime("%Y-%m-%dT%H:%M")
    facts = ("A stolen laptop", "--noticed", at, "--aware", at, "--happened", "Stolen.")
    done = mailer(*INCIDENTS, "enter", *facts, "--data", "Addresses")
    assert done.exit_code == 0, done.output
    return done.output


def test_an_incident_goes_from_awareness_to_its_end(
    mailer: Mailer, session: Session, rosa: Subscriber, letters: MailingList, tmp_path: Path
) -> None:
    assert "Art. 33(1)" in enter(mailer, 1)
    sender = str(letters.sender_id)
    assert mailer(*INCIDENTS, "draft", "1", "--sender", sender).exit_code == 2  # nobody yet
    file = tmp_path / "people.csv"
    file.write_text(f"email\n{rosa.email}\nnobody@example.net\n")
    counted = mailer(*INCIDENTS, "affects", "1", "--file", str(file)).output
    assert "1 readers, 1 not known here" in counted
    assert "1 people are affected" in mailer(*INCIDENTS, "affects", "1", "--everybody").output
    listed = mailer(*INCIDENTS, "affects", "1", "--list", str(letters.id))
    assert "0 of them no mail may reach" in listed.output
    assert "is drafted" in mailer(*INCIDENTS, "draft", "1", "--sender", sender).output
    assert "Categories of data: Addresses" in mailer(*INCIDENTS, "form", "1").output
    assert mailer(*INCIDENTS, "report", "1").exit_code == 2  # neither when nor why not
    now = clock.now().strftime("%Y-%m-%dT%H:%M")
    assert mailer(*INCIDENTS, "report", "1", "--at", now, "--reference", "X").exit_code == 0
    missing = mailer(*INCIDENTS, "close", "1")
    assert (missing.exit_code, "consequences, measures" in missing.output) == (2, True)
    one = session.get_one(Incident, 1)
    one.consequences = one.measures = "Said."
    session.commit()
    assert "Closed." in mailer(*INCIDENTS, "close", "1").output
    assert "closed" in mailer(*INCIDENTS, "list").output


def test_a_missed_clock_is_an_exit_code(mailer: Mailer) -> None:
    enter(mailer, 73)
    listed = mailer(*INCIDENTS, "list")
    assert (listed.exit_code, "AUTHORITY OVERDUE" in listed.output) == (1, True)
    assert "USERS OVERDUE" not in listed.output
    assert "Noted" in mailer(*INCIDENTS, "report", "1", "--why", "The disk was encrypted.").output
    assert mailer(*INCIDENTS, "list").exit_code == 0
    enter(mailer, 24 * 14)
    assert "USERS OVERDUE" in mailer(*INCIDENTS, "list").output
    assert mailer(*INCIDENTS, "close", "9").exit_code == 2
