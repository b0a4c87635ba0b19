"""Legal holds: what must be kept for a dispute, whatever its period says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import former
from mailer.audience.address_models import AddressChange
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.campaigns.models import Campaign
from mailer.delivery import biography
from mailer.delivery.models import Delivery
from mailer.privacy import reasons
from mailer.privacy.keeping.models import Held, Hold

Test = sa.ColumnElement[bool]
THINGS = {Held.list: MailingList, Held.campaign: Campaign}


class BadHold(Exception):  # noqa: N818 - errors are named for the situation
    """The hold cannot be set; the message says why."""


@dataclass(frozen=True)
class Wanted:
    """What to hold: a person by her key, a list or campaign by its number; until when, or None."""

    held: Held
    reason: str
    address_key: bytes | None = None
    number: int | None = None
    until: datetime | None = None


def place(session: Session, now: datetime, actor: User | str, wanted: Wanted) -> Hold:
    """Put something on hold; the caller commits. Raises BadHold or reasons.BadReason."""
    why = reasons.reason(wanted.reason)
    if wanted.until is not None and wanted.until <= now:
        raise BadHold("That day is over.")
    if wanted.held is Held.person and wanted.address_key is None:
        raise BadHold("Say whose data is to be held.")
    model = THINGS.get(wanted.held)
    if model is not None and session.get(model, wanted.number or 0) is None:
        raise BadHold(f"There is no {wanted.held} {wanted.number}.")
    # An erasure that is under way ends first.
    reader = sa.select(Subscriber.id).where(Subscriber.address_key == wanted.address_key)
    session.execute(reader.with_for_update())
    made = Hold(
        held=wanted.held,
        address_key=wanted.address_key if model is None else None,
        number=wanted.number if model is not None else None,
        reason=why,
        actor=actor if isinstance(actor, str) else actor.email,
        created_at=now,
        until=wanted.until,
    )
    session.add(made)
    session.flush()
    audit.record(session, now, actor, "retention.hold", subject(made.id), reason=why)
    return made


def end(session: Session, now: datetime, actor: User | str, number: int, *, reason: str) -> bool:
    """End a hold; False when it has ended before, or never was. Raises reasons.BadReason."""
    why = reasons.reason(reason)
    one = session.get(Hold, number, with_for_update=True, populate_existing=True)
    if one is None or one.ended_at is not None:
        return False
    one.ended_at = now
    one.ended_by = actor if isinstance(actor, str) else actor.email
    audit.record(session, now, actor, "retention.end_hold", subject(number), reason=why)
    return True


def subject(number: int) -> str:
    """Return how the audit log names a hold."""
    return f"hold {number}"


def everything(session: Session) -> Sequence[Hold]:
    """Return all holds, those that still stand in front, the newest first."""
    order = (Hold.ended_at.is_not(None), Hold.id.desc())
    return session.scalars(sa.select(Hold).order_by(*order)).all()


def told(session: Session, reader: Subscriber) -> list[tuple[object, ...]]:
    """Return since when and until when a person is on hold, or was, as she is told."""
    mine = Hold.address_key.in_(keys_of(session, reader))
    columns = (Hold.created_at, Hold.until, Hold.ended_at)
    found = session.execute(sa.select(*columns).where(mine).order_by(Hold.id))
    return [tuple(one) for one in found]


def keys_of(session: Session, reader: Subscriber) -> list[bytes]:
    return [reader.address_key, *(one.key for one in former.keys(session, reader.id))]


def of_reader(session: Session, reader: Subscriber, now: datetime) -> Hold | None:
    """Return a hold on something that an erasure of a reader would take, if there is one.

    On her, at whichever of her addresses; on a list about which she decided or has mail; or on a
    campaign of which she has a copy.
    """
    copies = biography.copies(session, reader)
    lists = (
        sa.select(Subscription.list_id).where(Subscription.subscriber_id == reader.id),
        sa.select(ConsentEvent.list_id).where(former.decisions(session, reader)),
        sa.select(Delivery.list_id).where(copies),
    )
    held = sa.or_(
        sa.and_(Hold.held == Held.person, Hold.address_key.in_(keys_of(session, reader))),
        sa.and_(Hold.held == Held.list, sa.or_(*(Hold.number.in_(one) for one in lists))),
        sa.and_(
            Hold.held == Held.campaign,
            Hold.number.in_(sa.select(Delivery.campaign_id).where(copies)),
        ),
    )
    return session.scalars(sa.select(Hold).where(stands(now), held).order_by(Hold.id)).first()


def stands(now: datetime) -> Test:
    """Ask, in SQL, whether a hold is in force."""
    return sa.and_(Hold.ended_at.is_(None), sa.or_(Hold.until.is_(None), Hold.until > now))


def is_any(session: Session, now: datetime) -> bool:
    """Tell whether anything at all is on hold."""
    return session.scalar(sa.select(Hold.id).where(stands(now)).limit(1)) is not None


def held_keys(now: datetime) -> sa.CompoundSelect[Any]:
    """Return, in SQL, all keys of all people who are on hold, those of former addresses too.

    Who has such an address by now is kept along with her: rather too much than too little.
    """
    direct = sa.select(Hold.address_key).where(stands(now), Hold.address_key.is_not(None))
    done = AddressChange.done_at.is_not(None)
    moved = sa.select(AddressChange.subscriber_id).where(done, AddressChange.old_key.in_(direct))
    people = sa.select(Subscriber.id).where(
        sa.or_(Subscriber.address_key.in_(direct), Subscriber.id.in_(moved))
    )
    people = people.correlate(None)
    here = sa.select(Subscriber.address_key).where(Subscriber.id.in_(people))
    before = sa.select(AddressChange.old_key).where(done, AddressChange.subscriber_id.in_(people))
    return sa.union(direct, here.correlate(None), before.correlate(None))


def emails(session: Session, now: datetime) -> set[str]:
    """Return the present addresses of the readers who are on hold."""
    held = sa.select(Subscriber.email).where(Subscriber.address_key.in_(held_keys(now)))
    return set(session.scalars(held))


def lists(session: Session, now: datetime) -> set[int | None]:
    """Return the numbers of the lists that are on hold."""
    return set(session.scalars(sa.select(Hold.number).where(stands(now), Hold.held == Held.list)))


def none_on_key(column: Any, now: datetime) -> Test:  # noqa: ANN401 - any column of fingerprints
    """Ask, in SQL, whether the person behind a fingerprint is free; so is nobody (NULL)."""
    return sa.or_(column.is_(None), column.not_in(held_keys(now)))


def none_on(held: Held, column: Any, now: datetime) -> Test:  # noqa: ANN401 - any column of numbers
    """Ask, in SQL, whether a list or a campaign is free."""
    mine = sa.select(Hold.id).where(stands(now), Hold.held == held, Hold.number == column)
    return sa.not_(mine.correlate_except(Hold).exists())


def none_on_reader(now: datetime) -> Test:
    """Ask, in SQL, whether a reader may go: neither she nor a list that she is on is held."""
    on_list = (
        sa.select(Hold.id)
        .join(Subscription, Subscription.list_id == Hold.number)
        .where(stands(now), Hold.held == Held.list, Subscription.subscriber_id == Subscriber.id)
        .correlate(Subscriber)
    )
    return sa.and_(none_on_key(Subscriber.address_key, now), sa.not_(on_list.exists()))
