"""The fence before the final dot, and what became of each claim after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import unknowns
from mailer.delivery.claims import WAITING, Claim
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause


@dataclass(frozen=True)
class Outcome:
    """What became of a claim. ``next_at`` is set for what is to be tried again.

    ``burnt`` is how many of the reader's attempts it cost: none when the trouble was not hers.
    ``cause`` and ``relay`` are told of what became unknown.
    """

    claim: Claim
    status: DeliveryStatus
    at: datetime
    reason: str = ""
    smtp_code: int | None = None
    smtp_text: str = ""
    next_at: datetime | None = None
    burnt: int = 1
    cause: Cause = Cause.close
    relay: str = ""


def passes(session: Session, one: Claim, now: datetime) -> bool:
    """Mark a claim as sending, if it still may be sent: the last question before the dot.

    One statement asks for the lease, the campaign's state, and the reader's standing. The caller
    commits before the dot leaves; False means that it must not leave.
    """
    given = {
        "one": one.delivery_id,
        "its_lease": one.lease,
        "its_reader": one.subscriber_id,
        "its_list": one.list_id,
        "this_moment": now,
    }
    return session.execute(fencing(), given).scalar() is not None


@cache  # building a statement costs more than running it
def fencing() -> sa.UpdateBase:
    may_be_mailed = (
        sa.select(Subscriber.id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, Subscription.list_id == MailingList.id)
        .where(
            Subscriber.id == sa.bindparam("its_reader"),
            MailingList.id == sa.bindparam("its_list"),
            standing.refusal() == standing.MAILABLE,
        )
        .exists()
    )
    is_running = (
        sa.select(Campaign.id)
        .where(Campaign.id == Delivery.campaign_id, Campaign.status == CampaignStatus.running)
        .exists()
    )
    return (
        sa.update(Delivery)
        .where(
            Delivery.id == sa.bindparam("one"),
            Delivery.status == DeliveryStatus.claimed,
            Delivery.lease == sa.bindparam("its_lease"),
            Delivery.lease_until > sa.bindparam("this_moment", type_=Delivery.next_at.type),
            is_running,
            may_be_mailed,
        )
        .values(
            status=DeliveryStatus.sending,
            sending_at=sa.bindparam("this_moment", type_=Delivery.next_at.type),
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )


def settle(session: Session, outcomes: Iterable[Outcome]) -> None:
    """Write what became of claims; the caller commits."""
    for outcome in outcomes:
        given = {
            "one": outcome.claim.delivery_id,
            "its_lease": outcome.claim.lease,
            "its_status": outcome.status,
            "its_reason": outcome.reason,
            "its_code": outcome.smtp_code,
            "its_text": outcome.smtp_text[:200],
            "its_attempts": outcome.claim.attempts + outcome.burnt,
            "its_next": outcome.next_at or outcome.at,
            "its_end": None if outcome.next_at else outcome.at,
        }
        session.execute(settling(), given)
        if outcome.status is DeliveryStatus.unknown:
            these = [outcome.claim.delivery_id]
            unknowns.note(session, these, outcome.cause, outcome.at, outcome.relay)


@cache
def settling() -> sa.UpdateBase:
    # Who was erased meanwhile has no address left: she is not tried again, and the relay's
    # words, which may quote it, are not kept.
    is_erased = Delivery.email == ""
    status = sa.bindparam("its_status", type_=Delivery.status.type)
    again = status.in_(WAITING)
    return (
        sa.update(Delivery)
        .where(
            Delivery.id == sa.bindparam("one"),
            Delivery.lease == sa.bindparam("its_lease"),
        )
        .values(
            status=sa.case((is_erased & again, DeliveryStatus.excluded), else_=status),
            reason=sa.bindparam("its_reason"),
            smtp_code=sa.bindparam("its_code", type_=sa.Integer),
            smtp_text=sa.case((is_erased, ""), else_=sa.bindparam("its_text")),
            attempts=sa.bindparam("its_attempts"),
            next_at=sa.bindparam("its_next", type_=Delivery.next_at.type),
            finished_at=sa.bindparam("its_end", type_=Delivery.next_at.type),
            lease=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )


def barred(session: Session, one: Claim, now: datetime) -> Outcome:
    """Return what becomes of a claim that the fence held back."""
    refusal = session.scalar(
        sa.select(standing.refusal())
        .select_from(Subscriber)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, Subscription.list_id == MailingList.id)
        .where(Subscriber.id == one.subscriber_id, MailingList.id == one.list_id)
    )
    if refusal == standing.MAILABLE:  # the campaign was paused or cancelled, or the lease is over
        return Outcome(one, DeliveryStatus.pending, now, next_at=now, burnt=0)
    reason = refusal or "erased"
    left = reason in standing.SUPPRESSED
    status = DeliveryStatus.suppressed if left else DeliveryStatus.excluded
    return Outcome(one, status, now, reason=reason, burnt=0)
