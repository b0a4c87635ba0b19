"""Copies in doubt from the command line: listed, sent again, settled."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry
from mailer.audience.models import MailingList, Subscriber
from mailer.campaigns import drafts
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import launch, message_ids, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause
from mailer.links import Site
from tests.cli.conftest import Mailer


@pytest.fixture
def doubtful(
    session: Session, site: Site, letters: MailingList, rosa: Subscriber, now: datetime
) -> Campaign:
    """A finished campaign whose only copy is in doubt."""
    assert rosa
    body = "Good news." + drafts.FRESH_BODY
    draft = drafts.Draft("May letter", "News", letters.sender_id, (letters.id,), body=body)
    campaign = drafts.create(session, draft, now)
    session.commit()
    launch.start(session, site, campaign, now)
    hers = session.query(Delivery).one()
    hers.status, hers.sending_at = DeliveryStatus.unknown, now
    session.flush()
    unknowns.note(session, [hers.id], Cause.garbage, now, "relay.example")
    launch.finish(session, site, campaign, now)
    session.commit()
    return campaign


def status(session: Session) -> str:
    session.expire_all()
    return session.query(Delivery).one().status.value


def acts(session: Session) -> list[tuple[str, str]]:
    mine = AuditEntry.actor != launch.PROGRAM
    found = session.scalars(sa.select(AuditEntry).where(mine).order_by(AuditEntry.id))
    return [(one.actor, one.action) for one in found]


def test_they_are_listed_with_cause_time_and_relay(mailer: Mailer, doubtful: Campaign) -> None:
    answer = mailer("unknown", "list", str(doubtful.id))
    assert answer.output == "rosa@example.org  garbage  2026-03-02 15:30:00  relay.example\n"


def test_they_are_sent_again_after_a_question(
    mailer: Mailer, session: Session, doubtful: Campaign
) -> None:
    number = str(doubtful.id)
    assert mailer("unknown", "resend", number, typed="n\n").exit_code == 1
    assert status(session) == "unknown"
    answer = mailer("unknown", "resend", number, "--yes")
    assert (answer.exit_code, answer.output) == (0, "Sent again: 1.\n")
    assert status(session) == "pending"
    assert doubtful.status is CampaignStatus.running
    assert acts(session) == [("command line", "campaign.resend")]


def test_a_person_takes_them_to_have_arrived(
    mailer: Mailer, session: Session, doubtful: Campaign
) -> None:
    answer = mailer("unknown", "settle", str(doubtful.id))
    assert (answer.exit_code, answer.output) == (0, "Taken to have arrived: 1.\n")
    assert status(session) == "accepted"
    assert acts(session) == [("command line", "campaign.settle")]


def test_the_copy_of_one_message_id_is_settled(
    mailer: Mailer, session: Session, site: Site, doubtful: Campaign
) -> None:
    number, hers = str(doubtful.id), session.query(Delivery).one().subscriber_id
    mine, other = (
        message_ids.message_id(site.keys, "x.example", doubtful.id, one) for one in (hers, 999)
    )
    answer = mailer("unknown", "settle", number, "--message-id", other)
    assert (answer.exit_code, status(session)) == (1, "unknown")
    assert "None of these copies is in doubt" in answer.output
    answer = mailer("unknown", "settle", number, "--message-id", other, "--message-id", mine)
    assert (answer.exit_code, answer.output) == (0, "Taken to have arrived: 1.\n")
    assert status(session) == "accepted"


def test_nothing_in_doubt_is_no_failure(mailer: Mailer, doubtful: Campaign) -> None:
    number = str(doubtful.id)
    mailer("unknown", "settle", number)
    for words in (("resend", number, "--yes"), ("settle", number)):
        answer = mailer("unknown", *words)
        assert (answer.exit_code, answer.output) == (0, "Nothing is in doubt.\n")


def test_a_cancelled_campaign_sends_nothing_again(
    mailer: Mailer, session: Session, doubtful: Campaign
) -> None:
    doubtful.status = CampaignStatus.cancelled
    answer = mailer("unknown", "resend", str(doubtful.id), "--yes")
    assert answer.exit_code == 1
    assert "sends nothing again" in answer.output
    assert status(session) == "unknown"


@pytest.mark.parametrize("verb", ["list", "resend", "settle"])
def test_a_number_without_a_campaign_cannot_be_used(mailer: Mailer, verb: str) -> None:
    assert mailer("unknown", verb, "77").exit_code == 2
