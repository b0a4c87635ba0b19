"""Processors from the terminal."""

import pytest
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.delivery.processors.models import Service
from tests.cli.conftest import Mailer

ENTER = (
    *("privacy", "processors", "enter", "Cellar", "--services", "keeps our backups"),
    *("--legal-entity", "Cellar Inc", "--country", "us", "--contract", "DPA, folder 3"),
    *("--contract-on", "2026-03-02", "--transfer", "scc", "--transfer-checked-on", "2026-03-01"),
)
LIST = ("privacy", "processors", "list")


def test_a_service_is_entered_reviewed_listed_and_ended(
    mailer: Mailer, session: Session, alice: User
) -> None:
    assert mailer(*ENTER).exit_code == 0
    listed = mailer(*LIST)
    assert (listed.exit_code, "never reviewed  OVERDUE" in listed.output) == (1, True)
    review = ("privacy", "processors", "review", "Cellar", "--by", alice.email)
    assert mailer(*review, typed="n\n").exit_code == 1
    assert mailer(*review, "--yes").exit_code == 0
    listed = mailer(*LIST)
    assert listed.exit_code == 0
    assert "Cellar  Cellar Inc, US, processor: keeps our backups; scc; reviewed" in listed.output
    assert mailer(*ENTER, "--role", "joint").exit_code == 0
    session.expire_all()
    assert session.query(Service).one().reviewed_on is None
    assert mailer("privacy", "processors", "end", "Cellar").exit_code == 0
    assert mailer(*LIST).output == ""


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ((*ENTER, "--country", "DEU"), "two letters"),
        ((*ENTER, "--contract", ""), "--contract"),
        (("privacy", "processors", "review", "Attic", "--by", "alice@example.com"), "Attic is not"),
    ],
)
def test_what_cannot_be_used_is_explained(
    mailer: Mailer, given: tuple[str, ...], complaint: str
) -> None:
    result = mailer(*given)
    assert result.exit_code == 2
    assert complaint in result.output


def test_a_review_is_signed_by_somebody_who_signs_in(mailer: Mailer) -> None:
    mailer(*ENTER)
    review = ("privacy", "processors", "review", "Cellar", "--by", "nobody@example.com", "--yes")
    assert mailer(*review).exit_code == 2
