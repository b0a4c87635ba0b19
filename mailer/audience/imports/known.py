"""What is known here of some people of a file: their rows, their lists, and their refusals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailer.audience.models import Subscriber, Subscription, Suppression
from mailer.audience.words import Optin, Scope, SubscriberStatus, SubscriptionStatus

KEY_BYTES = 32


@dataclass(frozen=True)
class Destination:
    """A list that people are to be put on; a yes lasts ``months`` there, None: for ever."""

    id: int
    sender_id: int
    optin: Optin
    months: int | None = None


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

    def reaching(self, key: bytes, domain_key: bytes) -> list[Refused]:
        """Return the refusals of an address and of its domain."""
        return [*self.refusals.get(key, ()), *self.refusals.get(domain_key, ())]


def looked_up(
    session: Session,
    keys: Sequence[bytes],
    domain_keys: Collection[bytes],
    list_ids: Collection[int],
    *,
    locks: bool,
) -> Knowledge:
    """Return what is known; ``locks`` keeps the people as they are until the transaction ends."""
    prefer_indexes(session)
    found = Knowledge()
    columns = (Subscriber.id, Subscriber.address_key, Subscriber.status, Subscriber.name)
    people = sa.select(*columns, Subscriber.attributes)
    people = people.where(has_key(session, Subscriber.address_key)).order_by(Subscriber.id)
    given = {"keys": b"".join(keys)}
    for number, key, status, name, attributes in session.execute(
        people.with_for_update() if locks else people, given
    ):
        found.people[key] = Known(number, status, name, attributes or {})
    if found.people:
        place(session, found, list_ids)
    # After the locks: who leaves at this moment is either seen here or waits for us.
    refusals = sa.select(
        Suppression.address_key, Suppression.scope, Suppression.scope_id, Suppression.reason
    ).where(has_key(session, Suppression.address_key), Suppression.lifted_at.is_(None))
    given = {"keys": b"".join([*keys, *domain_keys])}
    for key, scope, scope_id, reason in session.execute(refusals, given):
        found.refusals.setdefault(key, []).append(Refused(scope, scope_id, reason))
    return found


def place(session: Session, found: Knowledge, list_ids: Collection[int]) -> None:
    """Note on which of the lists the people are."""
    by_id = {one.id: one for one in found.people.values()}
    places = sa.select(Subscription.subscriber_id, Subscription.list_id, Subscription.status)
    places = places.where(Subscription.subscriber_id.in_(by_id), Subscription.list_id.in_(list_ids))
    for number, list_id, status in session.execute(places):
        by_id[number].places[list_id] = status


def prefer_indexes(session: Session) -> None:
    """Look some thousand people up one by one; a scan of all readers takes as long for a few."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))


def has_key(session: Session, column: InstrumentedAttribute[bytes]) -> sa.ColumnElement[bool]:
    """Ask whether a column holds one of many keys, which are given joined, as ``keys``.

    The database parts one long value by itself; to hand over thousands costs ten times as much.
    """
    keys = sa.bindparam("keys", type_=sa.LargeBinary)
    if session.get_bind().dialect.name == "postgresql":
        place = sa.func.generate_series(1, sa.func.length(keys), KEY_BYTES).column_valued("place")
        one = sa.func.substr(keys, place, KEY_BYTES, type_=sa.LargeBinary)
        return column.in_(sa.select(one))
    places = sa.select(sa.literal(1).label("place")).cte("places", recursive=True)
    following = places.c.place + KEY_BYTES
    places = places.union_all(sa.select(following).where(following <= sa.func.length(keys)))
    return column.in_(
        sa.select(sa.func.substr(keys, places.c.place, KEY_BYTES, type_=sa.LargeBinary))
    )
