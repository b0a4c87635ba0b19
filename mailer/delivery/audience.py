"""Who gets a campaign: frozen in one statement, with the reason for everybody who does not."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from mailer import ledger
from mailer.audience import standing
from mailer.audience.affected import is_affected
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.turned import TurnedKey
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns.models import Campaign
from mailer.delivery import asking, portions, segmenting, tallies
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


# So many numbers of readers at either end are looked through for an example first.
NEAR = 5_000
# Of the readers on a campaign's lists, whom its segments leave out: they get no delivery.
OUTSIDE = "outside the segments"
LEFT_OUT = "in a segment left out"
NOT_AFFECTED = "not affected by the incident"
NOT_MEANT = frozenset({OUTSIDE, LEFT_OUT, NOT_AFFECTED})


def candidates(session: Session, campaign: Campaign, now: datetime) -> sa.Subquery:
    """Return one row per person of the campaign's audience, with the refusal, if any.

    Who is on several lists is reached through the first on which nothing speaks against it.
    """
    return once(campaign, asking.refusal(campaign, now), *choosing(session, campaign, now))


def choosing(session: Session, campaign: Campaign, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that its segments, or its incident, set; they narrow its lists."""
    inside = [segmenting.within(session, one, now) for one in campaign.segments]
    without = [segmenting.within(session, one, now) for one in campaign.exclusions]
    conditions = [sa.or_(*inside)] if inside else []
    if campaign.incident_id is not None:
        conditions.append(is_affected(campaign.incident_id))
    return conditions + [segmenting.is_not(one) for one in without]


def once(
    campaign: Campaign, reason: sa.ColumnElement[str], *conditions: sa.ColumnElement[bool]
) -> sa.Subquery:
    """Return one row for each person on the campaign's lists who meets the conditions."""
    columns: list[Any] = [
        Subscriber.id.label("subscriber_id"),
        MailingList.id.label("list_id"),
        Subscriber.address_key,
        Subscriber.email,
        reason.label("reason"),
    ]
    numbers = [chosen.id for chosen in campaign.lists]
    if len(numbers) == 1:  # nobody is on it twice, so nothing is to be sorted
        return sa.select(*columns).select_from(placed(numbers)).where(*conditions).subquery()
    better = sa.case((reason == standing.MAILABLE, 0), else_=1)
    rank = sa.func.row_number().over(partition_by=Subscriber.id, order_by=(better, MailingList.id))
    ranked = (
        sa.select(*columns, rank.label("rank"))
        .select_from(placed(numbers))
        .where(*conditions)
        .subquery()
    )
    return sa.select(ranked).where(ranked.c.rank == 1).subquery()


def placed(list_ids: Sequence[int]) -> sa.FromClause:
    places = sa.and_(
        Subscription.subscriber_id == Subscriber.id, Subscription.list_id.in_(list_ids)
    )
    return sa.join(Subscription, Subscriber, places).join(
        MailingList, Subscription.list_id == MailingList.id
    )


def freeze(session: Session, campaign: Campaign, now: datetime) -> int:
    """Write one delivery for each person of the audience; return how many there are."""
    people = candidates(session, campaign, now)
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
    if session.get_bind().dialect.name == "postgresql":
        # Readers and their places meet in memory instead of in files.
        session.execute(sa.text("SET LOCAL work_mem = '64MB'"))
    # Nobody moves to another key meanwhile, or her copies would not be found again.
    ledger.lock(session, TurnedKey)
    statement = sa.insert(Delivery).from_select(COLUMNS, rows)
    inserted = session.execute(statement.execution_options(preserve_rowcount=True))
    portions.divide(session, campaign.id)
    tallies.begin(session, campaign.id)
    return int(inserted.rowcount)  # type: ignore[attr-defined]


def arithmetic(session: Session, campaign: Campaign, now: datetime) -> dict[str, int]:
    """Return how many people each reason keeps out; MAILABLE counts those who will be mailed.

    OUTSIDE and LEFT_OUT are the reasons of those on its lists whom its segments leave out.
    """
    people = once(campaign, reason_apart(session, campaign, now))
    counted = sa.select(people.c.reason, sa.func.count()).group_by(people.c.reason)
    return dict(iter(session.execute(counted)))


