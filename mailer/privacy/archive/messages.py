"""What was mailed to a person, rendered again: no copy of a message is kept.

A campaign's words and sender stay as they were approved; what a template took of hers is filled in
with what is known of her today. The message says both, in a header field of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Subscriber
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.campaigns.templating import BadTemplate
from mailer.delivery import biography, certificates
from mailer.delivery.composing import Unsendable
from mailer.delivery.models import Delivery
from mailer.delivery.office import Office
from mailer.links import Site
from mailer.privacy.mailed import WITH_HER

MARK = "X-Rendered-Again"
SAME = "the words and the sender are those that were approved"
OTHER = "the words or the sender were changed since"


def number(session: Session, subscriber: Subscriber) -> int:
    """Return how many messages there are to be rendered."""
    mine = biography.copies(session, subscriber)
    chosen = sa.select(sa.func.count()).select_from(Delivery)
    return session.scalar(chosen.where(mine, Delivery.status.in_(WITH_HER))) or 0


def again(
    session: Session, site: Site, subscriber: Subscriber, now: datetime
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each message that she has; what cannot be made is left out.

    Unsigned: a signature of today's would say that it left today.
    """
    found = session.execute(
        sa.select(Delivery, MailingList.public_id)
        .outerjoin(MailingList, MailingList.id == Delivery.list_id)
        .where(biography.copies(session, subscriber), Delivery.status.in_(WITH_HER))
        .order_by(Delivery.campaign_id, Delivery.id)
    ).all()
    office, mark = None, ""
    for delivery, public_id in found:
        try:
            if office is None or office.campaign_id != delivery.campaign_id:
                office, mark = office_of(session, site, delivery, now)
            raw = message(office, subscriber, delivery, public_id or "")
        except (BadTemplate, Unsendable):
            continue
        yield f"messages/{delivery.id}.eml", f"{MARK}: {mark}\r\n".encode() + raw


def office_of(
    session: Session, site: Site, delivery: Delivery, now: datetime
) -> tuple[Office, str]:
    """Return what makes a campaign's messages, and what is to be said of them."""
    campaign = session.get_one(Campaign, delivery.campaign_id)
    made_at = delivery.sending_at or delivery.finished_at or delivery.next_at
    office = replace(Office.of(session, site, campaign, made_at), signers=())
    approved = certificates.last_start(session, campaign.id)
    is_same = approved is not None and approved.source == office.digest
    return office, f"{now.date()}; {SAME if is_same else OTHER}"


def message(office: Office, subscriber: Subscriber, delivery: Delivery, public_id: str) -> bytes:
    reader = Reader(delivery.email, subscriber.name, subscriber.attributes)
    url = office.site.unsubscribe(delivery.list_id, delivery.subscriber_id, delivery.id)
    copy = office.copy(reader, url)
    return office.message(copy, reader.email, url, public_id, delivery.subscriber_id)
