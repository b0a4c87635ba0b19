"""What one real reader would get, shown to the author before anything leaves."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing
from mailer.audience.models import Subscriber
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader, Rendered
from mailer.delivery import audience
from mailer.delivery.office import Office
from mailer.links import Site

MOST = 25


def readers(session: Session, campaign: Campaign, now: datetime) -> Sequence[Subscriber]:
    """Return up to MOST readers who would be mailed, the newest first."""
    return audience.edge(session, campaign, now, MOST, is_newest=True)


def reader(
    session: Session, campaign: Campaign, subscriber_id: int, now: datetime
) -> Reader | None:
    """Return one reader, if she would be mailed."""
    row = session.scalar(mailable(session, campaign, now).where(Subscriber.id == subscriber_id))
    return None if row is None else Reader(row.email, row.name, row.attributes)


def mailable(session: Session, campaign: Campaign, now: datetime) -> sa.Select[Subscriber]:
    people = audience.candidates(session, campaign, now)
    chosen = sa.select(Subscriber).join(people, Subscriber.id == people.c.subscriber_id)
    return chosen.where(people.c.reason == standing.MAILABLE)


def copy(
    session: Session, site: Site, campaign: Campaign, reader: Reader, now: datetime
) -> Rendered:
    """Return the reader's copy, with an unsubscribe link that leads nowhere; raises BadTemplate."""
    office = Office.of(session, site, campaign, now)
    return office.rendered(reader, site.unsubscribe(0, 0, 0))
