"""Whose letter is it? By the copy that it answers, else by who wrote it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import addresses
from mailer.audience.models import Sender, Subscriber
from mailer.audience.turning import incoming
from mailer.campaigns.models import Campaign
from mailer.delivery import news
from mailer.delivery.models import Delivery
from mailer.delivery.news import Event, Told
from mailer.links import Site
from mailer.privacy.letters.reading import Read
from mailer.tokens import Keys

TWO = "It answers the mail of one reader, and another one wrote it. Both get no more mail."
STRANGER = "No reader has this address; she may have another. Find her, and ask."
NOBODY = "Nobody can be told from it: it names no copy, and has no usable From."


@dataclass(frozen=True)
class Target:
    """A person to be left alone: by her row, or by the fingerprint of her address alone."""

    key: bytes
    subscriber_id: int | None = None
    delivery_id: int | None = None


@dataclass(frozen=True)
class Whose:
    """Who a letter is from, and whom it is to: senders of ours, none where nobody can tell.

    ``is_of_copy``: our own mark of a copy says so, which only its reader can have seen.
    """

    targets: tuple[Target, ...]
    senders: tuple[int, ...]
    author_key: bytes | None = None
    doubt: str = ""
    is_of_copy: bool = False


def found(session: Session, now: datetime, site: Site, letter: Read) -> Whose:
    """Find the people of a letter and the senders that it was written to.

    Who wrote it may still stand under a former suppression key: she is moved first. No row that
    the turning of keys would move may be locked before.
    """
    key = key_of(session, now, site, letter.author)
    copies = copies_of(session, site.keys, letter.names)
    reader = reader_of(session, key)
    targets = {one.key: one for one, _ in copies}
    doubt = TWO if len(targets) > 1 else ""
    if reader is not None and key is not None and key not in targets:
        doubt = TWO if targets else ""
        targets[key] = Target(key, reader)
    elif not targets and key is not None:
        targets[key], doubt = Target(key), STRANGER
    ours = {sender_id for _, sender_id in copies} | set(mailed(session, letter.recipients))
    return Whose(
        tuple(targets.values()),
        tuple(sorted(ours)),
        key,
        doubt if targets else NOBODY,
        is_of_copy=bool(copies),
    )


def copies_of(session: Session, keys: Keys, names: Sequence[str]) -> list[tuple[Target, int]]:
    """Return whose copies these Message-IDs name, each with its sender."""
    ids = news.found(session, keys, [Told(name, Event.delivered) for name in names])
    if not ids:
        return []
    rows = session.execute(
        sa.select(
            Delivery.id,
            sa.func.coalesce(Subscriber.address_key, Delivery.address_key),
            Subscriber.id,
            Campaign.sender_id,
        )
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.id.in_(ids))
        .order_by(Delivery.id)
    )
    return [
        (Target(bytes(key), subscriber_id, delivery_id), sender_id)
        for delivery_id, key, subscriber_id, sender_id in rows
    ]


def key_of(session: Session, now: datetime, site: Site, address: str) -> bytes | None:
    """Return the fingerprint of an address, None when it is none."""
    try:
        known = addresses.parsed(address, test_environment=site.development)
    except addresses.BadAddress:
        return None
    return incoming.key(session, now, site.keys, known.normalised)


def reader_of(session: Session, key: bytes | None) -> int | None:
    return session.scalar(sa.select(Subscriber.id).where(Subscriber.address_key == key))


def mailed(session: Session, recipients: Iterable[str]) -> list[int]:
    """Return the senders whose mailbox is among these addresses, whatever stands after a plus."""
    bare = {without_tag(one) for one in recipients}
    columns = sa.select(Sender.id, Sender.from_address, Sender.reply_to)
    return [
        number
        for number, *own in session.execute(columns)
        if bare.intersection(without_tag(one) for one in own if one)
    ]


def without_tag(address: str) -> str:
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
