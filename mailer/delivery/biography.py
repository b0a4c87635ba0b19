"""What we did about one reader, for her page: mail that was sent, and acts of staff."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import cases
from mailer.accounts.cases import Case
from mailer.accounts.models import AuditEntry
from mailer.audience import former, timeline
from mailer.audience.bulk_models import BulkAct, BulkMember
from mailer.audience.models import Subscriber
from mailer.audience.timeline import Moment
from mailer.campaigns.models import Campaign
from mailer.delivery.models import Delivery, DeliveryStatus

LATEST = 100
TONES = {
    DeliveryStatus.accepted: "good",
    DeliveryStatus.refused: "bad",
    DeliveryStatus.unknown: "odd",
    DeliveryStatus.expired: "warn",
    DeliveryStatus.deferred: "warn",
}
DEEDS = {
    "subscribers.add": "Added to a list",
    "subscribers.edit": "Profile changed",
    "subscribers.disable": "Disabled",
    "subscribers.enable": "Enabled",
    "subscribers.unsubscribe": "Unsubscribed on request",
    "privacy.export_person": "Data handed out",
    "subscribers.look": "Record looked at",  # as it was logged before there were cases
    cases.OPENED: "Reason given for looking",
}


def told(session: Session, subscriber: Subscriber) -> list[Moment]:
    """Return her whole story, newest first: her own words, our mail, and what staff did.

    Of mail and of acts, the LATEST of each.
    """
    moments: list[Moment] = timeline.timeline(session, subscriber)
    moments += sends(session, subscriber)
    moments += acts(session, subscriber.id)
    moments += looks(session, subscriber.id)
    moments += bulk_acts(session, subscriber.id)
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def sends(session: Session, subscriber: Subscriber) -> Iterable[Moment]:
    found = session.execute(
        sa.select(Delivery, Campaign.name)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(copies(session, subscriber))
        .order_by(Delivery.id.desc())
        .limit(LATEST)
    )
    return [sent(one, name) for one, name in found]


def copies(session: Session, subscriber: Subscriber) -> sa.ColumnElement[bool]:
    """Ask, in SQL, whether a copy is hers: by her address, or one that she has corrected since."""
    before = [key for key, _ in former.keys(session, subscriber.id)]
    moved = sa.and_(Delivery.address_key.in_(before), Delivery.subscriber_id == subscriber.id)
    others = [one for one, _ in former.others(session, subscriber)]
    here = Delivery.address_key == subscriber.address_key
    return sa.or_(sa.and_(here, Delivery.subscriber_id.not_in(others)), moved)


def sent(one: Delivery, name: str) -> Moment:
    answer = " ".join(filter(None, (str(one.smtp_code or ""), one.smtp_text)))
    detail = ", ".join(filter(None, (one.reason, answer)))
    at: datetime = one.finished_at or one.sending_at or one.next_at
    return Moment(
        at, f"Campaign “{name}”: {one.status.value}", detail, TONES.get(one.status, "neutral")
    )


def acts(session: Session, subscriber_id: int) -> Iterable[Moment]:
    found = session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.subject == subject(subscriber_id), AuditEntry.action != cases.LOOKED)
        .order_by(AuditEntry.id.desc())
        .limit(LATEST)
    )
    return [acted(one) for one in found]


def acted(entry: AuditEntry) -> Moment:
    detail = f"by {entry.actor}" + (f": {entry.reason}" if entry.reason else "")
    return Moment(entry.at, DEEDS.get(entry.action, entry.action), detail, "neutral")


def looks(session: Session, subscriber_id: int) -> Iterable[Moment]:
    """Tell who looked, from when to when, and why: one line for each case."""
    found = cases.about(session, subject(subscriber_id), LATEST)
    return [looked(one, one.looked_at) for one in found if one.looked_at]


def looked(case: Case, last: datetime) -> Moment:
    pages = "1 page" if case.looks == 1 else f"{case.looks} pages"
    since = f"{case.opened_at:%d %B %Y, %H:%M} UTC"
    detail = f"by {case.actor} ({case.role}), {pages} since {since}: {case.reason}"
    return Moment(last, "Record looked at", detail, "neutral")


def bulk_acts(session: Session, subscriber_id: int) -> Iterable[Moment]:
    found = session.scalars(
        sa.select(BulkAct)
        .join(BulkMember, BulkMember.act_id == BulkAct.id)
        .where(BulkMember.subscriber_id == subscriber_id, BulkAct.last_id >= subscriber_id)
        .order_by(BulkAct.id.desc())
        .limit(LATEST)
    )
    return [
        Moment(
            one.created_at,
            f"One of {one.people:,} readers in a bulk act: {one.deed.value}",
            f"by {one.actor}: {one.note}",
            "neutral",
        )
        for one in found
    ]


def subject(subscriber_id: int) -> str:
    """Return how the audit log names a reader: by number, never by address."""
    return f"subscriber {subscriber_id}"
