"""Whom an incident affected: chosen by query or by a list of addresses, kept as fingerprints."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.audience.affected import AffectedPerson
from mailer.audience.models import Subscriber, Subscription
from mailer.audience.segments.models import Segment
from mailer.delivery import segmenting
from mailer.privacy.incidents.models import Incident

AT_ONCE = 5000


def count(session: Session, incident_id: int) -> int:
    """Return how many people an incident affected, as far as they are known here."""
    mine = sa.select(sa.func.count()).select_from(AffectedPerson)
    return session.scalar(mine.where(AffectedPerson.incident_id == incident_id)) or 0


def add_everybody(session: Session, incident_id: int) -> int:
    """Note that all readers are affected; return how many are new. The caller commits."""
    return add(session, incident_id, sa.true())


def add_list(session: Session, incident_id: int, list_id: int) -> int:
    """Note that whoever is on a list, or was, is affected."""
    there = sa.select(Subscription.id).where(
        Subscription.subscriber_id == Subscriber.id, Subscription.list_id == list_id
    )
    return add(session, incident_id, there.correlate(Subscriber).exists())


def add_segment(session: Session, incident_id: int, segment: Segment, now: datetime) -> int:
    """Note that the readers of a segment are affected, as it is now."""
    return add(session, incident_id, segmenting.within(session, segment, now))


def add(session: Session, incident_id: int, which: sa.ColumnElement[bool]) -> int:
    chosen = sa.select(sa.literal(incident_id), Subscriber.address_key).where(which)
    columns = ["incident_id", "address_key"]
    statement = rows.insertion(session, AffectedPerson).from_select(columns, chosen)
    done: Any = session.execute(statement.on_conflict_do_nothing())
    return int(done.rowcount)


def add_addresses(
    session: Session, incident_id: int, keys: Sequence[Sequence[bytes]]
) -> tuple[int, int]:
    """Note that these people are affected, each given by her fingerprints under all keys.

    Returns how many of them are readers here, and how many are not: nothing is kept of those, and
    somebody must write to them by another way.
    """
    known = 0
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        is_one = Subscriber.address_key.in_([key for ring in some for key in ring])
        known += (
            session.scalar(sa.select(sa.func.count()).select_from(Subscriber).where(is_one)) or 0
        )
        add(session, incident_id, is_one)
    return known, len(keys) - known


def clear(session: Session, incident_id: int) -> None:
    """Forget who was chosen, so that somebody can choose anew."""
    session.execute(sa.delete(AffectedPerson).where(AffectedPerson.incident_id == incident_id))


def forget_person(session: Session, address_key: bytes) -> None:
    """Take a person who is being erased out of all incidents."""
    session.execute(sa.delete(AffectedPerson).where(AffectedPerson.address_key == address_key))


def told(session: Session, address_key: bytes) -> list[tuple[object, ...]]:
    """Return of which incidents a person is among the affected: when they were noticed, and what.

    For the answer to her (Art. 15 GDPR).
    """
    hers = (
        sa.select(Incident.noticed_at, Incident.title, Incident.data)
        .join(AffectedPerson, AffectedPerson.incident_id == Incident.id)
        .where(AffectedPerson.address_key == address_key)
        .order_by(Incident.id)
    )
    return [tuple(one) for one in session.execute(hers)]
