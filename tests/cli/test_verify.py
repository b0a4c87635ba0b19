"""`mailer verify` on certificate files."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience import consent
from mailer.audience.consent import Decision, Evidence
from mailer.audience.models import MailingList
from mailer.audience.words import ConsentAction, ConsentMethod
from mailer.campaigns import drafts
from mailer.delivery import certificates
from mailer.delivery.certificates import Statement
from mailer.delivery.models import Occasion
from mailer.links import Site
from tests.cli.conftest import Mailer


@pytest.fixture
def file(session: Session, site: Site, letters: MailingList, now: datetime, tmp_path: Path) -> Path:
    """A certificate of one page."""
    draft = drafts.Draft("May letter", "News", letters.sender_id, (letters.id,), body="News.")
    campaign = drafts.create(session, draft, now)
    statement = Statement(campaign.id, Occasion.start, "0" * 64, {"by": "alice"})
    page = certificates.issue(session, site.keys, statement, now)
    path = tmp_path / "certificate.json"
    path.write_bytes(certificates.document([page]))
    session.rollback()  # the file is all that is needed
    return path


def test_a_certificate_that_holds_says_who_signed_it(
    mailer: Mailer, file: Path, site: Site
) -> None:
    key = certificates.public_keys(site.keys)[0]
    answer = mailer("verify", str(file), "--key", key)
    assert answer.exit_code == 0
    assert answer.stdout == (f"{file}: intact, campaign 1, pages: start, signed by {key}\n")


def test_a_flipped_byte_is_exit_code_1_and_the_others_are_still_checked(
    mailer: Mailer, file: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(file.read_bytes().replace(b"alice", b"alicf"))
    answer = mailer("verify", str(broken), str(file))
    assert answer.exit_code == 1
    assert f"{broken}: broken. Page 1: what it says was changed" in answer.stderr
    assert f"{file}: intact" in answer.stdout


def test_another_key_is_not_the_one_that_was_expected(mailer: Mailer, file: Path) -> None:
    answer = mailer("verify", str(file), "--key", "AAAA")
    assert answer.exit_code == 1
    assert "signed by another key" in answer.stderr


def test_a_file_that_cannot_be_read_is_exit_code_2(mailer: Mailer, tmp_path: Path) -> None:
    answer = mailer("verify", str(tmp_path / "nowhere.json"))
    assert answer.exit_code == 2
    assert "cannot be read" in answer.stderr


def test_what_waits_for_its_seal_is_sealed_first(mailer: Mailer, session: Session) -> None:
    decide(session, clock.now())
    answer = mailer("verify")
    assert answer.exit_code == 0
    assert "consent ledger: intact, 1 entries" in answer.stdout


def test_what_has_waited_for_minutes_is_sealed_and_told(
    mailer: Mailer, session: Session, now: datetime
) -> None:
    decide(session, now)
    answer = mailer("verify")
    assert answer.exit_code == 1
    assert "1 entries have waited for their seal since 2026-03-02 15:30 UTC" in answer.stderr
    assert "consent ledger: intact, 1 entries" in answer.stdout
    assert mailer("verify").exit_code == 0


def decide(session: Session, at: datetime) -> None:
    wish = Decision(ConsentAction.requested, ConsentMethod.form, 1)
    consent.record(session, at, b"w" * 32, wish, Evidence())
    session.commit()
