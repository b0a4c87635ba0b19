"""What a relay's answer, or its silence, means for one person's copy."""

from dataclasses import replace
from datetime import datetime, timedelta

from mailer.delivery.claims import Claim
from mailer.delivery.fence import Outcome
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.report_models import Cause
from mailer.delivery.smtp import Lost, Reply

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


def answered(one: Claim, reply: Reply, now: datetime) -> Outcome:
    """Return the outcome of a definite answer: taken, to be tried again, or refused."""
    if reply.is_positive:
        outcome = Outcome(one, DeliveryStatus.accepted, now)
    elif reply.code == CLOSING:  # the relay's trouble, not this reader's
        outcome = Outcome(one, DeliveryStatus.pending, now, next_at=now + RELAY_REST, burnt=0)
    elif reply.code >= PERMANENT:
        outcome = Outcome(one, DeliveryStatus.refused, now, reason="refused by the relay")
    else:
        outcome = put_off(one, now)
    return replace(outcome, smtp_code=reply.code, smtp_text=reply.text)


def unanswered(one: Claim, loss: Lost, now: datetime) -> Outcome:
    """Return the outcome of a lost connection: after the final dot, nobody can say (RFC 1047)."""
    if loss.phase == "dot":
        reason = "no answer after the final dot"
        return Outcome(one, DeliveryStatus.unknown, now, reason=reason, cause=cause(loss))
    if loss.phase in REACHING:
        return Outcome(one, DeliveryStatus.pending, now, next_at=now + RELAY_REST, burnt=0)
    return replace(put_off(one, now), smtp_text=str(loss))


def cause(loss: Lost) -> Cause:
    """Return which kind of silence followed the final dot, by what the line noted of its end."""
    if loss.why.startswith("no answer within"):
        return Cause.timeout
    unreadable = ("the relay answered", "the relay's answer")
    return Cause.garbage if loss.why.startswith(unreadable) else Cause.close


def put_off(one: Claim, now: datetime) -> Outcome:
    if one.attempts < len(BACKOFF):
        next_at = now + BACKOFF[one.attempts]
        return Outcome(one, DeliveryStatus.deferred, now, next_at=next_at)
    return Outcome(one, DeliveryStatus.refused, now, reason="put off too often")


def is_about_the_sender(reply: Reply) -> bool:
    """Is this a final no to us rather than to one reader? Then the campaign must stop."""
    return reply.code >= PERMANENT and reply.phase in {"mail", "data", "auth", "ehlo", "banner"}
