"""Refusals that outlive the person's row: they are put in force and lifted, never deleted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.audience.models import MailingList, Sender, Subscriber, Suppression
from mailer.audience.refusal_journal import Refused
from mailer.audience.words import Scope

UNSUBSCRIBED = "unsubscribed"
ERASED = "erased"
OBJECTED = "objected"
IMPORTED = "imported"
BLOCKED = "blocked"
INVALID = "invalid"
MOVED = "moved"
# What a reader has said herself, here or to another program, she may take back by a confirmed
# sign-up. Complaints, bounces and blocklists are other people's reasons, and no form lifts them.
HER_OWN = frozenset({UNSUBSCRIBED, ERASED, OBJECTED, IMPORTED, MOVED})
# Our own decisions, which those who made them may end.
OURS = frozenset({BLOCKED, INVALID})
TAKEN_DOWN = "refusals"


@dataclass(frozen=True)
class Refusal:
    """How far a refusal reaches and why; ``scope_id`` is the list, the sender, or 0.

    ``actor`` is who of the staff decided it, and only then may it have an end.
    """

    scope: Scope
    scope_id: int = 0
    reason: str = UNSUBSCRIBED
    delivery_id: int | None = None
    note: str = ""
    actor: str = ""
    ends_at: datetime | None = None


def suppress(session: Session, now: datetime, key: bytes, refusal: Refusal) -> int | None:
    """Put a refusal in force and return its id; None when one of this reach and reason already is.

    Each reason is kept for itself: hers must hold when ours ends, and ours when she comes back.
    """
    return suppress_all(session, now, {key: refusal}).get(key)


def suppress_all(
    session: Session, now: datetime, refusals: Mapping[bytes, Refusal]
) -> dict[bytes, int]:
    """Put a refusal in force for each of these address keys; return the ids of those that are new.

    The session remembers them until the commit: see ``taken_down``.
    """
    if not refusals:
        return {}
    values = [{"address_key": key, "created_at": now, **vars(refusals[key])} for key in refusals]
    made = rows.insert_all(session, Suppression, values, skips=True, returned=("address_key", "id"))
    new: dict[bytes, int] = dict(map(tuple, made))
    session.info.setdefault(TAKEN_DOWN, []).extend(
        Refused(now, refusals[key].scope, refusals[key].scope_id, refusals[key].reason, key)
        for key in new
    )
    return new


def taken_down(session: Session) -> list[Refused]:
    """Return what was put in force since this was asked last, for a record elsewhere."""
    found: list[Refused] = session.info.pop(TAKEN_DOWN, [])
    return found


def lift(now: datetime, refusals: Iterable[Suppression]) -> None:
    for refusal in refusals:
        refusal.lifted_at = now


def end_due(session: Session, now: datetime) -> None:
    """Lift what was limited and has come to its end; the caller commits.

    Whoever asks for what is in force thereby needs no clock.
    """
    session.execute(
        sa.update(Suppression)
        .where(Suppression.ends_at <= now, Suppression.lifted_at.is_(None))
        .values(lifted_at=now)
        .execution_options(synchronize_session=False)
    )


def in_force(session: Session, key: bytes, domain: bytes | None = None) -> Sequence[Suppression]:
    """Return every refusal that holds for an address, oldest first, with those of its domain.

    ``domain`` is for who may have no row yet; otherwise the row tells it.
    """
    told = sa.select(Subscriber.domain_key).where(Subscriber.address_key == key)
    chosen = sa.select(Suppression).where(
        Suppression.lifted_at.is_(None),
        sa.or_(
            Suppression.address_key.in_([key] if domain is None else [key, domain]),
            Suppression.address_key == told.scalar_subquery(),
        ),
    )
    return session.scalars(chosen.order_by(Suppression.id)).all()


def reaching(
    session: Session, key: bytes, mailing_list: MailingList, domain: bytes | None = None
) -> list[Suppression]:
    """Return the refusals in force that keep a list's mail from this address."""
    reach = {
        (Scope.list, mailing_list.id),
        (Scope.sender, mailing_list.sender_id),
        (Scope.everything, 0),
        (Scope.domain, 0),
    }
    found = in_force(session, key, domain)
    return [held for held in found if (held.scope, held.scope_id) in reach]


def has_foreign(refusals: Iterable[Suppression]) -> bool:
    """Tell whether one among them is not the reader's own to take back."""
    return not all(map(is_her_own, refusals))


def is_her_own(refusal: Suppression) -> bool:
    return refusal.reason in HER_OWN and refusal.scope is not Scope.domain


def make_way(session: Session, now: datetime, key: bytes, mailing_list: MailingList) -> None:
    """Lift the reader's own refusals of a list that she has just asked for again.

    She said yes to this one alone: what she refused from the whole sender stays refused on the
    sender's other lists, and what she refused from everybody, from all other senders too.
    """
    own = [held for held in reaching(session, key, mailing_list) if is_her_own(held)]
    lift(now, own)
    refused = {held.scope for held in own}
    here = mailing_list.sender_id
    if Scope.everything in refused:
        keep_off(session, now, key, Scope.sender, sa.select(Sender.id).where(Sender.id != here))
    if refused & {Scope.sender, Scope.everything}:
        others = sa.select(MailingList.id).where(MailingList.sender_id == here)
        others = others.where(MailingList.id != mailing_list.id)
        keep_off(session, now, key, Scope.list, others)


def keep_off(
    session: Session, now: datetime, key: bytes, scope: Scope, ids: sa.Select[int]
) -> None:
    """Put her own refusals in force for all lists, or all senders, that a query names."""
    refusals = ids.add_columns(
        sa.literal(key, sa.LargeBinary),
        sa.literal(scope, Suppression.scope.type),
        sa.literal(UNSUBSCRIBED),
        sa.literal(now, Suppression.created_at.type),
    )
    columns = ["scope_id", "address_key", "scope", "reason", "created_at"]
    statement = rows.insertion(session, Suppression).from_select(columns, refusals)
    session.execute(statement.on_conflict_do_nothing())
