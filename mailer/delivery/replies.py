"""What a relay's answer, or its silence, means for one person's copy."""

import re
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Protocol

from mailer.delivery.fence import Outcome
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.report_models import Cause
from mailer.delivery.smtp.reply import Lost, Refused, Reply

# How long a put-off copy waits after each try. The last try falls on the third day: one more
# would come later than 72 hours after the first, and then the news is old.
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
)
SPREAD = 0.2
RELAY_REST = timedelta(seconds=30)
# What meets nothing but trouble of the relay is given up after as long.
GIVE_UP = timedelta(hours=72)
CLOSING = 421
STORAGE = 452
THROTTLES = frozenset({CLOSING, 454})
REACHING = frozenset({"connect", "banner", "ehlo", "starttls", "auth"})
ABOUT_THE_SENDER = frozenset({"banner", "ehlo", "starttls", "auth", "mail", "data"})
PERMANENT = 500
FINAL = (DeliveryStatus.accepted, DeliveryStatus.refused)
REFUSED = "refused by the relay"
NO_ANSWER = "no answer after the final dot"
NEVER_TAKEN = "no relay took it in three days"
ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?![.\d])")
# RFC 3463 section 3.2: the mailbox, its domain or its spelling. 5.1.7 and 5.1.8 are the sender's.
NO_SUCH_PERSON = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})


class Tried(Protocol):
    """A copy, and how often it was put off before."""

    @property
    def delivery_id(self) -> int: ...

    @property
    def attempts(self) -> int: ...


def answered(
    one: Tried,
    reply: Reply,
    now: datetime,
    jitter: float = 0.0,
    since: datetime | None = None,
) -> Outcome:
    """Return the outcome of a definite answer: taken, to be tried again, refused or given up.

    ``since`` is when the campaign was let go, None where that is not known. ``jitter`` from -1 to
    1 spreads the waiting by a fifth, so that what was put off together does not come back together;
    ``spread`` gives one.
    """
    if reply.is_positive:
        return taken(one, reply)
    if is_throttle(reply):
        outcome = again(one, now, since)
    elif reply.code >= PERMANENT:
        outcome = Outcome(one.delivery_id, "", DeliveryStatus.refused, REFUSED)
    else:
        outcome = put_off(one, now, jitter)
    return outcome._replace(smtp_code=reply.code, smtp_text=reply.text)


def taken(one: Tried, reply: Reply) -> Outcome:
    """Return the outcome of a copy that the relay took."""
    return Outcome(one.delivery_id, reply.text, DeliveryStatus.accepted, "", reply.code)


def unanswered(
    one: Tried, loss: Lost | Refused, now: datetime, since: datetime | None = None
) -> Outcome:
    """Return the outcome of a lost connection.

    Before the final dot nothing was handed over, and it was not the reader's doing: she is next
    again, and no try is burnt. After it, nobody can say (RFC 1047).
    """
    if loss.phase == "dot":
        unknown = Outcome(one.delivery_id, "", DeliveryStatus.unknown, NO_ANSWER)
        return unknown._replace(cause=cause(loss))
    outcome = again(one, now, since)
    return outcome if loss.phase in REACHING else outcome._replace(smtp_text=str(loss))


def cause(loss: Lost | Refused) -> Cause:
    """Return which kind of silence followed the final dot, by what the line noted of its end."""
    if str(loss).startswith("dot: no answer in time"):
        return Cause.timeout
    unreadable = ("dot: the relay answered", "dot: the relay's answer")
    return Cause.garbage if str(loss).startswith(unreadable) else Cause.close


def again(one: Tried, now: datetime, since: datetime | None) -> Outcome:
    """Return the outcome of what was the relay's trouble: waiting as before, but not for ever."""
    if since is not None and now - since >= GIVE_UP:
        late = Outcome(one.delivery_id, "", DeliveryStatus.expired, NEVER_TAKEN)
        return late._replace(burnt=0)
    rested = now + RELAY_REST
    return Outcome(one.delivery_id, "", DeliveryStatus.pending, next_at=rested, burnt=0)


def put_off(one: Tried, now: datetime, jitter: float) -> Outcome:
    if one.attempts < len(BACKOFF):
        next_at = now + BACKOFF[one.attempts] * (1 + SPREAD * jitter)
        return Outcome(one.delivery_id, "", DeliveryStatus.deferred, next_at=next_at)
    return Outcome(one.delivery_id, "", DeliveryStatus.expired, "put off too often")


def spread(one: Tried) -> float:
    """Return a number from -1 to 1, the same each time for this try of this copy."""
    digest = blake2b(b"%d %d" % (one.delivery_id, one.attempts), digest_size=4).digest()
    return int.from_bytes(digest) / (2**31 - 0.5) - 1


def enhanced(reply: Reply) -> str:
    """Return the status code of RFC 3463 that a reply begins with, or nothing."""
    found = ENHANCED.match(reply.text)
    return found[1] if found else ""


def is_throttle(reply: Reply) -> bool:
    """Is this about our pace rather than this reader? Then we slow down before anything else.

    452 is both: 4.2.2 is her own full mailbox, the others a relay that has had enough.
    """
    is_full = reply.code == STORAGE and not enhanced(reply).startswith("4.2.")
    return reply.code in THROTTLES or is_full


def is_no_such_person(reply: Reply) -> bool:
    """Whether a final no says that there is no such mailbox: then she need not be tried again.

    Policy (5.7.x), a full mailbox (5.2.x) and bare codes say nothing of the kind.
    """
    return reply.code >= PERMANENT and enhanced(reply) in NO_SUCH_PERSON and reply.phase != "mail"


def is_about_the_sender(reply: Reply) -> bool:
    """Is this a final no to us rather than to one reader? Then the campaign must stop."""
    return reply.code >= PERMANENT and reply.phase in ABOUT_THE_SENDER
