"""Move what stands under former keys to the newest, wherever it stands, and seal which it was."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from mailer import ledger
from mailer.audience import rows
from mailer.audience.models import ConsentEvent, Subscriber, Suppression
from mailer.audience.turned import TurnedKey
from mailer.audience.words import SubscriberStatus
from mailer.db import Base
from mailer.tokens import MARK_BYTES, PRINT_BYTES

# How columns are called that hold the keys of people. A mailbox_key is none: a mailbox behind all
# spellings has it, it is sought under every key of the ring, and is forgotten in a week.
PEOPLE = ("address_key", "old_key", "new_key", "from_key", "about_key")
# What waits in the letterbox is reckoned anew when it is taken up, and other processes hold it.
PASSING = frozenset({"sign_ups"})
Column = sa.Column[bytes]


def turn(session: Session, now: datetime, pairs: Mapping[bytes, bytes]) -> int:
    """Move people from former keys to present ones; return for how many there was anything.

    The first thing in a transaction: it holds the ledger of moves, then the people, to its end.
    All former keys are of one version of the suppression key.
    """
    columns = people_columns()
    found = standing(session, pairs, columns)
    if found:
        carry(session, now, {key: pairs[key] for key in found}, columns)
    return len(found)


def turn_domains(
    session: Session, now: datetime, pairs: Mapping[bytes, bytes], *, whole: bool = False
) -> None:
    """Move domains that something stands against, with all their readers.

    ``whole``: something is about to stand against them.
    """
    refusals, readers = of(Suppression, "address_key"), of(Subscriber, "domain_key")
    found = set(pairs) if whole else standing(session, pairs, [refusals])
    if found:
        carry(session, now, {key: pairs[key] for key in found}, [refusals, readers])


def people_columns() -> list[Column]:
    """Return every column that holds the keys of people: a table that comes later is not missed."""
    tables = [one for one in Base.metadata.sorted_tables if one.name not in PASSING]
    return [column for table in tables for column in table.c if column.name in PEOPLE]


def of(model: type[Base], name: str) -> Column:
    table = model.__table__
    assert isinstance(table, sa.Table)  # noqa: S101 - every model here has a table
    column: Column = table.c[name]
    return column


def standing(session: Session, keys: Collection[bytes], columns: Sequence[Column]) -> set[bytes]:
    """Return those keys under which any row stands, in one statement."""
    if not keys:
        return set()
    rows.prefer_indexes(session)
    given = rows.given_keys(session)
    asked = sa.union(*(sa.select(column).where(column.in_(given)) for column in columns))
    return set(session.scalars(asked, {"keys": b"".join(keys)}))


def carry(
    session: Session, now: datetime, moving: Mapping[bytes, bytes], columns: Sequence[Column]
) -> None:
    link(session, now, moving)
    given = rows.given_keys(session)
    former = {"keys": b"".join(moving)}
    readers = sa.select(Subscriber.id).where(Subscriber.address_key.in_(given))
    session.execute(readers.order_by(Subscriber.id).with_for_update(), former)
    bar_doubles(session, moving)
    settle(session, now, moving)
    for column in columns:
        move(session, column, moving)
    session.expire_all()


def link(session: Session, now: datetime, moving: Mapping[bytes, bytes]) -> None:
    """Seal which key became which."""
    ledger.lock(session, TurnedKey)
    known = sa.select(TurnedKey.former, TurnedKey.present)
    known = known.where(TurnedKey.former.in_(rows.given_keys(session)))
    found = {(old, new) for old, new in session.execute(known, {"keys": b"".join(moving)})}
    new = [pair for pair in sorted(moving.items()) if pair not in found]
    ledger.append(session, [TurnedKey(at=now, former=old, present=new) for old, new in new])


def bar_doubles(session: Session, moving: Mapping[bytes, bytes]) -> None:
    """Disable a reader's row under a former key where she has one under the present key, too.

    Only a process with the settings of before can have made it. What was refused under either
    key holds for the row that stays.
    """
    key = of(Subscriber, "address_key")
    doubles = sa.update(Subscriber).where(
        key.in_(rows.given_keys(session)), is_taken(key, (), moving)
    )
    doubles = doubles.values(status=SubscriberStatus.disabled)
    options = {"synchronize_session": False}
    session.execute(doubles, {"keys": b"".join(moving)}, execution_options=options)


def settle(session: Session, now: datetime, moving: Mapping[bytes, bytes]) -> None:
    """Where one refusal holds under both keys, lift the one that ends first."""
    one, other = aliased(Suppression), aliased(Suppression)
    pairs = (
        sa.select(one.id, one.ends_at, other.id, other.ends_at)
        .join(TurnedKey, sa.and_(TurnedKey.former == one.address_key, newest(moving)))
        .join(
            other,
            sa.and_(
                other.address_key == TurnedKey.present,
                other.scope == one.scope,
                other.scope_id == one.scope_id,
                other.reason == one.reason,
            ),
        )
        .where(
            one.address_key.in_(rows.given_keys(session)),
            one.lifted_at.is_(None),
            other.lifted_at.is_(None),
        )
    )
    found = session.execute(pairs, {"keys": b"".join(moving)}).all()
    ending = [
        old if end is None or (former_end is not None and former_end <= end) else new
        for old, former_end, new, end in found
    ]
    if ending:
        chosen = sa.update(Suppression).where(Suppression.id.in_(ending)).values(lifted_at=now)
        session.execute(chosen.execution_options(synchronize_session=False))


def move(session: Session, column: Column, moving: Mapping[bytes, bytes]) -> None:
    """Move the rows of one table; a row whose place is taken under the present key stays."""
    table = column.table
    assert isinstance(table, sa.Table)  # noqa: S101 - they are columns of models
    present = sa.select(TurnedKey.present).where(TurnedKey.former == column, newest(moving))
    values: dict[str, sa.ColumnElement[bytes]] = {column.name: present.scalar_subquery()}
    if table is ConsentEvent.__table__:
        values["sealed_key"] = sa.func.coalesce(table.c.sealed_key, column)
    taken = [sa.not_(is_taken(column, others, moving)) for others in places(column)]
    chosen = sa.update(table).where(column.in_(rows.given_keys(session)), *taken)
    session.execute(chosen.values(values), {"keys": b"".join(moving)})


def places(column: Column) -> list[list[str]]:
    """Return with which other columns a key must be unique in its table."""
    assert isinstance(column.table, sa.Table)  # noqa: S101 - they are columns of models
    unique = [one for one in column.table.constraints if isinstance(one, sa.UniqueConstraint)]
    return [
        [other.name for other in one.columns if other.name != column.name]
        for one in unique
        if column.name in one.columns
    ]


def is_taken(
    column: Column, others: Sequence[str], moving: Mapping[bytes, bytes]
) -> sa.ColumnElement[bool]:
    """Ask, in SQL, for a row that is already where another one would move to."""
    table = column.table
    twin = table.alias("twin")
    same = [twin.c[name] == table.c[name] for name in others]
    return (
        sa.select(TurnedKey.id)
        .join(twin, twin.c[column.name] == TurnedKey.present)
        .where(TurnedKey.former == column, newest(moving), *same)
        .correlate(table)
        .exists()
    )


def newest(moving: Mapping[bytes, bytes]) -> sa.ColumnElement[bool]:
    """Tell the moves to the newest key from earlier ones."""
    mark = next(iter(moving.values()))[-MARK_BYTES:]
    place = PRINT_BYTES - MARK_BYTES + 1
    ends = sa.func.substr(TurnedKey.present, place, MARK_BYTES, type_=sa.LargeBinary)
    return ends == mark
