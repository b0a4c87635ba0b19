"""The two letters about a change of address: nothing in them was written by a visitor."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.audience.address_models import AddressChange, AddressLetter, Side
from mailer.audience.joining import limits
from mailer.audience.models import Sender
from mailer.audience.moving import changes
from mailer.campaigns import rendering
from mailer.campaigns.rendering import Rendered
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.inputs import Dealing, Recipient, Relation
from mailer.delivery import approval, composing, preference_links, signing
from mailer.delivery.approval import Unlawful
from mailer.delivery.composing import Envelope
from mailer.delivery.smtp import door
from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused
from mailer.links import Site

LOG = logging.getLogger(__name__)
TEMPLATES = Path(__file__).parents[2] / "templates/email"
FOLDERS = {Side.old: TEMPLATES / "address_old", Side.new: TEMPLATES / "address_new"}
RETRY = timedelta(minutes=1)
MOST_TRIES = 5
# Tells their Message-IDs from those of other letters, whose last number is never below zero.
KIND = -1


@dataclass(frozen=True)
class Owed:
    """One letter that is ready to leave."""

    letter_id: int
    from_address: str
    to: str
    case: Candidate


def due(session: Session, site: Site, now: datetime) -> list[int]:
    """Return the changes whose letters may leave now, oldest first; within the hour's budget."""
    most = limits.room(session, now, site.confirmations_per_hour)
    chosen = sa.select(AddressChange.id).where(AddressChange.due_at <= now)
    return list(session.scalars(chosen.order_by(AddressChange.due_at).limit(most)))


def send(
    session: Session, site: Site, relay: Relay, change_id: int, clock: Callable[[], datetime]
) -> int:
    """Send the letters that a change owes; return how many left. Commits as it goes.

    They are taken first, and come due again by themselves unless they left.
    """
    owed = take(session, site, change_id, clock())
    session.commit()  # no transaction stays open while the relay answers
    left = [one for one in owed if is_taken(site, relay, one)]
    for one in left:
        name = message_id(site, one.from_address, one.letter_id)
        mine = sa.update(AddressLetter).where(AddressLetter.id == one.letter_id)
        session.execute(mine.values(message_id=name))
    missing = sa.exists().where(
        AddressLetter.change_id == AddressChange.id, AddressLetter.message_id == ""
    )
    whole = sa.update(AddressChange).where(AddressChange.id == change_id, ~missing)
    session.execute(whole.values(due_at=None).execution_options(synchronize_session=False))
    session.commit()
    return len(left)


def is_taken(site: Site, relay: Relay, one: Owed) -> bool:
    """Hand a letter over; False when the gate or the relay would not have it."""
    try:
        letter = approval.approved(one.case)
        return door.send(relay, site.host, one.from_address, one.to, letter).is_positive
    except Unlawful as error:
        LOG.warning("A letter about a change of address cannot leave: %s", error)
    except (Lost, Refused):
        pass
    return False


def take(session: Session, site: Site, change_id: int, now: datetime) -> list[Owed]:
    """Take the letters that a change owes and that may leave now."""
    wish = session.get(AddressChange, change_id, with_for_update=True, populate_existing=True)
    if wish is None or wish.due_at is None or wish.due_at > now:
        return []
    if not limits.room(session, now, site.confirmations_per_hour):
        return []
    sender = preference_links.sender_of(session, wish.subscriber)
    is_first = wish.tries == 0
    if sender is None or (is_first and not changes.may_be_asked(session, now, site.keys, wish)):
        wish.due_at = None
        return []
    wish.tries += 1
    wish.due_at = now + RETRY * 2**wish.tries if wish.tries < MOST_TRIES else None
    session.flush()
    return [
        owed(session, site, sender, letter, now)
        for letter in wish.letters
        if not letter.message_id and limits.leaves(session, now, site.confirmations_per_hour)
    ]


def owed(
    session: Session, site: Site, sender: Sender, letter: AddressLetter, now: datetime
) -> Owed:
    """Return a letter, signed, as the gate is shown it: about what the reader asked for."""
    wish = letter.change
    to = wish.email if letter.side is Side.new else wish.subscriber.email
    envelope = Envelope(
        from_name=sender.from_name,
        from_address=sender.from_address,
        reply_to=sender.reply_to,
        to=to,
        message_id=message_id(site, sender.from_address, letter.id),
        date=now,
    )
    words = rendered(site, sender, letter)
    signers = signing.signers(session, site.keys, sender)
    case = Candidate(
        raw=signing.signed(composing.composed(envelope, words), signers),
        sender=senders.record(sender),
        unsubscribe_url=None,
        today=now.date(),
        kind=Kind.transactional,
        development=site.development,
        dealing=Dealing(Relation.account, preference_links.WHAT),
        recipient=Recipient(to),
    )
    return Owed(letter.id, sender.from_address, to, case)


def message_id(site: Site, from_address: str, letter_id: int) -> str:
    domain = from_address.rpartition("@")[2]
    return composing.message_id(site.keys, domain, 0, letter_id, KIND)


def rendered(site: Site, sender: Sender, letter: AddressLetter) -> Rendered:
    expires = letter.change.asked_at + changes.LIFE
    variables: dict[str, object] = {
        "sender": {"legal_name": sender.legal_name},
        "agree_url": site.agree(letter.id, expires),
        "expires": f"{expires:%d %B %Y, %H:%M} UTC",
    }
    return rendering.of_our_own(FOLDERS[letter.side], variables, senders.record(sender).block())
