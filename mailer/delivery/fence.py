"""The fence before the final dot, in groups, and what became of each claim after it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.compliance.candidate import Kind
from mailer.delivery import claims, told, unknowns
from mailer.delivery.claims import WAITING, Hold
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause

# What an outcome may follow: the fence's mark, or what the reaper made of it meanwhile. A relay's
# definite word about a copy is the truth whoever holds her portion now.
ON_THE_WIRE = (DeliveryStatus.sending, DeliveryStatus.unknown)
MOVED = "corrected her address"
# What a copy can be that the holder of its portion has not let go of.
NOT_RELEASED = (*WAITING, DeliveryStatus.sending)


class Outcome(NamedTuple):
    """What became of one copy. ``next_at`` is set for what is to be tried again.

    ``burnt`` is how many of the reader's attempts it cost: none when the trouble was not hers.
    ``cause`` and ``relay`` tell of what became unknown.
    """

    delivery_id: int
    smtp_text: str
    status: DeliveryStatus
    reason: str = ""
    smtp_code: int | None = None
    next_at: datetime | None = None
    burnt: int = 1
    cause: Cause = Cause.crash
    relay: str = ""


def without_words(delivery_id: int, status: DeliveryStatus, reason: str = "") -> Outcome:
    """Return an outcome that no relay had a part in; it costs no attempt."""
    return Outcome(delivery_id, "", status, reason, burnt=0)


def passed(session: Session, hold: Hold, ids: Collection[int], now: datetime) -> set[int]:
    """Mark those of a portion's people who may be mailed as on the wire, and return them.

    The last question before the dot: is the lease still ours, is the campaign running, has
    nothing spoken against the reader? Who is marked already, by us, is asked anew. Who is barred
    gets her outcome. The caller commits before a dot leaves.
    """
    if not claims.is_renewed(session, hold, now):
        return set()
    campaign = told.run(session, asking(), {"campaign": hold.campaign_id}).one_or_none()
    if campaign is None or campaign.status is not CampaignStatus.running:
        settle(session, [put_back(one) for one in ids], now, NOT_RELEASED)
        return set()
    is_notice = campaign.incident_id is not None and campaign.kind is Kind.service
    given = told.these(ids) | {"this_moment": now}
    asked, mark = set(ids), marking(told.dialect(session), is_notice=is_notice)
    if told.run(session, mark, given).rowcount == len(asked):
        return asked
    # Rare: who is it that was held back? The same question again marks nobody else.
    through = set(told.run(session, mark.returning(Delivery.id), given).scalars())
    settle(session, judged(session, asked - through, is_notice=is_notice), now, NOT_RELEASED)
    return through


def is_running(session: Session, campaign_id: int) -> bool:
    found = told.run(session, asking(), {"campaign": campaign_id}).one_or_none()
    return found is not None and found.status is CampaignStatus.running


@cache
def asking() -> sa.Select[CampaignStatus, int | None, Kind]:
    chosen = sa.select(Campaign.status, Campaign.incident_id, Campaign.kind)
    return chosen.where(Campaign.id == sa.bindparam("campaign"))


def put_back(delivery_id: int) -> Outcome:
    return without_words(delivery_id, DeliveryStatus.pending)


@cache
def marking(dialect: str, *, is_notice: bool) -> sa.Update:
    return (
        sa.update(Delivery)
        .where(
            Delivery.id.in_(told.ids(dialect)),
            Delivery.status.in_(NOT_RELEASED),
            may_be_mailed(is_notice=is_notice),
        )
        .values(
            status=DeliveryStatus.sending,
            sending_at=sa.bindparam("this_moment", type_=Delivery.next_at.type),
        )
    )


def may_be_mailed(*, is_notice: bool = False) -> sa.ColumnElement[bool]:
    return (
        sa.select(Subscriber.id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, Subscription.list_id == MailingList.id)
        .where(
            Subscriber.id == Delivery.subscriber_id,
            # A copy is addressed to where she was when the audience was frozen.
            Subscriber.address_key == Delivery.address_key,
            MailingList.id == Delivery.list_id,
            standing.of(is_notice=is_notice) == standing.MAILABLE,
        )
        .correlate(Delivery)
        .exists()
    )


def judged(session: Session, ids: Iterable[int], *, is_notice: bool = False) -> list[Outcome]:
    """Return what becomes of people whom the fence held back; nothing of whom all may mail."""
    is_gone = sa.or_(Subscriber.id.is_(None), Subscription.id.is_(None))
    has_moved = Subscriber.address_key != Delivery.address_key
    reason = sa.case(
        (is_gone, "erased"), (has_moved, MOVED), else_=standing.of(is_notice=is_notice)
    )
    found = session.execute(
        sa.select(Delivery.id, reason)
        .join(MailingList, MailingList.id == Delivery.list_id)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .outerjoin(
            Subscription,
            sa.and_(
                Subscription.subscriber_id == Subscriber.id,
                Subscription.list_id == MailingList.id,
            ),
        )
        .where(Delivery.id.in_(list(ids)))
    )
    return [barred(one, reason) for one, reason in found if reason != standing.MAILABLE]


def barred(delivery_id: int, reason: str) -> Outcome:
    left = reason in standing.SUPPRESSED
    status = DeliveryStatus.suppressed if left else DeliveryStatus.excluded
    return without_words(delivery_id, status, reason)


def settle(
    session: Session,
    outcomes: Iterable[Outcome],
    now: datetime,
    after: tuple[DeliveryStatus, ...] = ON_THE_WIRE,
) -> None:
    """Write what became of copies whose state is one of ``after``; the caller commits.

    Outcomes that differ in nothing but the relay's words are written by one statement.
    """
    alike: defaultdict[tuple[Any, ...], list[tuple[int, str]]] = defaultdict(list)
    kind: tuple[Any, ...] = ()
    some: list[tuple[int, str]] = []
    for outcome in outcomes:
        if outcome[2:] != kind:  # mostly it is that of the one before
            kind = outcome[2:]
            some = alike[kind]
        some.append((outcome.delivery_id, outcome.smtp_text[:200]))
    for (status, reason, code, next_at, burnt, cause, relay), some in alike.items():
        given = {
            "its_status": status,
            "its_reason": reason,
            "its_code": code,
            "its_attempts": burnt,
            "its_next": next_at or now,
            "its_end": None if status in WAITING else now,
        }
        statement = settling(told.dialect(session), after)
        told.run(session, statement, given | told.texts(some))
        if status is DeliveryStatus.unknown:
            unknowns.note(session, [one for one, _ in some], cause, now, relay)


@cache
def settling(dialect: str, after: tuple[DeliveryStatus, ...]) -> sa.UpdateBase:
    # Who was erased meanwhile has no address left: she is not tried again, and the relay's
    # words, which may quote it, are not kept.
    is_erased = Delivery.email == ""
    status = sa.bindparam("its_status", type_=Delivery.status.type)
    rows = told.rows(dialect)
    return (
        sa.update(Delivery)
        .where(Delivery.id == rows.c.id, Delivery.status.in_(after))
        .values(
            status=sa.case(
                (is_erased & status.in_(WAITING), DeliveryStatus.excluded), else_=status
            ),
            reason=sa.bindparam("its_reason"),
            smtp_code=sa.bindparam("its_code", type_=sa.Integer),
            smtp_text=sa.case((is_erased, ""), else_=rows.c.text),
            attempts=Delivery.attempts + sa.bindparam("its_attempts", type_=sa.Integer),
            next_at=sa.bindparam("its_next", type_=Delivery.next_at.type),
            finished_at=sa.bindparam("its_end", type_=Delivery.next_at.type),
        )
    )
