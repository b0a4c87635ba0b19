"""Proof of a mailbox: what is asked for on the page waits here, and a link is used once.

Whoever asks learns nothing from it: the same row is written, in the same time, for an address
that is known or unknown.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience.addresses import Address
from mailer.privacy.requests.models import Challenge
from mailer.privacy.requests.words import Kind
from mailer.tokens import Keys

LIFE = timedelta(hours=24)
MOST_AT_ONCE = 500


class UsedLink(Exception):  # noqa: N818 - errors are named for the situation
    """The link was ours, but it was used, or what it led to is gone."""


def drop(session: Session, now: datetime, keys: Keys, address: Address, kind: Kind) -> int:
    """Keep what a visitor asks for; return its number. The caller commits, rings and answers."""
    values = {
        "at": now,
        "kind": kind,
        "address_key": tokens.fingerprint(keys, address.normalised),
        "given": {"spelled": address.spelled, "normalised": address.normalised},
        "tries": 0,
        "expires_at": now + LIFE,
    }
    return session.scalars(sa.insert(Challenge).values(**values).returning(Challenge.id)).one()


def waiting(session: Session) -> list[int]:
    """Return what nobody has taken up yet, oldest first."""
    chosen = sa.select(Challenge.id).where(Challenge.given.is_not(None)).order_by(Challenge.id)
    return list(session.scalars(chosen.limit(MOST_AT_ONCE)))


def taken(session: Session, challenge_id: int) -> Challenge | None:
    """Return what waits under a number, unless another process has it, or has had it."""
    chosen = sa.select(Challenge).where(Challenge.id == challenge_id)
    found = session.scalars(chosen.with_for_update(skip_locked=True)).one_or_none()
    return found if found is not None and found.given is not None else None


def usable(session: Session, challenge_id: int, now: datetime) -> Challenge:
    """Return the challenge behind a link that was not used yet; raises UsedLink."""
    found = session.get(Challenge, challenge_id)
    if found is None or found.used_at is not None or now > found.expires_at:
        raise UsedLink
    return found


def redeem(session: Session, challenge_id: int, now: datetime) -> int:
    """Use a link up, and return its reader's number; raises UsedLink for a second time."""
    mine = sa.update(Challenge).where(
        Challenge.id == challenge_id, Challenge.used_at.is_(None), Challenge.expires_at >= now
    )
    used = mine.values(used_at=now).returning(Challenge.subscriber_id)
    reader = session.scalars(used).one_or_none()
    if reader is None:
        raise UsedLink
    return reader
