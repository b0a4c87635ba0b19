"""What the delivery tests share: a lawful campaign, a crowd, and a clock of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Sender
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign
from mailer.delivery.smtp import Relay
from tests.relays import Sink

LAWFUL = (
    "Dear {{ subscriber.first_name | default: 'reader' }},\n\nlow water is at nine on Sunday. "
    "The ferry leaves an hour earlier than usual.\n\n{{ legal_footer }}\n"
)

MakeCampaign = Callable[..., Campaign]


@pytest.fixture
def make_campaign(
    session: Session, sender: Sender, letters: MailingList, now: datetime
) -> MakeCampaign:
    """``make_campaign(body=…)`` adds a draft to ``letters``, lawful unless told otherwise."""

    def make(**changes: object) -> Campaign:
        given = {
            "name": "Tides",
            "subject": "Low water on Sunday",
            "sender_id": sender.id,
            "list_ids": (letters.id,),
            "body": LAWFUL,
            **changes,
        }
        campaign = drafts.create(session, Draft(**given), now)  # type: ignore[arg-type]
        session.commit()
        return campaign

    return make


@pytest.fixture
def tides(make_campaign: MakeCampaign) -> Campaign:
    """A lawful draft."""
    return make_campaign()


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time

    def wait(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def relay(smtp_sink: Sink) -> Relay:
    """The way to the sink."""
    return Relay.at(smtp_sink.url, 5)
