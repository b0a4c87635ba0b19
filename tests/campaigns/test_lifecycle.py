"""The states of a campaign: what leads where, and that nothing else does."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Sender
from mailer.campaigns import drafts, lifecycle
from mailer.campaigns.drafts import BadDraft, Draft, NotEditable, StaleEdit
from mailer.campaigns.lifecycle import WrongState
from mailer.campaigns.models import Campaign, CampaignStatus

LEADS = {
    "draft": {"scheduled", "running"},
    "scheduled": {"draft", "running"},
    "running": {"paused", "cancelled", "finished"},
    "paused": {"running", "cancelled"},
    "cancelled": set(),
    "finished": {"running"},
}


@pytest.fixture
def draft(sender: Sender, letters: MailingList) -> Draft:
    return Draft("Tides", "Low water", sender.id, (letters.id,))


@pytest.fixture
def campaign(session: Session, draft: Draft, now: datetime) -> Campaign:
    return drafts.create(session, draft, now)


@pytest.mark.parametrize("before", list(CampaignStatus))
@pytest.mark.parametrize("after", list(CampaignStatus))
def test_only_the_named_ways_lead_from_state_to_state(
    session: Session,
    campaign: Campaign,
    now: datetime,
    before: CampaignStatus,
    after: CampaignStatus,
) -> None:
    campaign.status = before
    session.flush()
    if after.value in LEADS[before.value]:
        lifecycle.move(session, campaign, after, now)
        assert campaign.status is after
    else:
        with pytest.raises(WrongState, match=f"is {before.value} cannot become {after.value}"):
            lifecycle.move(session, campaign, after, now)
        assert campaign.status is before


def test_an_edit_of_what_somebody_else_saved_is_refused(
    session: Session, campaign: Campaign, draft: Draft, now: datetime
) -> None:
    drafts.edit(session, campaign, draft, 1, now)
    with pytest.raises(StaleEdit):
        drafts.edit(session, campaign, draft, 1, now)
    assert campaign.revision == 2


def test_what_is_on_its_way_stays_as_it_is(
    session: Session, campaign: Campaign, draft: Draft, now: datetime
) -> None:
    lifecycle.start(session, campaign, now)
    with pytest.raises(NotEditable):
        drafts.edit(session, campaign, draft, campaign.revision, now)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"subject": "x" * 256}, "subject"),
        ({"subject": "News\r\nBcc: x@example.net"}, "subject"),
        ({"subject": "News\u202e"}, "subject"),
        ({"body": "x" * 100_001}, "body"),
        ({"body": "a\0b"}, "body"),
        ({"text": "x" * 1_000_000}, "text"),
        ({"sender_id": 99}, "sender_id"),
        ({"list_ids": (99,)}, "list_ids"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_kept(
    session: Session, draft: Draft, now: datetime, changes: dict[str, object], field: str
) -> None:
    bad = Draft(**{**draft.__dict__, **changes})
    with pytest.raises(BadDraft) as refusal:
        drafts.create(session, bad, now)
    assert field in refusal.value.problems
    assert session.query(Campaign).count() == 0


def test_readers_of_one_sender_are_not_mailed_for_another(
    session: Session, draft: Draft, sender: Sender, now: datetime
) -> None:
    fields = {c.name: getattr(sender, c.name) for c in Sender.__table__.columns if c.name != "id"}
    other = Sender(**{**fields, "legal_name": "Another Ltd"})
    session.add(other)
    session.flush()
    with pytest.raises(BadDraft, match="another sender"):
        drafts.create(session, Draft(**{**draft.__dict__, "sender_id": other.id}), now)


def test_a_copy_is_a_fresh_draft_with_the_same_words(
    session: Session, campaign: Campaign, now: datetime
) -> None:
    lifecycle.start(session, campaign, now)
    copy = drafts.duplicate(session, campaign, now)
    assert (copy.status, copy.subject, copy.lists) == ("draft", campaign.subject, campaign.lists)
    assert copy.started_at is None
