"""The mail for a reader who has lost hers: the link to her own page, and nothing of a visitor."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.audience.joining import limits
from mailer.audience.joining.models import AskedMail
from mailer.audience.models import MailingList, Sender, Subscriber, Subscription
from mailer.campaigns import rendering
from mailer.campaigns.rendering import Rendered
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.inputs import Dealing, Recipient, Relation
from mailer.delivery import approval, composing, signing
from mailer.delivery.approval import Unlawful
from mailer.delivery.composing import Envelope
from mailer.delivery.smtp import door
from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused
from mailer.links import Site

LOG = logging.getLogger(__name__)
FOLDER = Path(__file__).parents[2] / "templates/email/preference_link"
# Shorter than that of the links in mails which she kept herself: this one a stranger may cause.
LINK_LIFE = timedelta(hours=24)
RETRY = timedelta(minutes=1)
MOST_TRIES = 5
WHAT = "the page with your subscriptions"


def due(session: Session, site: Site, now: datetime) -> list[int]:
    """Return the links that may leave now, oldest first; the hour's budget holds for them too."""
    most = limits.room(session, now, site.confirmations_per_hour)
    chosen = sa.select(AskedMail.id).where(AskedMail.due_at <= now).order_by(AskedMail.due_at)
    return list(session.scalars(chosen.limit(most)))


def send(
    session: Session, site: Site, relay: Relay, asked_id: int, clock: Callable[[], datetime]
) -> bool:
    """Send one link that is owed; return whether it left. Commits as it goes.

    It is taken first, and comes due again by itself unless it left.
    """
    reader = take(session, site, asked_id, clock())
    sender = sender_of(session, reader) if reader is not None else None
    if reader is None or sender is None:
        session.commit()
        return False
    address, from_address = reader.email, sender.from_address
    case = candidate(session, site, sender, reader, asked_id, clock())
    session.commit()  # no transaction stays open while the relay answers
    try:
        letter = approval.approved(case)
        left = door.send(relay, site.host, from_address, address, letter).is_positive
    except Unlawful as error:
        LOG.warning("The mail with a link to a reader's page cannot leave: %s", error)
        return False
    except (Lost, Refused):
        return False
    if left:
        mine = sa.update(AskedMail).where(AskedMail.id == asked_id).values(due_at=None)
        session.execute(mine.execution_options(synchronize_session=False))
        session.commit()
    return left


def take(session: Session, site: Site, asked_id: int, now: datetime) -> Subscriber | None:
    """Take the link that a reader is owed, or None when there is none that may leave now."""
    asked = session.get(AskedMail, asked_id, with_for_update=True, populate_existing=True)
    if asked is None or asked.due_at is None or asked.due_at > now:
        return None
    if not limits.leaves(session, now, site.confirmations_per_hour):
        return None
    asked.tries += 1
    asked.due_at = now + RETRY * 2**asked.tries if asked.tries < MOST_TRIES else None
    session.flush()
    return session.get(Subscriber, asked.subscriber_id)


def sender_of(session: Session, reader: Subscriber) -> Sender | None:
    """Return the sender of the list that she joined last: it is known to her."""
    return session.scalar(
        sa.select(Sender)
        .join(MailingList, MailingList.sender_id == Sender.id)
        .join(Subscription, Subscription.list_id == MailingList.id)
        .where(Subscription.subscriber_id == reader.id)
        .order_by(Subscription.id.desc())
        .limit(1)
    )


def candidate(
    session: Session, site: Site, sender: Sender, reader: Subscriber, number: int, now: datetime
) -> Candidate:
    """Return the signed mail as the gate is shown it: about what the reader asked for."""
    domain = sender.from_address.rpartition("@")[2]
    envelope = Envelope(
        from_name=sender.from_name,
        from_address=sender.from_address,
        reply_to=sender.reply_to,
        to=reader.email,
        message_id=composing.message_id(site.keys, domain, 0, number, 0),
        date=now,
    )
    words = rendered(site, sender, reader, now + LINK_LIFE)
    signers = signing.signers(session, site.keys, sender)
    return Candidate(
        raw=signing.signed(composing.composed(envelope, words), signers),
        sender=senders.record(sender),
        unsubscribe_url=None,
        today=now.date(),
        kind=Kind.transactional,
        development=site.development,
        dealing=Dealing(Relation.account, WHAT),
        recipient=Recipient(reader.email),
    )


def rendered(site: Site, sender: Sender, reader: Subscriber, expires: datetime) -> Rendered:
    variables: dict[str, object] = {
        "sender": {"legal_name": sender.legal_name},
        "preferences_url": site.preferences(reader.id, reader.address_key, expires),
        "expires": f"{expires:%d %B %Y, %H:%M} UTC",
    }
    return rendering.of_our_own(FOLDER, variables, senders.record(sender).block())
