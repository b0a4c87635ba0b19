"""The one way from an address that comes in to the key under which everything of it stands."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import domain_keys
from mailer.audience.turning import moving
from mailer.tokens import Keys


def key(session: Session, now: datetime, keys: Keys, address: str) -> bytes:
    """Return the key of a normalised address, after what stands under former ones has moved to it.

    Comes first in a transaction. With one key in the ring it asks nothing.
    """
    welcome(session, now, keys, [address])
    return tokens.fingerprint(keys, address)


def welcome(session: Session, now: datetime, keys: Keys, addresses: Iterable[str]) -> None:
    """Move what stands under former keys of some normalised addresses, and of their domains."""
    if not keys.former:
        return
    found = set(addresses)
    domains = {one.rpartition("@")[2] for one in found}
    for older in versions(keys, found):
        moving.turn(session, now, older)
    for older in versions(keys, map(domain_keys.named, domains)):
        moving.turn_domains(session, now, older)


def versions(keys: Keys, texts: Iterable[str]) -> list[dict[bytes, bytes]]:
    """Return, for each former key of the ring, which fingerprints become which."""
    present, *former = zip(*(tokens.fingerprints(keys, text) for text in texts), strict=True)
    return [dict(zip(older, present, strict=True)) for older in former]
