"""How many mails a form may cause: for one mailbox, and for the whole world in an hour.

They are counted in the database, so that they hold for all processes on either tier, and for
every way to ask: form, embedded form, JSON, a colleague's word, an import.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import addresses
from mailer.audience.addresses import Address
from mailer.audience.joining.models import AskedMail, LeftMail, SignUp
from mailer.tokens import Keys

# Nobody's mailbox is filled by filling in our form: each gets at most so many mails, whoever
# asks for them and however the address is spelled.
ONCE_PER_LIST = timedelta(hours=24)
FEW_TIMES_AT_ALL = timedelta(days=7)
MAILS_AT_MOST = 3
# Stands in place of a list for letters about a change of address: a slip of the pen may be mended
# on the same day.
ABOUT_ADDRESS = 0
# Likewise for the link to what is kept about her.
ABOUT_DATA = -1
HOUR = timedelta(hours=1)
# The second half of an hour's budget is for those who have given a proof.
CALM = 0.5
LOCK_BYTES = 7
DOOR = 0x6D61_696C_646F_6F72  # names the lock; any number that no other lock has


def mailbox_key(keys: Keys, address: Address) -> bytes:
    """Return the keyed fingerprint of the mailbox behind all spellings of an address."""
    return tokens.fingerprint(keys, addresses.mailbox(address))


def mailbox_keys(keys: Keys, address: Address) -> tuple[bytes, ...]:
    """Return the mailbox's fingerprint under each key of the ring, the newest first."""
    return tokens.fingerprints(keys, addresses.mailbox(address))


def has_had_enough(
    session: Session, now: datetime, mailbox: Sequence[bytes], list_id: int | None
) -> bool:
    """Tell whether a mailbox must get no further mail now: of this list, or at all.

    The mailbox is held until the caller commits, so that two of its spellings cannot both pass.
    """
    hold(session, int.from_bytes(mailbox[0][:LOCK_BYTES]))
    asked = sa.select(AskedMail.list_id, AskedMail.at).where(
        AskedMail.mailbox_key.in_(mailbox), AskedMail.at > now - FEW_TIMES_AT_ALL
    )
    lately = session.execute(asked).all()
    today = [one for one, at in lately if at > now - ONCE_PER_LIST]
    had_it = list_id != ABOUT_ADDRESS and list_id in today
    return len(lately) >= MAILS_AT_MOST or had_it


def note(session: Session, now: datetime, key: bytes, list_id: int | None) -> AskedMail:
    """Remember that a mail to this mailbox was asked for."""
    asked = AskedMail(at=now, mailbox_key=key, list_id=list_id)
    session.add(asked)
    session.flush()
    return asked


def asked_lately(session: Session, now: datetime, most: int) -> int:
    """Return how many mails were asked for within the hour or wait to be, counted up to ``most``.

    It stops at ``most``, so that it costs the same in a flood.
    """
    given = {"since": now - HOUR, "most": most}
    first, second = session.connection().execute(counting(), given).one()
    return min(first + second, most)


@cache
def counting() -> sa.Select[int, int]:
    """Return the statement behind each form; it is written once."""
    since, most = (
        sa.bindparam("since", type_=AskedMail.at.type),
        sa.bindparam("most", type_=sa.Integer),
    )
    asked = sa.select(sa.literal(1)).where(AskedMail.at > since).limit(most)
    waiting = sa.select(sa.literal(1)).select_from(SignUp).limit(most)
    first, second = (
        sa.select(sa.func.count()).select_from(one.subquery()).scalar_subquery()
        for one in (asked, waiting)
    )
    return sa.select(first, second)


def is_strained(session: Session, now: datetime, budget: int) -> bool:
    """Tell whether sign-ups are so many that a form must ask for a proof."""
    calm = max(1, int(budget * CALM))
    return asked_lately(session, now, calm) >= calm


def room(session: Session, now: datetime, budget: int) -> int:
    """Return how many mails may still leave within the hour that ends now."""
    left = sa.select(sa.func.count()).select_from(LeftMail).where(LeftMail.at > now - HOUR)
    return max(0, budget - (session.scalar(left) or 0))


def leaves(session: Session, now: datetime, budget: int) -> bool:
    """Let one mail through the door; False when the hour's budget is spent.

    One at a time: the lock is held until the caller commits, which must be before the relay is
    asked for anything.
    """
    hold(session, DOOR)
    if not room(session, now, budget):
        return False
    session.add(LeftMail(at=now))
    session.flush()
    return True


def hold(session: Session, number: int) -> None:
    """Wait for whoever holds this number; SQLite's transactions are exclusive already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def forget(session: Session, now: datetime) -> None:
    """Throw away what the hour's budget does not count any more."""
    session.execute(sa.delete(LeftMail).where(LeftMail.at <= now - HOUR))


def forget_asked(session: Session, which: sa.ColumnElement[bool]) -> int:
    """Throw away that mails were asked for, FEW_TIMES_AT_ALL ago at the latest; return how many."""
    gone = session.execute(sa.delete(AskedMail).where(which))
    return int(gone.rowcount)  # type: ignore[attr-defined]
