"""What a letter changes: refusals that hold at once, and what a bounce settles."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import consent, departures, enrolment, suppressions
from mailer.audience.consent import Evidence
from mailer.audience.models import Subscriber
from mailer.audience.suppressions import Refusal
from mailer.audience.words import ConsentAction, ConsentMethod, Scope
from mailer.delivery import news
from mailer.delivery.news import Event, Told
from mailer.privacy.letters.models import Letter
from mailer.privacy.letters.reading import Read
from mailer.privacy.letters.whose import Target, Whose
from mailer.tokens import Keys

MAIL = "mail"
COMPLAINT = "complaint"
# RFC 3464 section 2.3.3; all but a failure prove that the copy went on.
ARRIVED = frozenset({"delivered", "relayed", "expanded"})


def refuse(
    session: Session,
    now: datetime,
    whose: Whose,
    proof: Evidence,
    reason: str = suppressions.UNSUBSCRIBED,
) -> int:
    """Put in force that these people get no more mail of these senders; of all, if none is told.

    Returns for how many of them something was left to do. Takes a reader off every list that it
    reaches, and writes down what she decided. The caller commits.
    """
    reaches = [(Scope.sender, number) for number in whose.senders] or [(Scope.everything, 0)]
    changed = 0
    for target in sorted(whose.targets, key=lambda one: one.key):
        done = [
            keep_off(session, now, target, Refusal(scope, number, reason), proof)
            for scope, number in reaches
        ]
        changed += any(done)
    return changed


def keep_off(
    session: Session, now: datetime, target: Target, refusal: Refusal, proof: Evidence
) -> bool:
    reader = known(session, target)
    key = reader.address_key if reader is not None else target.key
    refusal = Refusal(
        refusal.scope, refusal.scope_id, refusal.reason, delivery_id=target.delivery_id
    )
    is_new = suppressions.suppress(session, now, key, refusal) is not None
    has_left = reader is not None and bool(
        departures.leave(session, now, [reader.id], refusal.scope, refusal.scope_id)
    )
    if is_new or has_left:
        decision = consent.of_reach(
            ConsentAction.unsubscribed,
            ConsentMethod.mail,
            refusal.scope,
            refusal.scope_id,
            refusal.delivery_id,
        )
        consent.record(session, now, key, decision, proof)
    return is_new or has_left


def known(session: Session, target: Target) -> Subscriber | None:
    """Return the reader, locked; None where only a fingerprint is left of her."""
    number = target.subscriber_id
    if number is None:
        chosen = sa.select(Subscriber.id).where(Subscriber.address_key == target.key)
        number = session.scalar(chosen)
    return enrolment.locked(session, number) if number is not None else None


def proof_of(letter: Letter, read: Read, actor: str = "") -> Evidence:
    """Return what the consent ledger keeps of a letter: which it was, and when it came."""
    came = f"{letter.received_at:%Y-%m-%dT%H:%M:%SZ}"
    form = f"letter {letter.id} of {came}"
    return Evidence(source=MAIL, form=form, message_id=read.message_id, actor=actor)


def settle(session: Session, keys: Keys, read: Read, now: datetime) -> int:
    """Tell of copies that a bounce is about, as a relay's own news do; return how many changed.

    Nobody is suppressed for it. The caller commits.
    """
    report = read.report
    if report is None:
        return 0
    event = Event.delivered if report.action in ARRIVED else Event.bounced
    # A final code of a delay would be no final news (RFC 3464 section 2.3.3).
    code, status = (report.code, report.status) if report.action == "failed" else (0, "")
    text = " ".join(filter(None, (status, report.text)))
    return news.take(session, keys, [Told(name, event, code, text) for name in read.names], now)
