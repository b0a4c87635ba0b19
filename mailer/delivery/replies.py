"""What a relay's answer, or its silence, means for one person's copy."""

from datetime import datetime, timedelta
from typing import Protocol

from mailer.delivery.fence import Outcome
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.smtp.reply import Lost, Refused, Reply

BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)
RELAY_REST = timedelta(seconds=30)
CLOSING = 421
REACHING = frozenset({"connect", "banner", "ehlo", "starttls", "auth"})
PERMANENT = 500
FINAL = frozenset({DeliveryStatus.accepted, DeliveryStatus.refused})
THROTTLING = frozenset({CLOSING, 454, 452})


class Tried(Protocol):
    """A copy, and how often it was put off before."""

    @property
    def delivery_id(self) -> int: ...

    @property
    def attempts(self) -> int: ...


def answered(one: Tried, reply: Reply, now: datetime) -> Outcome:
    """Return the outcome of a definite answer: taken, to be tried again, or refused."""
    if reply.is_positive:
        outcome = Outcome(one.delivery_id, reply.text, DeliveryStatus.accepted)
    elif reply.code == CLOSING:  # the relay's trouble, not this reader's
        outcome = not_now(one, now)
    elif reply.code >= PERMANENT:
        refused = DeliveryStatus.refused
        outcome = Outcome(one.delivery_id, reply.text, refused, "refused by the relay")
    else:
        outcome = put_off(one, now)
    return outcome._replace(smtp_code=reply.code, smtp_text=reply.text)


def unanswered(one: Tried, loss: Lost | Refused, now: datetime) -> Outcome:
    """Return the outcome of a lost connection: after the final dot, nobody can say (RFC 1047)."""
    if loss.phase == "dot":
        unknown = DeliveryStatus.unknown
        return Outcome(one.delivery_id, "", unknown, "no answer after the final dot")
    if loss.phase in REACHING:
        return not_now(one, now)
    return put_off(one, now)._replace(smtp_text=str(loss))


def not_now(one: Tried, now: datetime) -> Outcome:
    rested = now + RELAY_REST
    return Outcome(one.delivery_id, "", DeliveryStatus.pending, next_at=rested, burnt=0)


def put_off(one: Tried, now: datetime) -> Outcome:
    if one.attempts < len(BACKOFF):
        next_at = now + BACKOFF[one.attempts]
        return Outcome(one.delivery_id, "", DeliveryStatus.deferred, next_at=next_at)
    return Outcome(one.delivery_id, "", DeliveryStatus.refused, "put off too often")


def is_throttling(reply: Reply) -> bool:
    """Tell whether the relay asks for less at a time."""
    return reply.code in THROTTLING


def is_about_the_sender(reply: Reply) -> bool:
    """Is this a final no to us rather than to one reader? Then the campaign must stop."""
    return reply.code >= PERMANENT and reply.phase in {"mail", "data", "auth", "ehlo", "banner"}
