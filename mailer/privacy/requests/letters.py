"""The mail with the link that proves a mailbox: nothing in it was written by a visitor."""

from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.audience.joining import limits
from mailer.audience.models import Sender, Subscriber
from mailer.campaigns import rendering
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.inputs import Dealing, Recipient, Relation
from mailer.delivery import approval, composing, preference_links, signing
from mailer.delivery.approval import Unlawful
from mailer.delivery.composing import Envelope
from mailer.delivery.reply_probes import Letter, Outcome
from mailer.links import Site
from mailer.privacy.requests.models import Challenge

FOLDER = Path(__file__).parents[3] / "templates/email/challenge"
RETRY = timedelta(minutes=1)
MOST_TRIES = 8  # each waits twice as long as the one before: about 4 hours in all
WHAT = "the page with your data"
SERIAL = 2  # tells its Message-ID from that of another mail with the same number


def due(session: Session, site: Site, now: datetime) -> list[int]:
    """Return the letters that may leave now, oldest first, within the hour's budget."""
    most = limits.room(session, now, site.confirmations_per_hour)
    chosen = sa.select(Challenge.id).where(Challenge.due_at <= now).order_by(Challenge.due_at)
    return list(session.scalars(chosen.limit(most)))


def take(session: Session, site: Site, challenge_id: int, now: datetime) -> Letter | None:
    """Take a letter that is owed, or None. It comes due again by itself unless it leaves.

    The caller commits before handing it over.
    """
    owed = session.get(Challenge, challenge_id, with_for_update=True, populate_existing=True)
    if owed is None or owed.due_at is None or owed.due_at > now:
        return None
    reader = session.get(Subscriber, owed.subscriber_id)
    sender = sender_of(session, reader) if reader is not None else None
    if reader is None or sender is None or owed.tries >= MOST_TRIES or now >= owed.expires_at:
        owed.due_at = None
        return None
    if not limits.leaves(session, now, site.confirmations_per_hour):
        return None
    owed.due_at = now + RETRY * 2**owed.tries
    owed.tries += 1
    session.flush()
    return letter(session, site, sender, (owed, reader), now)


def sender_of(session: Session, reader: Subscriber) -> Sender | None:
    """Return the sender that she knows; of who is on no list, the first one here."""
    first = sa.select(Sender).order_by(Sender.id).limit(1)
    return preference_links.sender_of(session, reader) or session.scalar(first)


def letter(
    session: Session,
    site: Site,
    sender: Sender,
    to: tuple[Challenge, Subscriber],
    now: datetime,
) -> Letter:
    """Write the letter, sign it, and put it before the gate."""
    owed, reader = to
    domain = sender.from_address.rpartition("@")[2]
    envelope = Envelope(
        from_name=sender.from_name,
        from_address=sender.from_address,
        reply_to=sender.reply_to,
        to=reader.email,
        message_id=composing.message_id(site.keys, domain, 0, owed.id, SERIAL),
        date=now,
    )
    variables: dict[str, object] = {
        "sender": {"legal_name": sender.legal_name},
        "data_url": site.your_data(owed.id, owed.expires_at),
        "expires": f"{owed.expires_at:%d %B %Y, %H:%M} UTC",
    }
    words = rendering.of_our_own(FOLDER, variables, senders.record(sender).block())
    signers = signing.signers(session, site.keys, sender)
    case = Candidate(
        raw=signing.signed(composing.composed(envelope, words), signers),
        sender=senders.record(sender),
        unsubscribe_url=None,
        today=now.date(),
        kind=Kind.transactional,
        development=site.development,
        dealing=Dealing(Relation.account, WHAT),
        recipient=Recipient(reader.email),
    )
    try:
        approved = approval.approved(case)
    except Unlawful as error:
        return Letter(owed.id, sender.from_address, reader.email, None, str(error))
    return Letter(owed.id, sender.from_address, reader.email, approved)


def note(session: Session, letter: Letter, outcome: Outcome) -> None:
    """Keep that a letter has left, or that its mailbox takes none.

    One that the gate has refused comes due again: what it lacks can be mended.
    """
    if outcome.is_sent or (outcome.is_final and letter.approved is not None):
        mine = sa.update(Challenge).where(Challenge.id == letter.probe_id).values(due_at=None)
        session.execute(mine.execution_options(synchronize_session=False))
