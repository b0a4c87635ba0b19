"""The life of a sender's DKIM keys: made, seen in DNS, signing, retired, gone from DNS.

A key that signed stays published for 60 days after its last signature: mail is delivered late,
and verified anew when a reader leaves by one click weeks after it came (RFC 8058, 15 U.S.C.
7704(a)(3)(A)(ii) asks for 30 days).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.delivery import signing
from mailer.delivery.models import SigningKey
from mailer.tokens import Keys

OVERLAP = timedelta(days=60)
OLD = timedelta(days=365)
ALGORITHMS = (signing.RSA, signing.ED25519)
MOST_ON_A_DAY = 26


class KeysWaiting(Exception):  # noqa: N818 - errors are named for the situation
    """New keys are waiting for DNS already; the message says so."""


class Stage(StrEnum):
    """Where a key stands in its life."""

    waiting = "waiting for DNS"
    signing = "signing"
    resting = "retired, keep it in DNS"
    removable = "may be removed from DNS"


def stage(key: SigningKey, now: datetime) -> Stage:
    if key.retired_at is not None:
        is_over = key.activated_at is None or now >= key.retired_at + OVERLAP
        return Stage.removable if is_over else Stage.resting
    return Stage.waiting if key.activated_at is None else Stage.signing


def is_old(key: SigningKey, now: datetime) -> bool:
    """Tell whether a signing key has signed for a year and should be followed by another."""
    signs = stage(key, now) is Stage.signing
    return signs and key.activated_at is not None and now >= key.activated_at + OLD


def kept(session: Session, sender: Sender) -> Sequence[SigningKey]:
    """Return every key of a sender, the newest first."""
    chosen = sa.select(SigningKey).where(SigningKey.sender_id == sender.id)
    return session.scalars(chosen.order_by(SigningKey.id.desc())).all()


def prepare(session: Session, keys: Keys, sender: Sender, now: datetime) -> list[SigningKey]:
    """Make the next pair, RSA and Ed25519, which signs once DNS shows it; raises KeysWaiting."""
    known = kept(session, sender)
    if any(stage(key, now) is Stage.waiting for key in known):
        raise KeysWaiting("New keys are waiting for DNS already: publish those.")
    taken = {key.selector for key in known}
    pair = [
        signing.made(keys, sender, algorithm, selector(sender, algorithm, now, taken), now)
        for algorithm in ALGORITHMS
    ]
    session.add_all(pair)
    session.flush()
    return pair


def selector(sender: Sender, algorithm: str, now: datetime, taken: set[str]) -> str:
    """Return a name that no key at this domain ever had: senders may share one."""
    stem = f"s{sender.id}{algorithm[0]}{now:%Y%m%d}"
    endings = ("", *(chr(ord("a") + number) for number in range(MOST_ON_A_DAY)))
    free = (stem + ending for ending in endings if stem + ending not in taken)
    found = next(free, None)
    if found is None:
        raise KeysWaiting("Too many keys were made today; go on tomorrow.")
    return found


def switch(session: Session, sender: Sender, seen: set[str], now: datetime) -> list[SigningKey]:
    """Let the waiting keys with these selectors sign, and retire the others of their kind.

    Return those that sign from now on.
    """
    begun = []
    for key in kept(session, sender):
        if key.selector in seen and stage(key, now) is Stage.waiting:
            retire(session, sender, key.algorithm, now)
            key.activated_at = now
            begun.append(key)
            session.flush()
    return begun


def retire(session: Session, sender: Sender, algorithm: str, now: datetime) -> None:
    for key in signing.in_force(session, sender):
        if key.algorithm == algorithm:
            key.retired_at = now
