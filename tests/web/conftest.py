"""What the tests of campaigns' pages share: a draft, a marketer, and the press of a button."""

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList
from mailer.campaigns import drafts
from mailer.campaigns.models import Campaign
from tests.visitors import post, sign_in

LAWFUL = 'Hello {{ subscriber.first_name | default: "friend" }},\n\nnews.' + drafts.FRESH_BODY
JSON = {"Accept": "application/json"}

Write = Callable[..., Campaign]


@pytest.fixture
def write(session: Session, letters: MailingList, now: datetime) -> Write:
    """``write(body=…)`` adds a lawful draft to ``letters``, or one with other fields."""

    def make(**fields: object) -> Campaign:
        given = {"name": "May letter", "subject": "News in May", "body": LAWFUL, **fields}
        draft = drafts.Draft(sender_id=letters.sender_id, list_ids=(letters.id,), **given)  # type: ignore[arg-type]
        campaign = drafts.create(session, draft, now)
        session.commit()
        return campaign

    return make


@pytest.fixture
def visitor(client: FlaskClient, bob: User) -> FlaskClient:
    """Bob, signed in."""
    sign_in(client, bob)
    return client


def press(visitor: FlaskClient, campaign: Campaign, verb: str, **fields: str) -> TestResponse:
    return post(visitor, f"/campaigns/{campaign.id}/{verb}", fields)


def acts(session: Session) -> list[str]:
    return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def form_of(campaign: Campaign, **changes: object) -> dict[str, object]:
    return {
        "name": campaign.name,
        "subject": campaign.subject,
        "sender_id": campaign.sender_id,
        "list_ids": [one.id for one in campaign.lists],
        "kind": campaign.kind.value,
        "content_type": campaign.content_type.value,
        "body": campaign.body,
        "text": campaign.text,
        "revision": campaign.revision,
        **changes,
    }
