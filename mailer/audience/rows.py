"""Bare rows, and those that two writers may add at once: the first one stays."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailer.db import Base


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
