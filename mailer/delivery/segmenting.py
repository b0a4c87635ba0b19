"""Segments as conditions of SQL over Subscriber: the same answer on SQLite and PostgreSQL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session, aliased

from mailer.audience import folding, former
from mailer.audience.models import ConsentEvent, Subscriber, Subscription
from mailer.audience.segments import catalogue, rules
from mailer.audience.segments.models import Segment
from mailer.audience.segments.rules import Condition, Group, Mode, Offers
from mailer.audience.segments.vocabulary import OF_CAMPAIGN, About, Offer
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery.attributes import Attribute
from mailer.delivery.models import Delivery, DeliveryStatus

SENT = (
    CampaignStatus.running,
    CampaignStatus.paused,
    CampaignStatus.cancelled,
    CampaignStatus.finished,
)
CAMPAIGNS = 100

Test = ColumnElement[bool]


@dataclass(frozen=True)
class Ground:
    """What a rule is compiled for: the database's dialect, and the time that days count from."""

    dialect: str
    now: datetime

    @classmethod
    def of(cls, session: Session, now: datetime) -> "Ground":
        return cls(session.get_bind().dialect.name, now)


def offers(session: Session, *, every: bool = False) -> Offers:
    """Return all that rules may ask about here: fields, lists, and the latest campaigns.

    ``every`` adds all others that were sent, for rules that may name them already.
    """
    latest = (
        sa.select(Campaign.id, Campaign.name)
        .where(Campaign.status.in_(SENT))
        .order_by(Campaign.id.desc())
        .limit(None if every else CAMPAIGNS)
    )
    found = [
        Offer(About.campaign, str(row.id), f"Campaign “{row.name}”", OF_CAMPAIGN)
        for row in session.execute(latest)
    ]
    return catalogue.offers(session, found)


def compiled(tree: Group | Condition, ground: Ground) -> Test:
    """Return the condition that a checked tree stands for."""
    if isinstance(tree, Condition):
        return COMPILERS[tree.about](tree, ground)
    inner = [compiled(one, ground) for one in tree.rules]
    if tree.mode is Mode.all:
        return sa.and_(sa.true(), *inner)
    either = sa.or_(sa.false(), *inner)
    return either if tree.mode is Mode.any else is_not(either)


def within(session: Session, segment: Segment, now: datetime) -> Test:
    """Return the condition of a kept segment. What was checked once is not checked again."""
    return whole(rules.kept(segment.rules), Ground.of(session, now))


def whole(tree: Group, ground: Ground) -> Test:
    """Return the condition of a whole segment: whoever's data is restricted is in none."""
    return sa.and_(Subscriber.restricted_at.is_(None), compiled(tree, ground))


def is_not(test: Test) -> Test:
    """Return the opposite; what is not known counts as no."""
    return sa.not_(sa.func.coalesce(test, sa.false()))


def on_attribute(one: Condition, ground: Ground) -> Test:
    value = Attribute(one.key, ground.dialect)
    known = sa.func.coalesce(value.text, "") != ""
    tests: dict[str, Callable[[], Test]] = {
        "is": lambda: value.equals(one.value),
        "is-not": lambda: is_not(value.equals(one.value)),
        "yes": lambda: value.equals(True),  # noqa: FBT003 - a value of JSON
        "no": lambda: value.equals(False),  # noqa: FBT003 - a value of JSON
        "above": lambda: value.number(one.value, is_above=True),
        "below": lambda: value.number(one.value, is_above=False),
        "contains": lambda: folding.contains(value.text, str(one.value)),
        "begins": lambda: folding.begins(value.text, str(one.value)),
        "before": lambda: sa.and_(known, value.plain < str(one.value)),
        "on": lambda: value.plain == str(one.value),
        "after": lambda: value.plain > str(one.value),
        "within": lambda: value.plain.between(
            days_ago(one, ground).date().isoformat(), ground.now.date().isoformat()
        ),
        "known": lambda: known,
        "unknown": lambda: sa.not_(known),
    }
    return tests[one.op]()


def on_email(one: Condition, ground: Ground) -> Test:
    del ground
    return on_text(Subscriber.email, one)


