"""What is known here of some people of a file: their rows, their lists, and their refusals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailer.audience.models import (
    Optin,
    Scope,
    Subscriber,
    SubscriberStatus,
    Subscription,
    SubscriptionStatus,
    Suppression,
)


@dataclass(frozen=True)
class Destination:
    """A list that people are to be put on."""

    id: int
    sender_id: int
    optin: Optin


@dataclass
class Known:
    """One person who has a row here. ``places`` has the state on each target list she is on."""

    id: int
    status: SubscriberStatus
    name: str
    attributes: dict[str, object]
    places: dict[int, SubscriptionStatus] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """A refusal in force, of whatever reach."""

    scope: Scope
    scope_id: int
    reason: str

    def reaches(self, place: Destination) -> bool:
        here = {Scope.list: place.id, Scope.sender: place.sender_id}
        return self.scope_id == here.get(self.scope, self.scope_id)


@dataclass
class Knowledge:
    """What is known of some addresses, by their keys."""

    people: dict[bytes, Known] = field(default_factory=dict)
    refusals: dict[bytes, list[Refused]] = field(default_factory=dict)


def looked_up(
    session: Session, keys: Sequence[bytes], list_ids: Collection[int], *, locks: bool
) -> Knowledge:
    """Return what is known; ``locks`` keeps the people as they are until the transaction ends."""
    prefer_indexes(session)
    found = Knowledge()
    columns = (Subscriber.id, Subscriber.address_key, Subscriber.status, Subscriber.name)
    chosen = sa.select(*columns, Subscriber.attributes)
    chosen = chosen.where(among(session, Subscriber.address_key, keys)).order_by(Subscriber.id)
    by_id: dict[int, Known] = {}
    for number, key, status, name, attributes in session.execute(
        chosen.with_for_update() if locks else chosen
    ):
        by_id[number] = found.people[key] = Known(number, status, name, attributes or {})
    if by_id:
        places = sa.select(Subscription.subscriber_id, Subscription.list_id, Subscription.status)
        places = places.where(
            among(session, Subscription.subscriber_id, list(by_id)),
            Subscription.list_id.in_(list_ids),
        )
        for number, list_id, place in session.execute(places):
            by_id[number].places[list_id] = place
    # After the locks: who leaves at this moment is either seen here or waits for us.
    held = sa.select(
        Suppression.address_key, Suppression.scope, Suppression.scope_id, Suppression.reason
    ).where(among(session, Suppression.address_key, keys), Suppression.lifted_at.is_(None))
    for key, scope, scope_id, reason in session.execute(held):
        found.refusals.setdefault(key, []).append(Refused(scope, scope_id, reason))
    return found


def prefer_indexes(session: Session) -> None:
    """Look some thousand people up one by one; a scan of all readers takes as long for a few."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))


def among(
    session: Session, column: InstrumentedAttribute[object], values: Sequence[object]
) -> sa.ColumnElement[bool]:
    """Ask whether a column is one of many values, which travel as one where that is possible."""
    if session.get_bind().dialect.name == "postgresql":
        given = sa.bindparam(None, list(values), postgresql.ARRAY(column.type), unique=True)
        return column == sa.func.any(given)
    return column.in_(values)
