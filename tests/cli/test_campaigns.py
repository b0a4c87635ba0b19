"""Campaigns from the command line: the same verbs, the same gate, and an exit code that counts."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from mailer import clock
from mailer.accounts.models import AuditEntry
from mailer.audience.models import MailingList
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns import drafts
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery.models import Delivery
from tests.cli.conftest import Mailer
from tests.conftest import ConfigFor, MakeReader
from tests.relays import Sink


@pytest.fixture
def config(sqlite_url: str, config_for: ConfigFor, smtp_sink: Sink) -> Config:
    return config_for(sqlite_url, smtp_url=smtp_sink.url)


@pytest.fixture
def lawful(session: Session, letters: MailingList, now: datetime) -> Campaign:
    return written(session, letters, now, "Good news." + drafts.FRESH_BODY)


@pytest.fixture
def unlawful(session: Session, letters: MailingList, now: datetime) -> Campaign:
    return written(session, letters, now, "Buy now!")


def written(session: Session, letters: MailingList, now: datetime, body: str) -> Campaign:
    draft = drafts.Draft("May letter", "News", letters.sender_id, (letters.id,), body=body)
    campaign = drafts.create(session, draft, now)
    session.commit()
    return campaign


def acts(session: Session) -> list[str]:
    return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_campaigns_are_listed(mailer: Mailer, lawful: Campaign) -> None:
    assert f"{lawful.id}  draft      May letter" in mailer("campaigns").output
    assert mailer("campaigns", "--status", "running").output == ""


@pytest.mark.usefixtures("rosa")
@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("send", "--yes"),
        ("schedule", "--at", "2099-01-01T09:00Z"),
        ("test", "a@b.test"),
    ],
)
def test_a_refusal_prints_its_findings_and_exits_1(
    mailer: Mailer, session: Session, unlawful: Campaign, words: tuple[str, ...]
) -> None:
    answer = mailer("campaign", words[0], str(unlawful.id), *words[1:])
    assert answer.exit_code == 1
    assert "R16 REFUSE  There is no clear and conspicuous unsubscribe link" in answer.output
    for part in ("Found:", "Mend:", "Source:"):
        assert part in answer.output
    assert (unlawful.status, acts(session)) == (CampaignStatus.draft, [])


def test_a_lawful_campaign_passes_the_check(mailer: Mailer, lawful: Campaign) -> None:
    assert mailer("campaign", "check", str(lawful.id)).exit_code == 0


@pytest.mark.usefixtures("rosa")
def test_a_campaign_is_sent_paused_resumed_and_cancelled(
    mailer: Mailer, session: Session, lawful: Campaign
) -> None:
    number = str(lawful.id)
    asked = mailer("campaign", "send", number, typed="n\n")
    assert "This mails 1 readers" in asked.output
    assert (asked.exit_code, lawful.status) == (1, CampaignStatus.draft)
    for verb, status in (
        ("send", CampaignStatus.running),
        ("pause", CampaignStatus.paused),
        ("resume", CampaignStatus.running),
        ("cancel", CampaignStatus.cancelled),
    ):
        answer = mailer("campaign", verb, number, *(["--yes"] if verb == "send" else []))
        assert answer.exit_code == 0, answer.output
        session.refresh(lawful)
        assert lawful.status is status
    assert acts(session) == [f"campaign.{act}" for act in ("start", "pause", "resume", "cancel")]
    again = mailer("campaign", "cancel", number)
    assert (again.exit_code, "cannot become" in again.output) == (1, True)


@pytest.mark.usefixtures("rosa")
def test_a_campaign_is_scheduled_and_taken_back(
    mailer: Mailer, session: Session, lawful: Campaign
) -> None:
    number = str(lawful.id)
    answer = mailer("campaign", "schedule", number, "--at", "2099-07-01T09:30+02:00")
    assert "2099-07-01 07:30 UTC" in answer.output
    session.refresh(lawful)
    assert lawful.send_at == datetime(2099, 7, 1, 7, 30, tzinfo=UTC)
    assert mailer("campaign", "unschedule", number).exit_code == 0
    session.refresh(lawful)
    assert lawful.status is CampaignStatus.draft


@pytest.mark.usefixtures("rosa")
@pytest.mark.parametrize(
    ("at", "code"), [("soon", 2), ("2099-07-01T09:30", 2), ("2001-07-01T09:30Z", 1)]
)
def test_a_time_that_cannot_be_is_explained(
    mailer: Mailer, lawful: Campaign, at: str, code: int
) -> None:
    assert mailer("campaign", "schedule", str(lawful.id), "--at", at).exit_code == code


def test_nobody_to_mail_is_a_no_with_the_reasons(
    mailer: Mailer, lawful: Campaign, make_reader: MakeReader
) -> None:
    make_reader("pia", SubscriptionStatus.unconfirmed)
    answer = mailer("campaign", "send", str(lawful.id), "--yes")
    assert (answer.exit_code, "1 unconfirmed" in answer.output) == (1, True)


@pytest.mark.usefixtures("alice")
def test_a_test_is_sent_and_the_relay_is_quoted(
    mailer: Mailer, session: Session, lawful: Campaign, smtp_sink: Sink
) -> None:
    answer = mailer("campaign", "test", str(lawful.id), "alice@example.com")
    assert (answer.exit_code, "The relay took it: 250" in answer.output) == (0, True)
    assert smtp_sink.caught[0].rcpt_to == ("alice@example.com",)
    smtp_sink.answer("MAIL", "451 4.3.0 Later")
    answer = mailer("campaign", "test", str(lawful.id), "alice@example.com")
    assert (answer.exit_code, "451 4.3.0 Later" in answer.output) == (1, True)
    assert mailer("campaign", "test", str(lawful.id), "nobody").exit_code == 2
    assert acts(session) == ["campaign.test"]


@pytest.mark.usefixtures("rosa")
def test_a_report_adds_up(mailer: Mailer, lawful: Campaign, make_reader: MakeReader) -> None:
    make_reader("pia", SubscriptionStatus.unconfirmed)
    mailer("campaign", "send", str(lawful.id), "--yes")
    lines = mailer("campaign", "report", str(lawful.id)).output.splitlines()
    counted = dict(line.split() for line in lines[1:12])
    assert counted["pending"] == counted["excluded"] == "1"
    assert counted["audience"] == "2"
    assert lines[12].split() == ["1", "unconfirmed"]


@pytest.mark.usefixtures("rosa")
def test_a_tick_starts_what_is_due(
    mailer: Mailer, session: Session, lawful: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.now() + timedelta(minutes=30)
    mailer("campaign", "schedule", str(lawful.id), "--at", at.isoformat())
    later = at + timedelta(minutes=1)
    monkeypatch.setattr("mailer.clock.now", lambda: later)
    assert mailer("tick").exit_code == 0
    session.refresh(lawful)
    assert lawful.status is CampaignStatus.running
    assert session.query(Delivery).count() == 1


@pytest.mark.parametrize("number", ["0", "7", "-1", "9" * 30])
def test_a_number_that_nobody_has_cannot_be_used(mailer: Mailer, number: str) -> None:
    answer = mailer("campaign", "check", "--", number)
    assert (answer.exit_code, f"There is no campaign {number}." in answer.output) == (2, True)
