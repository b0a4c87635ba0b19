"""A canary: a reader who leaves on trial, and of whom nothing is left when she has left.

Her link is like any reader's: signed with the same key for the same purpose, answered by the same
route, form and page, and it takes her off by the same function. Only her row is not there all the
time: the moment somebody presses, she is put on every list of the sender inside a savepoint, is
taken off as anybody would be, is asked about as the audience of a campaign is asked about, and
then the savepoint is rolled back. So she is in no count, export or segment at any time, nobody can
mail her, and neither the consent ledger, which holds people's decisions and none of ours, nor
erasure ever meets her. What remains is one number in the trial's own row.

In a link, reader 0 of delivery N is the canary of trial N; reader and delivery 0 is a sample.
"""

import secrets
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing, subscriptions
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.subscriptions import OptOut, Wish
from mailer.audience.words import SubscriptionStatus
from mailer.compliance.opt_out_page import CANARY
from mailer.delivery.models import OptOutTrialRow


def unsubscribe(session: Session, now: datetime, wish: Wish) -> None:
    """Take a canary off as ``subscriptions.unsubscribe_all`` takes off readers.

    The delivery in her wish is the number of her trial; an unknown one is a success as well.
    """
    trial = session.get(OptOutTrialRow, wish.opt_out.delivery_id, with_for_update=True)
    mailing_list = session.get(MailingList, wish.opt_out.list_id)
    if trial is None or mailing_list is None:
        return
    with session.begin_nested() as savepoint:
        canary = placed(session, now, mailing_list)
        her_own = OptOut(mailing_list.id, canary.id, scope=wish.opt_out.scope)
        subscriptions.unsubscribe_all(session, now, [replace(wish, opt_out=her_own)])
        left = lists_left(session, canary.id)
        savepoint.rollback()
    trial.lists_left = left


def placed(session: Session, now: datetime, mailing_list: MailingList) -> Subscriber:
    """Put a canary on every list of a list's sender, confirmed."""
    canary = Subscriber(
        email=CANARY, address_key=secrets.token_bytes(32), created_at=now, updated_at=now
    )
    lists = sa.select(MailingList.id).where(MailingList.sender_id == mailing_list.sender_id)
    canary.subscriptions = [
        Subscription(
            list_id=list_id,
            status=SubscriptionStatus.confirmed,
            created_at=now,
            confirmed_at=now,
        )
        for list_id in session.scalars(lists)
    ]
    session.add(canary)
    session.flush()
    return canary


def lists_left(session: Session, canary_id: int) -> int:
    """Count the lists on which a canary may not be mailed any more."""
    session.flush()
    barred = (
        sa.select(sa.func.count())
        .select_from(Subscription)
        .join(Subscriber, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, Subscription.list_id == MailingList.id)
        .where(Subscriber.id == canary_id, standing.refusal() != standing.MAILABLE)
    )
    return session.scalar(barred) or 0
