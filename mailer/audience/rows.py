"""Bare rows: those that two writers may add at once, and those looked up by the thousand."""

import sqlalchemy as sa
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailer.db import Base
from mailer.tokens import PRINT_BYTES


def table(model: type[Base]) -> Table:
    """Return the bare table: a statement about it costs half of one about the model."""
    found = model.__table__
    assert isinstance(found, Table)  # noqa: S101 - every model here has a table
    return found


def insertion(session: Session, model: type[Base]) -> "postgresql.Insert | sqlite.Insert":
    """Return the dialect's own INSERT, the one that knows ON CONFLICT."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table(model))
    return sqlite.insert(table(model))


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
