"""Restricting a person's data (Art. 18 GDPR): it is kept, and used for nothing."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import enrolment
from mailer.audience.models import Subscriber
from mailer.delivery import biography
from mailer.privacy import reasons
from mailer.privacy.requests import recipients
from mailer.privacy.requests.recipients import Act
from mailer.privacy.requests.words import Kind

RESTRICTED = "The data was restricted: it is kept, and used for nothing."


def restrict(
    session: Session, now: datetime, subscriber_id: int, actor: User | str, *, reason: str
) -> bool:
    """Restrict a person: from the commit on she is in no send, segment or export; False if done.

    ``standing`` asks for it when an audience is frozen and again at each hand-off. Others who have
    the data must hear of it. Raises BadReason.
    """
    is_new = switched(session, now, subscriber_id, now, (actor, "restrict", reason))
    if is_new:
        key = session.get_one(Subscriber, subscriber_id).address_key
        recipients.note_act(session, now, actor, Act(Kind.restriction, key, RESTRICTED))
    return is_new


def lift(
    session: Session, now: datetime, subscriber_id: int, actor: User | str, *, notice: str
) -> bool:
    """Lift a restriction; ``notice`` says how the person was told before (Art. 18(3)).

    False when there is none. Raises BadReason for a notice that is empty.
    """
    return switched(session, now, subscriber_id, None, (actor, "lift_restriction", notice))


def switched(
    session: Session,
    now: datetime,
    subscriber_id: int,
    since: datetime | None,
    act: tuple[User | str, str, str],
) -> bool:
    actor, name, text = act
    subscriber = enrolment.locked(session, subscriber_id)
    why = reasons.reason(text, subscriber)
    if subscriber is None or (subscriber.restricted_at is None) is (since is None):
        return False
    subscriber.restricted_at, subscriber.updated_at = since, now
    audit.record(
        session, now, actor, f"privacy.{name}", biography.subject(subscriber_id), reason=why
    )
    return True


def of_key(session: Session, address_key: bytes) -> int | None:
    """Return the number of the reader behind an address key."""
    return session.scalar(sa.select(Subscriber.id).where(Subscriber.address_key == address_key))


def reader_of(session: Session, address_key: bytes) -> Subscriber | None:
    """Return the reader behind an address key."""
    chosen = sa.select(Subscriber).where(Subscriber.address_key == address_key)
    return session.scalars(chosen).one_or_none()
