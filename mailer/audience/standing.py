"""May this reader be mailed? One truth, asked when an audience is frozen and at each hand-off."""

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from mailer.audience.models import MailingList, Subscriber, Subscription, Suppression
from mailer.audience.words import Scope, SubscriberStatus, SubscriptionStatus

SUPPRESSED = ("unsubscribed", "suppressed", "blocklisted")
MAILABLE = ""
# What keeps even a notice of an incident from her: it stands against her mailbox or her data.
BARRING = ("erased", "blocked", "invalid")
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


def refusal_of_notice() -> ColumnElement[str]:
    """Return why a reader must not even be told of an incident that affected her, or MAILABLE.

    The law wants her told whatever mail she refused (Art. 34 GDPR); in place of ``refusal``, and
    for nothing but that.
    """
    return sa.case(
        (Subscriber.status == SubscriberStatus.blocklisted, "blocklisted"),
        (is_suppressed(Suppression.reason.in_(BARRING)), "suppressed"),
        (Subscriber.restricted_at.is_not(None), RESTRICTED),
        (Subscriber.status == SubscriberStatus.disabled, "disabled"),
        else_=MAILABLE,
    )


def of(*, is_notice: bool) -> ColumnElement[str]:
    """Return the refusal that counts for a campaign: a notice of an incident, or any other."""
    return refusal_of_notice() if is_notice else refusal()


def is_suppressed(*further: ColumnElement[bool]) -> ColumnElement[bool]:
    """Ask, in SQL, for a refusal in force: of the list, its sender, everything, or the domain.

    ``further`` conditions narrow which refusals count.
    """
    return (
        sa.select(Suppression.id)
        .where(
            Suppression.address_key.in_([Subscriber.address_key, Subscriber.domain_key]),
            Suppression.lifted_at.is_(None),
            *further,
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
