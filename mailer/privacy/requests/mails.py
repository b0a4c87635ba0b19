"""A mail of the desk: written from its template, signed, and put before the gate."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.audience.models import Sender, Subscriber
from mailer.campaigns import rendering
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.inputs import Dealing, Recipient, Relation
from mailer.delivery import approval, composing, preference_links, signing
from mailer.delivery.approval import Unlawful
from mailer.delivery.composing import Envelope
from mailer.delivery.reply_probes import Letter
from mailer.links import Site


@dataclass(frozen=True)
class Draft:
    """What is to be written, and to whom.

    ``what`` is what the mail is about, in words that stand in it. ``numbers`` give its Message-ID:
    a row's number, and one that tells this kind of mail from others.
    """

    folder: Path
    numbers: tuple[int, int]
    to: str
    what: str
    variables: dict[str, object]


def sender_of(session: Session, reader: Subscriber | None) -> Sender | None:
    """Return the sender that she knows; of who is on no list, the first one here."""
    known = preference_links.sender_of(session, reader) if reader is not None else None
    return known or session.scalar(sa.select(Sender).order_by(Sender.id).limit(1))


def reader_of(session: Session, address_key: bytes) -> Subscriber | None:
    """Return the reader behind an address key."""
    chosen = sa.select(Subscriber).where(Subscriber.address_key == address_key)
    return session.scalars(chosen).one_or_none()


def letter(session: Session, site: Site, sender: Sender, draft: Draft, now: datetime) -> Letter:
    """Return the letter; where the gate refuses it, with the reason in place of the bytes."""
    domain = sender.from_address.rpartition("@")[2]
    number, kind = draft.numbers
    envelope = Envelope(
        from_name=sender.from_name,
        from_address=sender.from_address,
        reply_to=sender.reply_to,
        to=draft.to,
        message_id=composing.message_id(site.keys, domain, 0, number, kind),
        date=now,
    )
    variables = {"sender": {"legal_name": sender.legal_name}, **draft.variables}
    words = rendering.of_our_own(draft.folder, variables, senders.record(sender).block())
    signers = signing.signers(session, site.keys, sender)
    case = Candidate(
        raw=signing.signed(composing.composed(envelope, words), signers),
        sender=senders.record(sender),
        unsubscribe_url=None,
        today=now.date(),
        kind=Kind.transactional,
        development=site.development,
        dealing=Dealing(Relation.account, draft.what),
        recipient=Recipient(draft.to),
    )
    try:
        approved = approval.approved(case)
    except Unlawful as error:
        return Letter(number, sender.from_address, draft.to, None, str(error))
    return Letter(number, sender.from_address, draft.to, approved)
