"""Turn the key of all readers, some at a time; and tell which former keys are needed still."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailer import ledger, tokens
from mailer.audience import addresses, domain_keys
from mailer.audience.models import Subscriber, Suppression
from mailer.audience.turned import TurnedKey
from mailer.audience.turning import moving
from mailer.tokens import MARK_BYTES, PRINT_BYTES, Keys

PORTION = 2000
Bytes = InstrumentedAttribute[bytes] | InstrumentedAttribute[bytes | None]


@dataclass(frozen=True)
class Portion:
    """How many readers were gone through, and the number of the last one."""

    readers: int
    last: int


@dataclass(frozen=True)
class Need:
    """What stands under one key of the ring: refusals in force, and readers."""

    version: int
    mark: str
    refusals: int
    readers: int


def portion(session: Session, now: datetime, keys: Keys, after: int) -> Portion | None:
    """Turn the next readers by number, with all that is kept about them; the caller commits.

    None when there is nobody left. Interrupted, it begins anew and finds only those who are left.
    """
    ledger.lock(session, TurnedKey)
    columns = (Subscriber.id, Subscriber.email, Subscriber.address_key, Subscriber.domain_key)
    chosen = sa.select(*columns).where(is_behind(keys), Subscriber.id > after)
    chosen = chosen.order_by(Subscriber.id).limit(PORTION).with_for_update()
    found = session.execute(chosen).all()
    if not found:
        return None
    people: list[dict[bytes, bytes]] = [{} for _ in keys.former]
    for _, email, key, _ in found:
        note(people, key, tokens.fingerprints(keys, addresses.folded(email)))
    for older in people:
        moving.turn(session, now, older)
    turn_domains(session, now, keys, {number: (email, key) for number, email, _, key in found})
    return Portion(len(found), found[-1].id)


def note(versions: list[dict[bytes, bytes]], key: bytes | None, prints: tuple[bytes, ...]) -> bool:
    """Note that a key becomes the newest, if it is one of the former ones."""
    present, *former = prints
    if key not in former:
        return False
    versions[former.index(key)][key] = present
    return True


def turn_domains(
    session: Session, now: datetime, keys: Keys, readers: dict[int, tuple[str, bytes | None]]
) -> None:
    versions: list[dict[bytes, bytes]] = [{} for _ in keys.former]
    turned = []
    for number, (email, key) in readers.items():
        prints = tokens.fingerprints(keys, domain_keys.named(email.rpartition("@")[2]))
        if note(versions, key, prints):
            turned.append({"id": number, "domain_key": prints[0]})
    for older in versions:
        moving.turn_domains(session, now, older)
    if turned:
        session.execute(sa.update(Subscriber), turned)


def turn_all(session: Session, now: datetime, keys: Keys) -> None:
    """Turn every reader within the caller's transaction."""
    last = 0
    while found := portion(session, now, keys, last):
        last = found.last


def is_behind(keys: Keys) -> sa.ColumnElement[bool]:
    """Ask, in SQL, for readers who stand under a former key, or whose domain does."""
    newest = bytes.fromhex(keys.marks[0])
    return sa.or_(mark(Subscriber.address_key) != newest, mark(Subscriber.domain_key) != newest)


def behind(session: Session, keys: Keys) -> int:
    """Return how many readers are to be turned."""
    counted = sa.select(sa.func.count()).select_from(Subscriber).where(is_behind(keys))
    return session.scalar(counted) or 0


def mark(column: Bytes) -> sa.ColumnElement[bytes]:
    """Return, in SQL, the end of a fingerprint, where all keys but the first set their mark."""
    return sa.func.substr(column, PRINT_BYTES - MARK_BYTES + 1, MARK_BYTES, type_=sa.LargeBinary)


def newest(keys: Keys) -> int:
    """Return the version of the newest key."""
    return tokens.version(keys.suppression)


def needs(session: Session, keys: Keys) -> list[Need]:
    """Return what stands under each former key, the newest first; reads all refusals."""
    versions = [tokens.version(key) for key in keys.former]
    return [
        Need(
            version,
            name,
            counted(session, Suppression.address_key, keys, name, Suppression.lifted_at.is_(None)),
            counted(session, Subscriber.address_key, keys, name),
        )
        for version, name in zip(versions, keys.marks[1:], strict=True)
    ]


def counted(
    session: Session, column: Bytes, keys: Keys, name: str, *further: sa.ColumnElement[bool]
) -> int:
    is_under = under(column, keys, name)
    return session.scalar(sa.select(sa.func.count()).where(is_under, *further)) or 0


def under(column: Bytes, keys: Keys, name: str) -> sa.ColumnElement[bool]:
    """Ask, in SQL, whether a fingerprint is of the key with this mark; only the first sets none."""
    ring = zip((keys.suppression, *keys.former), keys.marks, strict=True)
    marked = [bytes.fromhex(one) for key, one in ring if tokens.version(key) > 1]
    own = bytes.fromhex(name)
    return mark(column) == own if own in marked else mark(column).not_in(marked)
