"""Bare rows: those that two writers may add at once, and those looked up by the thousand."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from mailer.db import Base
from mailer.tokens import PRINT_BYTES


def table(model: type[Base]) -> Table:
    """Return the bare table: a statement about it costs half of one about the model."""
    found = model.__table__
    assert isinstance(found, Table)  # noqa: S101 - every model here has a table
    return found


def insertion(session: Session, model: type[Base]) -> "postgresql.Insert | sqlite.Insert":
    """Return the dialect's own INSERT, the one that knows ON CONFLICT."""
    return insertion_into(table(model), session.get_bind().dialect.name)


def insertion_into(into: Table, dialect: str) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(into) if dialect == "postgresql" else sqlite.insert(into)


def insert_all(
    session: Session,
    model: type[Base],
    values: Sequence[Mapping[str, object]],
    *,
    skips: bool = False,
    returned: tuple[str, ...] = (),
) -> Sequence[sa.Row[Any]]:
    """Add rows of the same columns, in this order; return the named columns of those added.

    What a unique index holds already is passed over if it ``skips``. PostgreSQL is given all rows
    as one value: it is asked once, by the same statement for any number of them.
    """
    connection = session.connection()
    dialect = connection.dialect.name
    statement = filling(table(model), dialect, tuple(values[0]), skips=skips, returned=returned)
    given = {"rows": json.dumps(values, default=spelled)} if dialect == "postgresql" else values
    found = connection.execute(statement, given)
    return found.all() if returned else ()


@cache
def filling(
    into: Table, dialect: str, columns: tuple[str, ...], *, skips: bool, returned: tuple[str, ...]
) -> "postgresql.Insert | sqlite.Insert | ReturningInsert[Any]":
    """Return the statement of ``insert_all``; it is written once."""
    statement = insertion_into(into, dialect)
    if dialect == "postgresql":
        given = sa.cast(sa.bindparam("rows", type_=sa.Text), sa.JSON)
        shape = sa.text(f"NULL::{into.name}")
        typed = [sa.column(name, into.c[name].type) for name in columns]
        rows = sa.func.json_populate_recordset(shape, given).table_valued(*typed)
        statement = statement.from_select(columns, sa.select(rows))
    if skips:
        statement = statement.on_conflict_do_nothing()
    return statement.returning(*(into.c[name] for name in returned)) if returned else statement


def spelled(value: object) -> str:
    """Return what PostgreSQL reads a value of a row from."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return rf"\x{value.hex()}"
    raise TypeError(f"a row cannot hold {type(value).__name__}")


def insert_missing(session: Session, model: type[Base], **values: object) -> int | None:
    """Add a row and return its id, or None when a unique index already holds such a row."""
    statement = insertion(session, model).values(**values).on_conflict_do_nothing()
    found: int | None = session.scalar(statement.returning(model.__table__.c.id))
    return found


def given_keys(session: Session) -> sa.Select[bytes]:
    """Return many fingerprints, which are given joined, as ``keys``, as rows.

    The database parts one long value by itself; to hand over thousands costs ten times as much.
    """
    keys = sa.bindparam("keys", type_=sa.LargeBinary)
    if session.get_bind().dialect.name == "postgresql":
        place = sa.func.generate_series(1, sa.func.length(keys), PRINT_BYTES).column_valued("place")
        return sa.select(sa.func.substr(keys, place, PRINT_BYTES, type_=sa.LargeBinary))
    places = sa.select(sa.literal(1).label("place")).cte("places", recursive=True)
    following = places.c.place + PRINT_BYTES
    places = places.union_all(sa.select(following).where(following <= sa.func.length(keys)))
    return sa.select(sa.func.substr(keys, places.c.place, PRINT_BYTES, type_=sa.LargeBinary))


def prefer_indexes(session: Session) -> None:
    """Look some thousand rows up one by one; a scan of all takes as long for a few."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
