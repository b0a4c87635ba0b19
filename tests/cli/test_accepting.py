"""Warnings at the command line: shown, and accepted by the account that gives a reason."""

import getpass
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.campaigns import drafts
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery.models import Override
from tests.cli.conftest import Mailer

WHY = "R08=Everything costs nothing on this evening."

pytestmark = pytest.mark.usefixtures("rosa")


@pytest.fixture
def free(session: Session, letters: MailingList, now: datetime) -> Campaign:
    body = "It is free." + drafts.FRESH_BODY
    draft = drafts.Draft("May", "Free today", letters.sender_id, (letters.id,), body=body)
    campaign = drafts.create(session, draft, now)
    session.commit()
    return campaign


@pytest.mark.parametrize("words", [("send", "--yes"), ("schedule", "--at", "2099-12-01T09:00Z")])
def test_a_warning_wants_a_reason(
    mailer: Mailer, session: Session, free: Campaign, words: tuple[str, ...]
) -> None:
    verb, *rest = words
    asked = mailer("campaign", verb, str(free.id), *rest)
    assert asked.exit_code == 1
    assert "R08 WARN" in asked.output
    assert '--accept R08="…"' in asked.output
    assert session.query(Override).count() == 0
    assert mailer("campaign", verb, str(free.id), *rest, "--accept", WHY).exit_code == 0
    session.expire_all()
    assert free.status in {CampaignStatus.running, CampaignStatus.scheduled}
    assert session.query(Override).one().actor == f"command line ({getpass.getuser()})"


@pytest.mark.parametrize("given", ["R08", "R08=ok", "=because it is right", "why"])
def test_a_reason_that_says_nothing_cannot_be_used(
    mailer: Mailer, free: Campaign, given: str
) -> None:
    answer = mailer("campaign", "send", str(free.id), "--yes", "--accept", given)
    assert answer.exit_code in {1, 2}
    assert free.status is CampaignStatus.draft
