"""A change of address from the wish to its end: asked for, lettered, pressed twice, or forgotten.

Nothing here answers differently for an address that is known, suppressed or new, before its own
mailbox has pressed.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import domain_keys, enrolment, suppressions
from mailer.audience.address_models import AddressChange, AddressLetter, Side
from mailer.audience.addresses import Address
from mailer.audience.consent import Evidence
from mailer.audience.joining import limits
from mailer.audience.models import Subscriber
from mailer.audience.moving import move
from mailer.audience.subscriptions import OutdatedLink
from mailer.audience.turning import incoming
from mailer.tokens import Keys

LIFE = timedelta(hours=48)


class SameAddress(ValueError):  # noqa: N818 - errors are named for the situation
    """The address that was given is the reader's already."""


class Outcome(StrEnum):
    """What became of a press."""

    waiting = "waiting"
    done = "done"
    impossible = "impossible"


def ask(session: Session, now: datetime, keys: Keys, subscriber_id: int, address: Address) -> int:
    """Keep a reader's wish for another address and return its number; raises SameAddress.

    It replaces an earlier wish of hers, whose links thereby end. OutdatedLink: she is gone.
    """
    key = incoming.key(session, now, keys, address.normalised)
    subscriber = enrolment.locked(session, subscriber_id)
    if subscriber is None:
        raise OutdatedLink
    if key == subscriber.address_key:
        raise SameAddress("Our mail comes to this address already.")
    earlier = sa.delete(AddressChange).where(
        AddressChange.subscriber_id == subscriber_id, AddressChange.done_at.is_(None)
    )
    session.execute(earlier)
    wish = AddressChange(
        subscriber_id=subscriber_id,
        old_key=subscriber.address_key,
        new_key=key,
        email=address.spelled,
        asked_at=now,
        due_at=now,
        letters=[AddressLetter(side=side) for side in Side],
    )
    session.add(wish)
    session.flush()
    return wish.id


def may_be_asked(session: Session, now: datetime, keys: Keys, wish: AddressChange) -> bool:
    """Tell whether both mailboxes may get their letter, and count the letters if so.

    Either both do or neither: a letter alone would lead nowhere. A mailbox that complained or that
    we block gets none.
    """
    mailboxes = []
    for email in (wish.subscriber.email, wish.email):
        address = addressed(email)
        key = incoming.key(session, now, keys, address.normalised)
        domain = domain_keys.domain_key(keys, address.normalised)
        if suppressions.has_foreign(suppressions.in_force(session, key, domain)):
            return False
        mailboxes.append(limits.mailbox_keys(keys, address))
    # In one order, so that two changes between the same mailboxes cannot wait for each other.
    both = sorted(set(mailboxes))
    if any(limits.has_had_enough(session, now, one, limits.ABOUT_ADDRESS) for one in both):
        return False
    for one in both:
        limits.note(session, now, one[0], limits.ABOUT_ADDRESS)
    return True


def addressed(email: str) -> Address:
    """Return an address of which only the spelling was kept."""
    return Address(email, email.casefold())


def pressable(session: Session, now: datetime, letter_id: int) -> AddressLetter:
    """Return the letter whose button may be pressed, or was; raises OutdatedLink."""
    letter = session.get(AddressLetter, letter_id, populate_existing=True)
    if letter is None:
        raise OutdatedLink
    if letter.change.done_at is None and not is_open(letter.change, letter.change.subscriber, now):
        raise OutdatedLink
    return letter


def is_open(wish: AddressChange, subscriber: Subscriber, now: datetime) -> bool:
    """Tell whether a wish may still come true: in time, and from the address that she has."""
    return now < wish.asked_at + LIFE and wish.old_key == subscriber.address_key


def press(
    session: Session, now: datetime, keys: Keys, letter_id: int, evidence: Evidence
) -> Outcome:
    """Take the word of one of the two mailboxes; the second one carries the change out.

    Raises OutdatedLink. A wish that is impossible is thrown away, and nothing else is changed.
    """
    letter = pressable(session, now, letter_id)
    if letter.change.done_at is None:
        incoming.welcome(session, now, keys, [addressed(letter.change.email).normalised])
    enrolment.locked(session, letter.change.subscriber_id)
    session.expire_all()  # another press may have come in between
    letter = pressable(session, now, letter_id)
    wish = letter.change
    if wish.done_at is not None:
        return Outcome.done
    if letter.pressed_at is None:
        letter.pressed_at, letter.given = now, asdict(evidence)
        session.flush()
    if any(one.pressed_at is None for one in wish.letters):
        return Outcome.waiting
    if move.carry_out(session, now, keys, wish):
        return Outcome.done
    session.delete(wish)
    session.flush()
    return Outcome.impossible


def forget(session: Session, now: datetime) -> None:
    """Throw away the wishes whose time is over."""
    late = AddressChange.asked_at <= now - LIFE
    session.execute(sa.delete(AddressChange).where(late, AddressChange.done_at.is_(None)))
