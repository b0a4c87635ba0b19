"""The move itself: a reader gets another address, and all that she ever refused goes with her.

It lifts nothing and merges nothing. The new address must be one that nobody has and that nothing
stands against; the old one is left alone from then on.
"""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailer.audience import consent, domain_keys, suppressions
from mailer.audience.address_models import AddressChange, Side
from mailer.audience.consent import Decision, Evidence
from mailer.audience.former import CORRECTED
from mailer.audience.models import Subscriber, Subscription
from mailer.audience.suppressions import MOVED, Refusal
from mailer.audience.wishes.models import Wish
from mailer.audience.words import ConsentAction, ConsentMethod, Scope, SubscriptionStatus
from mailer.tokens import Keys


def carry_out(session: Session, now: datetime, keys: Keys, wish: AddressChange) -> bool:
    """Give a reader, who is locked, the address that both mailboxes agreed to.

    False, and nothing is changed, when the address is anybody's or has refused any mail.
    """
    subscriber, domain = wish.subscriber, domain_keys.domain_key(keys, wish.email.casefold())
    if suppressions.in_force(session, wish.new_key, domain):
        return False
    if not rename(session, now, subscriber, wish, domain):
        return False
    take_along(session, wish)
    leave_alone(session, now, wish)
    void_links(session, subscriber.id)
    record(session, now, wish)
    wish.done_at, wish.due_at, wish.email = now, None, ""
    for letter in wish.letters:
        letter.given = None
    session.flush()
    return True


def rename(
    session: Session, now: datetime, subscriber: Subscriber, wish: AddressChange, domain: bytes
) -> bool:
    """Put the new address into the reader's row; False when it is somebody's."""
    taken = sa.select(Subscriber.id).where(Subscriber.address_key == wish.new_key)
    if session.scalar(taken) is not None:
        return False
    try:
        with session.begin_nested():
            subscriber.email, subscriber.address_key = wish.email, wish.new_key
            subscriber.domain_key, subscriber.updated_at = domain, now
    except IntegrityError:  # whoever has just signed up with it was first
        return False
    return True


def take_along(session: Session, wish: AddressChange) -> None:
    """Put every refusal of the old address in force for the new one, as old as it is.

    Also what others said of her: a complaint is not undone by another address. Her wishes go along.
    """
    mine = sa.update(Wish).where(Wish.address_key == wish.old_key)
    session.execute(mine.values(address_key=wish.new_key))
    for held in suppressions.in_force(session, wish.old_key):
        if held.scope is Scope.domain:
            continue
        same = Refusal(
            held.scope,
            held.scope_id,
            held.reason,
            held.delivery_id,
            held.note,
            held.actor,
            held.ends_at,
        )
        suppressions.suppress(session, held.created_at, wish.new_key, same)


def leave_alone(session: Session, now: datetime, wish: AddressChange) -> None:
    refusal = Refusal(Scope.everything, reason=MOVED)
    suppressions.suppress(session, now, wish.old_key, refusal)


def void_links(session: Session, subscriber_id: int) -> None:
    """End the confirmation links that lie in the old mailbox: it no longer speaks for her."""
    session.execute(
        sa.update(Subscription)
        .where(Subscription.subscriber_id == subscriber_id)
        .values(confirmation_serial=Subscription.confirmation_serial + 1, confirmation_due_at=None)
    )


def record(session: Session, now: datetime, wish: AddressChange) -> None:
    """Enter the change into the ledger: no more mail there, the same lists here.

    Both entries name both letters; hers at the new address name the old one by its fingerprint.
    How old her consent is stays as it was.
    """
    letters = {one.side: one for one in wish.letters}
    mails = " ".join(letters[side].message_id for side in Side).strip()
    common = {"source": CORRECTED, "message_id": mails}
    old, new = (replace(Evidence(**(letters[side].given or {})), **common) for side in Side)
    away = Decision(ConsentAction.unsubscribed, ConsentMethod.link)
    consent.record(session, now, wish.old_key, away, old)
    here = sa.select(Subscription.list_id).where(
        Subscription.subscriber_id == wish.subscriber_id,
        Subscription.status == SubscriptionStatus.confirmed,
    )
    proof = replace(new, before=wish.old_key.hex())
    for list_id in session.scalars(here.order_by(Subscription.list_id)).all():
        decision = Decision(ConsentAction.confirmed, ConsentMethod.link, list_id)
        consent.record(session, now, wish.new_key, decision, proof)