def reason_apart(session: Session, campaign: Campaign, now: datetime) -> sa.ColumnElement[str]:
    """Return why a person on its lists is left out: by a segment, or by what speaks against it."""
    apart = [OUTSIDE] if campaign.segments else []
    apart += [NOT_AFFECTED] if campaign.incident_id is not None else []
    apart += [LEFT_OUT for _ in campaign.exclusions]
    conditions = choosing(session, campaign, now)
    cases = [(segmenting.is_not(one), why) for one, why in zip(conditions, apart, strict=True)]
    against = asking.refusal(campaign, now)
    return sa.case(*cases, else_=against) if cases else against


def edge(
    session: Session, campaign: Campaign, now: datetime, most: int, *, is_newest: bool
) -> Sequence[Subscriber]:
    """Return up to so many of those who would be mailed, the newest or the first ones, in order.

    They are looked for among a few thousand at that end before all are asked.
    """
    people, number = candidates(session, campaign, now), Subscriber.id
    chosen = (
        sa.select(Subscriber)
        .join(people, number == people.c.subscriber_id)
        .where(people.c.reason == standing.MAILABLE)
        .order_by(number.desc() if is_newest else number)
        .limit(most)
    )
    last = session.scalar(sa.select(sa.func.max(number) if is_newest else sa.func.min(number))) or 0
    near = number > last - NEAR if is_newest else number < last + NEAR
    found = session.scalars(chosen.where(near)).all()
    return found if len(found) == most else session.scalars(chosen).all()


def countries(session: Session, campaign: Campaign, now: datetime) -> frozenset[str] | None:
    """Return the countries that mailable readers' attributes and their lists name, ISO alpha-2.

    Where each list says whom it addresses, that speaks for readers whose attributes name none.
    Otherwise it holds "" when some name none. It is None when nothing names a country.
    Whether somebody may be mailed is the dear question: it is asked of the newest readers, and then
    of those alone whose country has not come up.
    """
    told_by_lists = [one.countries.split() for one in campaign.lists]
    last = session.scalar(sa.select(sa.func.max(Subscriber.id))) or 0
    one = aliased(Subscriber)
    near = told(session, campaign, now, sa.select(one.id).where(one.id > last - NEAR))
    others = sa.select(one.id).where(country(one).not_in(near))
    found = near | told(session, campaign, now, others)
    found = found - {""} if all(told_by_lists) else found
    found |= frozenset(chain.from_iterable(told_by_lists))
    return found if found - {""} else None


def told(
    session: Session, campaign: Campaign, now: datetime, some: sa.Select[int]
) -> frozenset[str]:
    """Return what the attributes of some readers say, of those who would be mailed."""
    people = candidates(session, campaign, now)
    chosen = (
        sa.select(country(Subscriber))
        .join(people, Subscriber.id == people.c.subscriber_id)
        .where(people.c.subscriber_id.in_(some), people.c.reason == standing.MAILABLE)
        .distinct()
    )
    return frozenset(session.scalars(chosen))


def country(reader: type[Subscriber]) -> sa.ColumnElement[str]:
    named = sa.func.upper(sa.func.trim(reader.attributes["country"].as_string()))
    return sa.func.coalesce(named, "")


def unwilling(session: Session, campaign: Campaign, now: datetime) -> tuple[int, int]:
    """Return how many of the audience have no consent that holds, and how many opted out.

    Asked of what is on record, not of how the audience was chosen: the gate trusts no query of
    ours to be right.
    """
    people = candidates(session, campaign, now)
    has_left = sa.or_(
        Subscription.status == SubscriptionStatus.unsubscribed, standing.is_suppressed()
    )
    never = Subscription.status == SubscriptionStatus.unconfirmed
    lacking = sa.or_(never, asking.is_over(campaign, now))
    counted = (
        sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((lacking, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((has_left, 1), else_=0)), 0),
        )
        .select_from(people)
        .join(Subscriber, Subscriber.id == people.c.subscriber_id)
        .join(
            Subscription,
            sa.and_(
                Subscription.subscriber_id == Subscriber.id,
                Subscription.list_id == people.c.list_id,
            ),
        )
        .join(MailingList, MailingList.id == Subscription.list_id)
        .where(people.c.reason == standing.MAILABLE)
    )
    lapsed, objectors = session.execute(counted).one()
    return int(lapsed), int(objectors)
