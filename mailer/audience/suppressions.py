"""Refusals that outlive the person's row: they are put in force and lifted, never deleted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.audience.models import MailingList, Scope, Suppression

UNSUBSCRIBED = "unsubscribed"
ERASED = "erased"
# What a reader has said herself she may take back by a confirmed sign-up. Complaints, bounces
# and blocklists are other people's reasons, and no form lifts them.
HER_OWN = frozenset({UNSUBSCRIBED, ERASED})


@dataclass(frozen=True)
class Refusal:
    """How far a refusal reaches and why; ``scope_id`` is the list, the sender, or 0."""

    scope: Scope
    scope_id: int = 0
    reason: str = UNSUBSCRIBED
    delivery_id: int | None = None


def suppress(session: Session, now: datetime, key: bytes, refusal: Refusal) -> int | None:
    """Put a refusal in force and return its id; None when one of this reach already is."""
    return rows.insert_missing(
        session,
        Suppression,
        address_key=key,
        scope=refusal.scope,
        scope_id=refusal.scope_id,
        reason=refusal.reason,
        delivery_id=refusal.delivery_id,
        created_at=now,
    )


def lift(now: datetime, refusals: Iterable[Suppression]) -> None:
    for refusal in refusals:
        refusal.lifted_at = now


def in_force(session: Session, key: bytes) -> Sequence[Suppression]:
    """Return every refusal that holds for an address key, oldest first."""
    chosen = sa.select(Suppression).where(
        Suppression.address_key == key, Suppression.lifted_at.is_(None)
    )
    return session.scalars(chosen.order_by(Suppression.id)).all()


def reaching(session: Session, key: bytes, mailing_list: MailingList) -> list[Suppression]:
    """Return the refusals in force that keep a list's mail from this address."""
    reach = {
        (Scope.list, mailing_list.id),
        (Scope.sender, mailing_list.sender_id),
        (Scope.everything, 0),
    }
    return [held for held in in_force(session, key) if (held.scope, held.scope_id) in reach]


def has_foreign(refusals: Iterable[Suppression]) -> bool:
    """Tell whether one among them is not the reader's own to take back."""
    return any(refusal.reason not in HER_OWN for refusal in refusals)


def make_way(session: Session, now: datetime, key: bytes, mailing_list: MailingList) -> None:
    """Lift the reader's own refusals of a list that she has just asked for again.

    What she refused from the whole sender stays refused on the sender's other lists: she said
    yes to this one alone.
    """
    own = [held for held in reaching(session, key, mailing_list) if held.reason in HER_OWN]
    lift(now, own)
    if any(held.scope is Scope.sender for held in own):
        keep_off_other_lists(session, now, key, mailing_list)


def keep_off_other_lists(
    session: Session, now: datetime, key: bytes, mailing_list: MailingList
) -> None:
    others = sa.select(
        sa.literal(key, sa.LargeBinary),
        sa.literal(Scope.list, Suppression.scope.type),
        MailingList.id,
        sa.literal(UNSUBSCRIBED),
        sa.literal(now, Suppression.created_at.type),
    ).where(MailingList.sender_id == mailing_list.sender_id, MailingList.id != mailing_list.id)
    columns = ["address_key", "scope", "scope_id", "reason", "created_at"]
    statement = rows.insertion(session, Suppression).from_select(columns, others)
    session.execute(statement.on_conflict_do_nothing())
