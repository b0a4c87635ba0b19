"""May this reader be mailed? One truth, asked when an audience is frozen and at each hand-off."""

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from mailer.audience.models import MailingList, Subscriber, Subscription, Suppression
from mailer.audience.words import Scope, SubscriberStatus, SubscriptionStatus

SUPPRESSED = ("unsubscribed", "suppressed", "blocklisted")
MAILABLE = ""
EXPIRED = "consent expired"
RESTRICTED = "restricted"


def refusal() -> ColumnElement[str]:
    """Return the reason why a reader must not be mailed, or MAILABLE, as an SQL expression.

    For use in a statement over Subscriber joined with Subscription and MailingList. The order
    is that of weight: a reader's own word comes before what is merely missing.
    """
    return sa.case(
        (Subscriber.status == SubscriberStatus.blocklisted, "blocklisted"),
        (Subscription.status == SubscriptionStatus.unsubscribed, "unsubscribed"),
        (is_suppressed(), "suppressed"),
        (Subscriber.restricted_at.is_not(None), RESTRICTED),
        (Subscriber.status == SubscriberStatus.disabled, "disabled"),
        (Subscription.status == SubscriptionStatus.unconfirmed, "unconfirmed"),
        (Subscriber.paused_until.is_not(None), "paused"),
        (Subscription.consent_expired_at.is_not(None), EXPIRED),
        else_=MAILABLE,
    )


def is_suppressed() -> ColumnElement[bool]:
    """Ask, in SQL, for a refusal in force: of the list, its sender, everything, or the domain."""
    return (
        sa.select(Suppression.id)
        .where(
            Suppression.address_key.in_([Subscriber.address_key, Subscriber.domain_key]),
            Suppression.lifted_at.is_(None),
            sa.or_(
                Suppression.scope.in_([Scope.everything, Scope.domain]),
                sa.and_(
                    Suppression.scope == Scope.sender,
                    Suppression.scope_id == MailingList.sender_id,
                ),
                sa.and_(Suppression.scope == Scope.list, Suppression.scope_id == MailingList.id),
            ),
        )
        .correlate(Subscriber, MailingList)
        .exists()
    )
