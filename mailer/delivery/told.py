"""Statements built once, and many rows told to the database in one parameter.

Building a statement costs more than running it, and so does the session's own way of running it:
what a turn says again and again is kept, and goes straight to the session's connection.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.db import Id


def dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def run(
    session: Session, statement: sa.Executable, given: Mapping[str, Any]
) -> sa.CursorResult[*tuple[Any, ...]]:
    """Run a kept statement in the session's transaction. What the session holds is not flushed."""
    return session.connection().execute(statement, given)


def ids(dialect: str) -> sa.Select[int]:
    """Return the ids in the parameter ``told``, for use after IN."""
    given = sa.bindparam("told", type_=sa.Text)
    if dialect == "postgresql":
        texts = sa.func.json_array_elements_text(sa.cast(given, sa.JSON(none_as_null=True)))
        return sa.select(sa.cast(texts.table_valued("value", name="told").c.value, sa.BigInteger))
    return sa.select(sa.func.json_each(given).table_valued("value", name="told").c.value)


def rows(dialect: str) -> sa.FromClause:
    """Return a table with the columns ``id`` and ``text``, filled by the parameter ``told``.

    One JSON text costs a tenth of an array of parameters, and the statement stays the same
    whatever the number of rows, so that the server plans it once.
    """
    given = sa.bindparam("told", type_=sa.Text)
    if dialect == "postgresql":
        columns = sa.column("id", sa.BigInteger), sa.column("text", sa.Text)
        recordset = sa.func.json_to_recordset(sa.cast(given, sa.JSON(none_as_null=True)))
        return recordset.table_valued(*columns).render_derived(name="told", with_types=True)
    each = sa.func.json_each(given).table_valued("value", name="each")
    return sa.select(
        sa.func.json_extract(each.c.value, "$.id", type_=Id).label("id"),
        sa.func.json_extract(each.c.value, "$.text", type_=sa.Text).label("text"),
    ).subquery("told")


def these(ids: Iterable[int]) -> dict[str, str]:
    """Return the parameter for ``ids``."""
    return {"told": json.dumps(list(ids))}


def texts(some: Iterable[tuple[int, str]]) -> dict[str, str]:
    """Return the parameter for ``rows``, from pairs of id and text."""
    return {"told": json.dumps([{"id": one, "text": text} for one, text in some])}
