"""Whose phone is the second factor: set up with a first code, asked at sign-in, taken away.

The secret stands sealed in the row of its owner. It is nowhere else, and no page shows it again.
"""

from datetime import datetime

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.orm import Session

from mailer.accounts import users
from mailer.accounts.factor import recovery, totp
from mailer.accounts.models import User
from mailer.tokens import Keys

PURPOSE = "second-factor"


class Unreadable(Exception):  # noqa: N818 - errors are named for the situation
    """What is sealed was not sealed here for this person, or its key is gone."""


class WrongCode(Exception):  # noqa: N818 - errors are named for the situation
    """The code is not what the phone shows now, or was given before."""


def sealed(keys: Keys, user: User, secret: bytes) -> str:
    """Return a secret as only this installation reads it, and for this person alone."""
    return keys.vault(PURPOSE).encrypt(f"{user.id}:{secret.hex()}".encode()).decode()


def opened(keys: Keys, user: User, text: str) -> bytes:
    """Return the secret; raises Unreadable."""
    try:
        owner, _, secret = keys.vault(PURPOSE).decrypt(text.encode()).decode().partition(":")
    except InvalidToken as error:
        raise Unreadable from error
    if owner != str(user.id):
        raise Unreadable
    return bytes.fromhex(secret)


def set_up(
    session: Session, keys: Keys, user: User, secret: bytes, given: str, now: datetime
) -> list[str]:
    """Make the phone that shows this code the second factor, in place of any other.

    Ends every session of the person. Returns her new recovery codes; raises WrongCode.
    """
    step = totp.matching_step(secret, plain(given), now)
    if step is None:
        raise WrongCode
    user.factor_secret, user.factor_step = sealed(keys, user, secret), step
    user.factor_at = now
    users.end_sessions(user)
    return recovery.renew(session, user)


def remove(session: Session, user: User) -> bool:
    """Take the second factor away and end every session; False when there was none."""
    if user.factor_at is None:
        return False
    user.factor_secret = user.factor_step = user.factor_at = None
    recovery.forget(session, user)
    users.end_sessions(user)
    return True


def accept(session: Session, keys: Keys, user: User, given: str, now: datetime) -> bool:
    """Take a code of the phone, once: neither it nor an older one opens again.

    One statement asks and counts, so that of two simultaneous uses one wins. A secret that was
    sealed under an older key is sealed anew on the way.
    """
    if user.factor_secret is None:
        return False
    try:
        step = totp.matching_step(opened(keys, user, user.factor_secret), plain(given), now)
    except Unreadable:
        return False
    if step is None:
        return False
    was = User.factor_secret == user.factor_secret
    anew = keys.vault(PURPOSE).rotate(user.factor_secret.encode()).decode()
    taken = session.execute(
        sa.update(User)
        .where(User.id == user.id, was, User.factor_step < step)
        .values(factor_step=step, factor_secret=anew)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.refresh(user)
    return taken is not None


def plain(given: str) -> str:
    """Return a code without the spaces in which apps and people group it."""
    return "".join(given.split())