def on_name(one: Condition, ground: Ground) -> Test:
    del ground
    return on_text(Subscriber.name, one)


def on_text(column: ColumnElement[str] | sa.orm.InstrumentedAttribute[str], one: Condition) -> Test:
    tests: dict[str, Callable[[], Test]] = {
        "is": lambda: folding.equals(column, str(one.value)),
        "contains": lambda: folding.contains(column, str(one.value)),
        "begins": lambda: folding.begins(column, str(one.value)),
        "known": lambda: column != "",
        "unknown": lambda: column == "",
    }
    return tests[one.op]()


def on_domain(one: Condition, ground: Ground) -> Test:
    del ground
    name = str(one.value).translate(folding.SMALL).removeprefix("@")
    test = folding.domain(Subscriber.email) == name
    return test if one.op == "is" else sa.not_(test)


def on_created(one: Condition, ground: Ground) -> Test:
    if one.op in {"within", "not-within"}:
        test = Subscriber.created_at >= days_ago(one, ground)
        return test if one.op == "within" else sa.not_(test)
    begins, ends = whole_day(str(one.value))
    tests = {
        "before": Subscriber.created_at < begins,
        "on": sa.and_(Subscriber.created_at >= begins, Subscriber.created_at < ends),
        "after": Subscriber.created_at >= ends,
    }
    return tests[one.op]


def on_list(one: Condition, ground: Ground) -> Test:
    del ground
    here = aliased(Subscription)  # places may stand in the statement around it, too
    # Not IN: where it cannot become a join, PostgreSQL would read the whole list for each reader.
    place = sa.exists().where(here.subscriber_id == Subscriber.id, here.list_id == int(one.key))
    if one.op == "never":
        return sa.not_(place)
    status = SubscriptionStatus(one.op)
    place = place.where(here.status == status)
    if one.value:
        since = whole_day(str(one.value))[0]
        column = {
            SubscriptionStatus.confirmed: here.confirmed_at,
            SubscriptionStatus.unconfirmed: here.created_at,
            SubscriptionStatus.unsubscribed: here.unsubscribed_at,
        }[status]
        place = place.where(column >= since)
    return place


def on_consent(one: Condition, ground: Ground) -> Test:
    """Ask about the last time that she agreed, to whichever list."""
    if one.op == "method":
        ways = former.agreements(ConsentEvent.id, ConsentEvent.method)
        way = sa.union_all(*ways).subquery()
        last = sa.select(way.c.method).order_by(way.c.id.desc()).limit(1)
        return last.scalar_subquery() == one.value
    agreed = former.agreements(ConsentEvent.id)
    since = days_ago(one, ground)
    newer = sa.or_(*(each.where(ConsentEvent.at >= since).exists() for each in agreed))
    if one.op == "within":
        return newer
    return sa.and_(sa.or_(*(each.exists() for each in agreed)), sa.not_(newer))


def on_campaign(one: Condition, ground: Ground) -> Test:
    del ground
    got = sa.exists().where(
        Delivery.campaign_id == int(one.key),
        Delivery.subscriber_id == Subscriber.id,
        Delivery.status == DeliveryStatus.accepted,
    )
    return got if one.op == "got" else sa.not_(got)


def on_accepted(one: Condition, ground: Ground) -> Test:
    took = sa.exists().where(
        Delivery.address_key == Subscriber.address_key,
        Delivery.status == DeliveryStatus.accepted,
        Delivery.finished_at >= days_ago(one, ground),
    )
    return took if one.op == "within" else sa.not_(took)


def days_ago(one: Condition, ground: Ground) -> datetime:
    return ground.now - timedelta(days=int(one.value))


def whole_day(text: str) -> tuple[datetime, datetime]:
    """Return when a day begins and when it is over, in UTC."""
    begins = datetime.combine(datetime.fromisoformat(text), time(), UTC)
    return begins, begins + timedelta(days=1)


COMPILERS: dict[About, Callable[[Condition, Ground], Test]] = {
    About.attribute: on_attribute,
    About.email: on_email,
    About.domain: on_domain,
    About.name: on_name,
    About.created: on_created,
    About.list: on_list,
    About.consent: on_consent,
    About.campaign: on_campaign,
    About.accepted: on_accepted,
}
