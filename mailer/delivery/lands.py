"""In which countries audiences are, remembered by one process for some minutes."""

from collections.abc import Hashable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from mailer.delivery import audience

Countries = frozenset[str] | None

LASTS = timedelta(minutes=10)
MOST = 100


class Lands:
    """The answers of ``audience.countries``, which goes through all readers of a campaign.

    For whoever asks again and again: the page while somebody types, and each turn of a campaign
    that was let go. What lets a campaign go asks the database itself.
    """

    def __init__(self) -> None:
        self.known: dict[Hashable, tuple[datetime, Countries]] = {}

    def of(self, session: Session, campaign: Campaign, now: datetime) -> Countries:
        """Return the countries of a campaign's audience as they were, at most LASTS ago."""
        audience_of = named(campaign)
        at, found = self.known.get(audience_of, (None, None))
        if at is not None and at <= now < at + LASTS:
            return found
        found = audience.countries(session, campaign, now)
        if len(self.known) >= MOST:
            self.known.clear()
        self.known[audience_of] = now, found
        return found


def named(campaign: Campaign) -> Hashable:
    """Return what an audience is chosen by: the same for two campaigns to the same readers."""
    return (
        frozenset((one.id, one.countries) for one in campaign.lists),
        frozenset((one.id, one.updated_at) for one in campaign.segments),
        frozenset((one.id, one.updated_at) for one in campaign.exclusions),
        (campaign.topic_id, campaign.incident_id, campaign.is_asking),
    )
