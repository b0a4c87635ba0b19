"""Who gets a campaign: frozen in one statement, with the reason for everybody who does not."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.campaigns.models import Campaign
from mailer.delivery import portions, tallies, wished
from mailer.delivery.models import Delivery, DeliveryStatus

COLUMNS = (
    "campaign_id",
    "subscriber_id",
    "list_id",
    "address_key",
    "email",
    "status",
    "reason",
    "attempts",
    "crashes",
    "next_at",
    "smtp_text",
)


def candidates(campaign: Campaign, now: datetime | None = None) -> sa.Subquery:
    """Return one row per person on any of the campaign's lists, with the refusal, if any.

    Who is on several lists is reached through the first on which nothing speaks against it. Only
    with ``now`` it is asked who wants fewer mails than this one.
    """
    reason = wished.refusal(campaign, now)
    rank = sa.func.row_number().over(
        partition_by=Subscriber.id,
        order_by=(sa.case((reason == standing.MAILABLE, 0), else_=1), MailingList.id),
    )
    ranked = (
        sa.select(
            Subscriber.id.label("subscriber_id"),
            MailingList.id.label("list_id"),
            Subscriber.address_key,
            Subscriber.email,
            reason.label("reason"),
            rank.label("rank"),
        )
        .select_from(Subscription)
        .join(Subscriber, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, Subscription.list_id == MailingList.id)
        .where(MailingList.id.in_([chosen.id for chosen in campaign.lists]))
        .subquery()
    )
    return sa.select(ranked).where(ranked.c.rank == 1).subquery()


def freeze(session: Session, campaign: Campaign, now: datetime) -> int:
    """Write one delivery for each person of the audience; return how many there are."""
    people = candidates(campaign, now)
    status = sa.case(
        (people.c.reason == standing.MAILABLE, DeliveryStatus.pending.value),
        (people.c.reason.in_(standing.SUPPRESSED), DeliveryStatus.suppressed.value),
        else_=DeliveryStatus.excluded.value,
    )
    rows = sa.select(
        sa.literal(campaign.id),
        people.c.subscriber_id,
        people.c.list_id,
        people.c.address_key,
        people.c.email,
        status,
        people.c.reason,
        sa.literal(0),
        sa.literal(0),
        sa.literal(now, Delivery.next_at.type),
        sa.literal(""),
    )
    inserted = session.execute(sa.insert(Delivery).from_select(COLUMNS, rows))
    portions.divide(session, campaign.id)
    tallies.begin(session, campaign.id)
    return int(inserted.rowcount)  # type: ignore[attr-defined]


def arithmetic(session: Session, campaign: Campaign, now: datetime | None = None) -> dict[str, int]:
    """Return how many people each reason keeps out; MAILABLE counts those who will be mailed."""
    people = candidates(campaign, now)
    counted = sa.select(people.c.reason, sa.func.count()).group_by(people.c.reason)
    return dict(iter(session.execute(counted)))


def countries(session: Session, campaign: Campaign) -> frozenset[str] | None:
    """Return the countries that mailable readers' attributes name, ISO alpha-2.

    Holds "" when some name none, and is None when nobody's does, or nobody is mailable.
    """
    people = candidates(campaign)
    told = sa.func.upper(sa.func.trim(Subscriber.attributes["country"].as_string()))
    chosen = (
        sa.select(told)
        .join(people, Subscriber.id == people.c.subscriber_id)
        .where(people.c.reason == standing.MAILABLE)
        .distinct()
    )
    found = frozenset(country or "" for country in session.scalars(chosen))
    return found if found - {""} else None
