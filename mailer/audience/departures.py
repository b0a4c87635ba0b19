"""How readers come off their lists, any number at once: statements made beforehand."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.words import Scope, SubscriptionStatus

READERS, LISTS, PLACES = map(rows.table, (Subscriber, MailingList, Subscription))
Place = tuple[int, int]  # a reader and a list

FOUND = (
    sa.select(READERS.c.id, LISTS.c.id, READERS.c.address_key, LISTS.c.sender_id)
    .join_from(READERS, LISTS, sa.true())
    .where(
        READERS.c.id.in_(sa.bindparam("readers", expanding=True)),
        LISTS.c.id.in_(sa.bindparam("lists", expanding=True)),
    )
    .order_by(READERS.c.id)
)
LOCKED = {
    waits: FOUND.with_for_update(of=READERS, skip_locked=not waits) for waits in (True, False)
}
OF_SENDER = sa.select(LISTS.c.id).where(LISTS.c.sender_id == sa.bindparam("reach"))
REACHED = {
    Scope.list: PLACES.c.list_id == sa.bindparam("reach"),
    Scope.sender: PLACES.c.list_id.in_(OF_SENDER),
    Scope.everything: PLACES.c.list_id > sa.bindparam("reach"),
}
HAS_LEFT = PLACES.c.status == SubscriptionStatus.unsubscribed
NO_LINK = {
    PLACES.c.confirmation_serial: PLACES.c.confirmation_serial + 1,
    PLACES.c.confirmation_due_at: None,
}
VOIDED = (
    sa.update(PLACES)
    .where(PLACES.c.subscriber_id.in_(sa.bindparam("readers", expanding=True)))
    .values(NO_LINK)
)
OF_KEYS = sa.select(READERS.c.id).where(
    READERS.c.address_key.in_(sa.bindparam("keys", expanding=True))
)
VOIDED_BY_KEY = sa.update(PLACES).where(PLACES.c.subscriber_id.in_(OF_KEYS)).values(NO_LINK)
TAKEN_OFF = {
    scope: VOIDED.where(reached, ~HAS_LEFT)
    .values(status=SubscriptionStatus.unsubscribed, unsubscribed_at=sa.bindparam("now"))
    .returning(PLACES.c.id, PLACES.c.subscriber_id)
    for scope, reached in REACHED.items()
}
STAYED_OFF = {
    scope: VOIDED.where(
        reached, HAS_LEFT, PLACES.c.id.not_in(sa.bindparam("places", expanding=True))
    )
    for scope, reached in REACHED.items()
}


def lock(
    session: Session, places: Iterable[Place], *, waits: bool
) -> dict[Place, tuple[bytes, int]]:
    """Lock readers until the transaction ends; return their address keys and the lists' senders.

    Who or what is gone is not there; nor, unless it ``waits``, is who is locked by somebody else.
    """
    wanted = set(places)
    readers, lists = (sorted({place[number] for place in wanted}) for number in (0, 1))
    found = session.connection().execute(LOCKED[waits], {"readers": readers, "lists": lists})
    return {
        (reader, number): (key, sender)
        for reader, number, key, sender in found
        if (reader, number) in wanted
    }


def void_links(session: Session, keys: Sequence[bytes]) -> None:
    """Void the confirmation links that were mailed to the people behind these address keys."""
    if keys:
        session.execute(VOIDED_BY_KEY, {"keys": keys})
        session.expire_all()


def leave(
    session: Session, now: datetime, readers: Sequence[int], scope: Scope, scope_id: int
) -> set[int]:
    """Take readers off the lists that a refusal reaches, and void their links.

    Returns who was on any of them.
    """
    session.flush()
    connection, whose = session.connection(), {"readers": readers, "reach": scope_id}
    off = connection.execute(TAKEN_OFF[scope], {"now": now, **whose}).all()
    if scope is not Scope.list or len(off) < len(readers):
        # Whoever had left before may have asked to come back: that link is void, too.
        connection.execute(STAYED_OFF[scope], {"places": [place.id for place in off], **whose})
    session.expire_all()
    return {place.subscriber_id for place in off}
