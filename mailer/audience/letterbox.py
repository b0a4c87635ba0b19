"""The letterbox: every sign-up falls in here unread, and is taken up after the answer.

Whoever drops something in learns nothing from it: the same row is written, in the same time, for
an address that is known, unknown, waiting or suppressed.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import rows, subscriptions, suppressions
from mailer.audience.addresses import Address
from mailer.audience.consent import Evidence
from mailer.audience.enrolment import Person
from mailer.audience.joining import limits
from mailer.audience.joining.models import AskedMail, SignUp
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.turning import incoming
from mailer.audience.words import ListStatus, ListType, SubscriberStatus
from mailer.tokens import Keys

MOST_AT_ONCE = 500
BOX = rows.table(SignUp)
DROPPED = sa.insert(BOX).returning(BOX.c.id)


@dataclass(frozen=True)
class Owed:
    """The mail that a sign-up has made due: a confirmation, or a link; at most one is set."""

    subscription_id: int | None = None
    link_id: int | None = None


def drop(
    session: Session,
    now: datetime,
    keys: Keys,
    list_id: int | None,
    person: Person,
    evidence: Evidence,
) -> int:
    """Keep what a visitor has sent; return its number. The caller commits, rings and answers.

    Every way to sign up ends here. ``list_id`` None asks for the link to her own page.
    """
    address = person.address
    given = {"spelled": address.spelled, "normalised": address.normalised, "name": person.name}
    told = {"attributes": dict(person.attributes)} if person.attributes else {}
    key = tokens.fingerprint(keys, address.normalised)
    values = {"at": now, "address_key": key, "list_id": list_id}
    row = values | {"given": given | told | vars(evidence)}
    number: int = session.connection().scalars(DROPPED, row).one()
    return number


def waiting(session: Session) -> list[int]:
    """Return what nobody has taken up yet, oldest first."""
    return list(session.scalars(sa.select(SignUp.id).order_by(SignUp.id).limit(MOST_AT_ONCE)))


def take_up(session: Session, keys: Keys, sign_up_id: int) -> Owed:
    """Do what a visitor has asked for, and throw her request away; the caller commits.

    Nothing happens when another process has it, or has had it.
    """
    chosen = sa.select(SignUp).where(SignUp.id == sign_up_id).with_for_update(skip_locked=True)
    found = session.scalars(chosen).one_or_none()
    if found is None:
        return Owed()
    session.delete(found)
    session.flush()
    if found.list_id is None:
        return Owed(link_id=owe_link(session, keys, found))
    wanted = session.get(MailingList, found.list_id)
    if wanted is None or wanted.type is ListType.private or wanted.status is ListStatus.archived:
        return Owed()
    person, proof = person_of(found), evidence_of(found)
    return Owed(subscriptions.sign_up(session, found.at, keys, wanted, person, proof))


def owe_link(session: Session, keys: Keys, asked: SignUp) -> int | None:
    """Make the link to her own page due, for a reader whom we know; return its number."""
    person = person_of(asked)
    own = incoming.key(session, asked.at, keys, person.address.normalised)
    known = sa.select(Subscriber.id).where(
        Subscriber.address_key == own,
        Subscriber.status != SubscriberStatus.blocklisted,
    )
    subscriber_id = session.scalar(known)
    if suppressions.has_foreign(suppressions.in_force(session, own)):
        return None
    mailbox = limits.mailbox_keys(keys, person.address)
    if subscriber_id is None or limits.has_had_enough(session, asked.at, mailbox, None):
        return None
    owed: AskedMail = limits.note(session, asked.at, mailbox[0], None)
    owed.subscriber_id, owed.due_at = subscriber_id, asked.at
    session.flush()
    return owed.id


def person_of(found: SignUp) -> Person:
    given = found.given
    address = Address(given["spelled"], given["normalised"])
    return Person(address, given["name"], given.get("attributes", {}))


def evidence_of(found: SignUp) -> Evidence:
    names = Evidence.__dataclass_fields__
    return Evidence(**{name: found.given[name] for name in names if name in found.given})


def forget(session: Session, address_key: bytes) -> None:
    """Throw away what waits of a person who is being erased."""
    session.execute(sa.delete(SignUp).where(SignUp.address_key == address_key))
