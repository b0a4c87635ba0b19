"""A person's word that she wants no mail: it holds at once, whoever brought it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import subscriptions, suppressions
from mailer.audience.consent import Evidence
from mailer.audience.models import Subscription
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressions import Refusal
from mailer.audience.words import ConsentMethod, Scope
from mailer.privacy import restriction


def stop_mail(
    session: Session, now: datetime, key: bytes, method: ConsentMethod, proof: Evidence
) -> bool:
    """Keep all mail from a person from now on; False when she had said so before.

    ``method`` and ``proof`` tell the consent ledger by which way her word came.
    """
    made = suppressions.suppress(
        session, now, key, Refusal(Scope.everything, reason=suppressions.OBJECTED)
    )
    reader = restriction.of_key(session, key)
    place = sa.select(Subscription.list_id).where(Subscription.subscriber_id == reader)
    list_id = session.scalar(place.order_by(Subscription.id).limit(1))
    if reader is not None and list_id is not None:
        opt_out = OptOut(list_id, reader, scope=Scope.everything)
        subscriptions.unsubscribe(session, now, opt_out, method, proof)
    return made is not None
