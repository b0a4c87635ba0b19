"""How many readers a condition finds, and what speaks against mailing them."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.words import ListStatus
from mailer.delivery.segmenting import Test

ON_NO_LIST = "on no list"
# Beyond so many people, reasons are asked of about as many of them, spread over all.
SAMPLE = 5_000
SLICES = 50
# Beyond so many readers, what is counted over all of them takes longer than a page should.
CROWD = 50_000
# A reader on several lists is told of by the list that is nearest to mailing her.
NEAREST = ("", "unconfirmed", "disabled", "suppressed", "unsubscribed", "blocklisted")


@dataclass(frozen=True)
class Reach:
    """People found: all of them, exactly, and by what keeps mail from them.

    ``reasons`` has MAILABLE for those whom some list may mail. Where ``is_sample`` they are
    counted over a part, and scaled up.
    """

    people: int
    reasons: dict[str, int]
    is_sample: bool = False


def count(session: Session, test: Test) -> int:
    found = sa.select(sa.func.count()).select_from(Subscriber).where(test)
    return session.scalar(found) or 0


def reach(session: Session, test: Test) -> Reach:
    """Count whom a condition finds; the counts by reason add up to about as many."""
    people = count(session, test)
    if people <= SAMPLE:
        return Reach(people, reasons(session, test))
    some = reasons(session, sa.and_(sliced(session, SAMPLE / people), test))
    share = people / max(1, sum(some.values()))
    scaled = {reason: round(number * share) for reason, number in some.items()}
    return Reach(people, scaled, is_sample=True)


def is_crowd(session: Session) -> bool:
    """Tell whether there are, or were, more than CROWD readers; asks for the newest one alone."""
    return newest(session) > CROWD


def newest(session: Session) -> int:
    return session.scalar(sa.select(sa.func.max(Subscriber.id))) or 0


def sliced(session: Session, share: float) -> Test:
    """Return the condition of being in one of SLICES runs of readers, spread over all of them.

    Runs are read from their beginning, and no other reader is.
    """
    width = newest(session) / SLICES
    edges = [round(number * width) for number in range(SLICES)]
    return sa.or_(*(Subscriber.id.between(at + 1, at + round(width * share)) for at in edges))


def reasons(session: Session, test: Test) -> dict[str, int]:
    """Return how many people each reason keeps out of all lists in use."""
    refusal = standing.refusal()
    ranks = {reason: str(rank) for rank, reason in enumerate(NEAREST)}
    ranked = sa.case(ranks, value=refusal, else_="9").concat(refusal)
    nearest = sa.func.min(sa.case((MailingList.id.is_not(None), ranked)))
    in_use = sa.and_(
        MailingList.id == Subscription.list_id, MailingList.status == ListStatus.active
    )
    each = (
        sa.select(nearest.label("nearest"))
        .select_from(Subscriber)
        .outerjoin(Subscription, Subscription.subscriber_id == Subscriber.id)
        .outerjoin(MailingList, in_use)
        .where(test)
        .group_by(Subscriber.id)
        .subquery()
    )
    counted = sa.select(each.c.nearest, sa.func.count()).group_by(each.c.nearest)
    found = session.execute(counted.order_by(each.c.nearest))
    return {ON_NO_LIST if one is None else one[1:]: number for one, number in found}
