"""Erasing a person (Art. 17 GDPR): all goes, but a keyed tombstone that keeps mail away."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import bulk, consent, enrolment, former, letterbox, suppressions
from mailer.audience.consent import Decision, Evidence
from mailer.audience.former import Former
from mailer.audience.imports import naming
from mailer.audience.models import ConsentEvent, Subscriber, Suppression
from mailer.audience.suppressions import Refusal
from mailer.audience.wishes import wishes
from mailer.audience.words import ConsentAction, ConsentMethod, Scope
from mailer.delivery import biography, tallies
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.privacy import reasons
from mailer.privacy.incidents import affected
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.models import Hold
from mailer.privacy.letters import post
from mailer.privacy.requests import endings

ERASED = suppressions.ERASED
# 15 U.S.C. 6502(a); 16 CFR 312.10: whoever comes to know of a child keeps nothing about her.
CHILD = "actual knowledge that this is a child under 13 (R36)"
NOT_BEGUN = (DeliveryStatus.pending, DeliveryStatus.deferred)


class OnHold(Exception):  # noqa: N818 - errors are named for the situation
    """What an erasure would take is needed for legal claims (Art. 17(3)(e) GDPR)."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(f"On legal hold, as number {hold.id}: nothing of it may be erased.")
        self.hold = hold


class AlreadyErased(Exception):  # noqa: N818 - errors are named for the situation
    """Somebody else erased the person a moment ago."""


def erase(
    session: Session, subscriber: Subscriber, now: datetime, actor: User | str, *, reason: str
) -> None:
    """Erase a person within the caller's transaction: it becomes true with its commit.

    Stops what is not yet on its way, leaves a refusal of everything under the keyed fingerprint
    of her address (the tombstone), blanks her address in deliveries and her evidence in the
    consent ledger and in requests, and deletes her letters, the archives that wait for her and
    her row with her subscriptions. Statuses of deliveries and the ledger's seals stay, so that no
    report's sums and no chain break. The audit entry names her by number. An upload that names her
    and is not yet imported is thrown away. Raises BadReason, AlreadyErased when another was first,
    or OnHold, and then the caller rolls back or lets it wait (``waiting``).
    """
    demand_free(session, subscriber, now)
    why = begun(session, subscriber, now, reason)
    demand_free(session, subscriber, now)  # as it stands now that she is locked
    take(session, subscriber, now, actor, why)


def erase_again(
    session: Session, subscriber: Subscriber, now: datetime, actor: User | str, *, reason: str
) -> None:
    """Erase who was erased before: that no hold stood then counts, whatever a backup says."""
    take(session, subscriber, now, actor, begun(session, subscriber, now, reason))


def demand_free(session: Session, subscriber: Subscriber, now: datetime) -> None:
    hold = holds.of_reader(session, subscriber, now)
    if hold is not None:
        raise OnHold(hold)


def begun(session: Session, subscriber: Subscriber, now: datetime, reason: str) -> str:
    """Lock the person, after the uploads that name her; return the reason as the log keeps it."""
    why = reasons.reason(reason, subscriber)
    naming.cancel(session, now, subscriber.email)
    if enrolment.locked(session, subscriber.id) is None:
        raise AlreadyErased
    return why


def take(
    session: Session, subscriber: Subscriber, now: datetime, actor: User | str, why: str
) -> None:
    # As it stands now that she is locked.
    number, key = subscriber.id, subscriber.address_key
    before = former.keys(session, number)
    copies = biography.copies(session, subscriber)
    tallies.forget_those_of(session, copies)
    stop_sends(session, copies, now)
    leave_tombstones(session, now, key, before)
    blank(session, subscriber, copies)
    bulk.forget_alone(session, number)
    post.forget_those_of(session, subscriber)
    wishes.forget(session, key)
    endings.erased(session, now, actor, key, before)
    affected.forget_person(session, key)
    name = actor if isinstance(actor, str) else actor.email
    decision = Decision(ConsentAction.erased, ConsentMethod.staff)
    # At each address: it tells why evidence is missing there.
    for one in (*(held.key for held in before), key):
        letterbox.forget(session, one)
        consent.record(session, now, one, decision, Evidence(actor=name))
    session.delete(subscriber)
    audit.record(session, now, actor, "privacy.erase_person", biography.subject(number), reason=why)
    session.flush()


def sweep(session: Session) -> None:
    """Empty SQLite's write-ahead log, where the erased pages still stand; call after the commit.

    It waits for whoever reads at the moment, at most as long as the database's busy timeout.
    """
    engine = session.get_bind().engine
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()  # a checkpoint cannot run inside a transaction
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def leave_tombstones(session: Session, now: datetime, key: bytes, before: Sequence[Former]) -> None:
    """Refuse everything to her address, and to former ones, unless they are another's by now.

    A backup may know her by a former address alone: she is erased there, too, once it is restored.
    """
    keys = {held.key for held in before} - {key}
    taken = sa.select(Subscriber.address_key).where(Subscriber.address_key.in_(keys))
    refusal = Refusal(Scope.everything, reason=ERASED)
    free = keys.difference(session.scalars(taken)) if keys else keys
    suppressions.suppress_all(session, now, dict.fromkeys([key, *sorted(free)], refusal))


def stop_sends(session: Session, copies: sa.ColumnElement[bool], now: datetime) -> None:
    """Exclude the person's copies that no relay has seen; what is on the wire keeps its state."""
    session.execute(
        sa.update(Delivery)
        .where(copies, Delivery.status.in_(NOT_BEGUN))
        .values(status=DeliveryStatus.excluded, reason=ERASED, finished_at=now)
    )


def blank(session: Session, subscriber: Subscriber, copies: sa.ColumnElement[bool]) -> None:
    """Blank what names the person in rows that must stay; relays like to quote the address."""
    session.execute(sa.update(Delivery).where(copies).values(email="", smtp_text=""))
    told = sa.update(Suppression).where(former.refusals(session, subscriber))
    session.execute(told.values(note=""))
    session.execute(
        sa.update(ConsentEvent)
        .where(former.decisions(session, subscriber))
        .values(evidence=None, evidence_salt=None)
    )
