"""What a reader did before she corrected her address: it stands under the keys that she had."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailer.audience.address_models import AddressChange
from mailer.audience.models import ConsentEvent, Subscriber, Suppression
from mailer.audience.words import ConsentAction

# The source of both entries in the consent ledger that a change of address makes.
CORRECTED = "address corrected"
AGREED = (ConsentAction.confirmed, ConsentAction.returned)


class Former(NamedTuple):
    """A key that was hers until then; whoever has that address later is somebody else."""

    key: bytes
    until: datetime


def keys(session: Session, subscriber_id: int) -> list[Former]:
    """Return the keys of a reader's former addresses, oldest first."""
    chosen = sa.select(AddressChange.old_key, AddressChange.done_at)
    mine = chosen.where(AddressChange.subscriber_id == subscriber_id).order_by(AddressChange.id)
    return [Former(key, until) for key, until in session.execute(mine) if until is not None]


def others(session: Session, subscriber: Subscriber) -> list[tuple[int, datetime]]:
    """Return who else had a reader's present address and moved away, and when."""
    chosen = sa.select(AddressChange.subscriber_id, AddressChange.done_at).where(
        AddressChange.old_key == subscriber.address_key,
        AddressChange.subscriber_id != subscriber.id,
    )
    return [(one, until) for one, until in session.execute(chosen) if until is not None]


def decisions(session: Session, subscriber: Subscriber) -> ColumnElement[bool]:
    """Ask, in SQL, whether an entry of the consent ledger is hers, at whichever address."""
    return own(session, subscriber, ConsentEvent.address_key, ConsentEvent.at)


def own(
    session: Session,
    subscriber: Subscriber,
    key: InstrumentedAttribute[bytes] | InstrumentedAttribute[bytes | None],
    at: InstrumentedAttribute[datetime],
) -> ColumnElement[bool]:
    """Ask, in SQL, whether a row with an address key and a time is hers, at whichever address."""
    then = [sa.and_(key == held, at <= until) for held, until in keys(session, subscriber.id)]
    here = key == subscriber.address_key
    since = max((until for _, until in others(session, subscriber)), default=None)
    return sa.or_(here if since is None else sa.and_(here, at > since), *then)


def refusals(session: Session, subscriber: Subscriber) -> ColumnElement[bool]:
    """Ask, in SQL, whether a refusal was put in force for her, at whichever address."""
    then = [
        sa.and_(Suppression.address_key == key, Suppression.created_at <= until)
        for key, until in keys(session, subscriber.id)
    ]
    return sa.or_(Suppression.address_key == subscriber.address_key, *then)


def agreements(*columns: Any) -> list[sa.Select[Any]]:  # noqa: ANN401 - any columns of the ledger
    """Return when each reader agreed, for a statement over Subscriber: here, and at former keys.

    To correct an address is no new agreement: what she said before counts, from when she said it.
    """
    said = sa.func.coalesce(ConsentEvent.evidence["source"].as_string(), "")
    agreed = sa.select(*columns).where(ConsentEvent.action.in_(AGREED), said != CORRECTED)
    until = ConsentEvent.at <= AddressChange.done_at
    of_others = sa.exists().where(
        AddressChange.old_key == ConsentEvent.address_key,
        AddressChange.subscriber_id != Subscriber.id,
        until,
    )
    here = agreed.where(ConsentEvent.address_key == Subscriber.address_key, ~of_others)
    there = agreed.join(AddressChange, AddressChange.old_key == ConsentEvent.address_key)
    then = there.where(AddressChange.subscriber_id == Subscriber.id, until)
    return [here.correlate(Subscriber), then.correlate(Subscriber)]
