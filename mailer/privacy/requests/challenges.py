"""Proof of a mailbox: what is asked for on the page waits here, and a link is used once.

Whoever asks learns nothing from it: the same row is written, in the same time, for an address
that is known or unknown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience.addresses import Address
from mailer.privacy.requests.models import Challenge, Request
from mailer.privacy.requests.words import Kind
from mailer.tokens import Keys

LIFE = timedelta(hours=24)
MOST_AT_ONCE = 500


class UsedLink(Exception):  # noqa: N818 - errors are named for the situation
    """The link was ours, but it was used, or what it led to is gone."""


@dataclass(frozen=True)
class Wish:
    """What a visitor asks for, and where she says that she lives."""

    kind: Kind
    home: str = ""


def drop(session: Session, now: datetime, keys: Keys, address: Address, wish: Wish) -> int:
    """Keep what a visitor asks for; return its number. The caller commits, rings and answers."""
    values = {
        "at": now,
        "kind": wish.kind,
        "home": wish.home,
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


def address_of(session: Session, challenge_id: int) -> str:
    """Return the address that waits under a number, normalised; empty once it was taken up."""
    given = session.scalar(sa.select(Challenge.given).where(Challenge.id == challenge_id))
    return given["normalised"] if given else ""


def owe(session: Session, now: datetime, request: Request, subscriber_id: int) -> Challenge:
    """Owe a reader the link that proves a request, entered by staff, to be hers."""
    challenge = Challenge(
        at=now,
        kind=request.kind,
        address_key=request.address_key,
        subscriber_id=subscriber_id,
        home=request.home,
        request_id=request.id,
        due_at=now,
        tries=0,
        expires_at=now + LIFE,
    )
    session.add(challenge)
    session.flush()
    return challenge


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


def redeem(session: Session, challenge_id: int, now: datetime) -> Challenge:
    """Use a link up, and return what it proves; raises UsedLink for a second time."""
    mine = sa.update(Challenge).where(
        Challenge.id == challenge_id, Challenge.used_at.is_(None), Challenge.expires_at >= now
    )
    used = mine.values(used_at=now).returning(Challenge)
    found = session.scalars(used, execution_options={"populate_existing": True}).one_or_none()
    if found is None or found.subscriber_id is None:
        raise UsedLink
    return found
