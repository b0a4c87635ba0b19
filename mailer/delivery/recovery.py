"""What a killed process's journal tells, written into the ledger."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.delivery import claims, fence, replies, unknowns
from mailer.delivery.claims import ENDED
from mailer.delivery.fence import Outcome
from mailer.delivery.journal import COMPOSING, MARKED, NOTHING, RELEASED, Journal
from mailer.delivery.models import Delivery, DeliveryStatus, Portion
from mailer.delivery.report_models import Resolution
from mailer.delivery.smtp.reply import Reply

# A copy whose composing has ended this many processes is not tried again.
MOST_CRASHES = 3
POISON = "ended the sending process each time"
FROM_JOURNAL = "told by the journal"


class Tried(NamedTuple):
    """A copy, and how often it was put off before."""

    delivery_id: int
    attempts: int


def recover(session: Session, journal: Journal, now: datetime) -> None:
    """Settle what a journal's process had marked, and free its portion; the caller commits.

    What had not left waits again, what was answered has its answer, and only what was on its way
    at that moment is unknown: one for each connection. After a power cut the journal cannot be
    trusted to be whole: then all that was marked is unknown.
    """
    is_held = is_freed(session, journal, now)
    marked = unsettled(session, journal, is_held=is_held)
    if not journal.is_of_this_boot:
        lost = set(marked)
    else:
        lost = marked.keys() & set(journal.told(RELEASED))
        composing = journal.told(COMPOSING)
        # Who is unknown by the reaper, and of whom the journal says nothing, may be so from before.
        silent = journal.told(NOTHING) if is_held else []
        unsent = marked.keys() & {*silent, *journal.told(MARKED), *composing}
        answers = [(one, code) for one, code in journal.answers() if one in marked]
        fence.settle(session, [fence.put_back(one) for one in unsent], now)
        fence.settle(session, [answered(one, marked[one], code, now) for one, code in answers], now)
        suspect(session, composing, now)
        unknowns.close(session, [*unsent, *dict(answers)], Resolution.journal, now)
    unknown = [fence.without_words(one, DeliveryStatus.unknown, ENDED) for one in lost]
    fence.settle(session, unknown, now)


def is_freed(session: Session, journal: Journal, now: datetime) -> bool:
    """Free the journal's portion, unless it was reaped already; tell whether it was still held."""
    return (
        session.execute(
            sa.update(Portion)
            .where(Portion.id == journal.hold.portion_id, Portion.lease == journal.hold.lease)
            .values(lease=None, lease_until=None, next_at=now)
            .returning(Portion.id)
            .execution_options(synchronize_session=False)
        ).scalar()
        is not None
    )


def unsettled(session: Session, journal: Journal, *, is_held: bool) -> dict[int, int]:
    """Return the attempts of each delivery that the process marked and did not settle.

    Once its portion was reaped, what is on the wire there is somebody else's.
    """
    status = Delivery.status
    reaped = sa.and_(status == DeliveryStatus.unknown, Delivery.reason == ENDED)
    mine = status == DeliveryStatus.sending if is_held else reaped
    chosen = sa.select(Delivery.id, Delivery.attempts).where(*claims.IN_PORTION, mine)
    found = session.execute(chosen, claims.within(journal.hold))
    return dict(iter(found))


def answered(delivery_id: int, attempts: int, code: int, now: datetime) -> Outcome:
    one = Tried(delivery_id, attempts)
    return replies.answered(one, Reply("dot", code, FROM_JOURNAL), now)


def suspect(session: Session, ids: list[int], now: datetime) -> None:
    """Count a crash against whose copy was being made; after MOST_CRASHES leave her out."""
    session.execute(
        sa.update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.status.in_(claims.WAITING))
        .values(crashes=Delivery.crashes + 1)
        .execution_options(synchronize_session=False)
    )
    poison = sa.select(Delivery.id).where(Delivery.id.in_(ids), Delivery.crashes >= MOST_CRASHES)
    outcomes = [
        fence.without_words(one, DeliveryStatus.excluded, POISON) for one in session.scalars(poison)
    ]
    fence.settle(session, outcomes, now, claims.WAITING)
