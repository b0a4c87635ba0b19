"""What is known here of some people of a file: their rows, their lists, and their refusals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.audience.imports.models import Basis, Import
from mailer.audience.models import Subscriber, Subscription, Suppression
from mailer.audience.words import Optin, Scope, SubscriberStatus, SubscriptionStatus


@dataclass(frozen=True)
class Destination:
    """A list that people are to be put on; a yes lasts ``months`` there, None: for ever."""

    id: int
    sender_id: int
    optin: Optin
    months: int | None = None


@dataclass
class Known:
    """One person who has a row here. ``places`` has the state on each target list she is on.

    ``implied`` has, of the lists where an import implied her consent, from what, and its end.
    """

    id: int
    status: SubscriberStatus
    name: str
    attributes: dict[str, object]
    places: dict[int, SubscriptionStatus] = field(default_factory=dict)
    implied: dict[int, tuple[Basis, datetime]] = field(default_factory=dict)


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
    rows.prefer_indexes(session)
    given_keys = rows.given_keys(session)
    found = Knowledge()
    columns = (Subscriber.id, Subscriber.address_key, Subscriber.status, Subscriber.name)
    people = sa.select(*columns, Subscriber.attributes)
    people = people.where(Subscriber.address_key.in_(given_keys)).order_by(Subscriber.id)
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
    ).where(Suppression.address_key.in_(given_keys), Suppression.lifted_at.is_(None))
    given = {"keys": b"".join([*keys, *domain_keys])}
    for key, scope, scope_id, reason in session.execute(refusals, given):
        found.refusals.setdefault(key, []).append(Refused(scope, scope_id, reason))
    return found


def place(session: Session, found: Knowledge, list_ids: Collection[int]) -> None:
    """Note on which of the lists the people are."""
    by_id = {one.id: one for one in found.people.values()}
    places = (
        sa.select(
            Subscription.subscriber_id,
            Subscription.list_id,
            Subscription.status,
            Subscription.consent_ends_at,
            Import.basis,
        )
        .outerjoin(Import, Import.id == Subscription.import_id)
        .where(Subscription.subscriber_id.in_(by_id), Subscription.list_id.in_(list_ids))
    )
    for number, list_id, status, ends_at, basis in session.execute(places):
        by_id[number].places[list_id] = status
        if ends_at is not None and basis is not None:
            by_id[number].implied[list_id] = (basis, ends_at)
