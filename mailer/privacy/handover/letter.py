"""The mail with the link to an archive: nothing in it was written by a visitor."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.audience.models import Subscriber
from mailer.campaigns import rendering
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.inputs import Dealing, Recipient, Relation
from mailer.delivery import approval, composing, signing
from mailer.delivery.approval import Unlawful
from mailer.delivery.composing import Envelope
from mailer.delivery.reply_probes import Letter
from mailer.links import Site
from mailer.privacy.archive.models import Archive
from mailer.privacy.requests import mails

FOLDER = Path(__file__).parents[3] / "templates/email/archive"
WHAT = "the copy of your data"
SERIAL = 3  # tells its Message-ID from that of another mail with the same number


def written(
    session: Session, site: Site, reader: Subscriber, archive: tuple[int, str], now: datetime
) -> Letter | None:
    """Write the letter, sign it, and put it before the gate; None when there is no sender yet.

    ``archive`` is the number of one that is kept, and what its link carries.
    """
    number, carried = archive
    sender = mails.sender_of(session, reader)
    if sender is None:
        return None
    record, expires = senders.record(sender), session.get_one(Archive, number).expires_at
    envelope = Envelope(
        from_name=sender.from_name,
        from_address=sender.from_address,
        reply_to=sender.reply_to,
        to=reader.email,
        message_id=composing.message_id(
            site.keys, sender.from_address.rpartition("@")[2], 0, number, SERIAL
        ),
        date=now,
    )
    words: dict[str, object] = {
        "sender": {"legal_name": sender.legal_name},
        "archive_url": site.archive(carried),
        "expires": f"{expires:%d %B %Y, %H:%M} UTC",
    }
    signers = signing.signers(session, site.keys, sender)
    copy = rendering.of_our_own(FOLDER, words, record.block())
    case = Candidate(
        raw=signing.signed(composing.composed(envelope, copy), signers),
        sender=record,
        unsubscribe_url=None,
        today=now.date(),
        kind=Kind.transactional,
        development=site.development,
        dealing=Dealing(Relation.account, WHAT),
        recipient=Recipient(reader.email),
    )
    try:
        return Letter(number, sender.from_address, reader.email, approval.approved(case))
    except Unlawful as error:
        return Letter(number, sender.from_address, reader.email, None, str(error))
