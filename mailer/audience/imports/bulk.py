"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite.

Several times as fast as the ORM, which asks about every row and every column of it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mailer.db import Base

SQLITE_TIME = "%Y-%m-%d %H:%M:%S.%f"  # as SQLAlchemy writes it


class Collision(Exception):  # noqa: N818 - errors are named for the situation
    """Somebody else has added or removed what these rows need, at the same moment."""


class Unwritable(Exception):  # noqa: N818 - errors are named for the situation
    """The database refuses a row; said without the row, for logs are no place for people."""


def insert(
    session: Session, model: type[Base], columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Add rows whose cells stand in the order of the columns; JSON as text, times with zones.

    Raises Collision (on SQLite SQLAlchemy's IntegrityError) and Unwritable.
    """
    table, names = model.__tablename__, ", ".join(columns)
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the only driver of ours
        copy(driver, f"COPY {table} ({names}) FROM STDIN", rows)
        return
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
    values = [tuple(map(spelled, row)) for row in rows]
    if values:
        connection.exec_driver_sql(statement, values)


def copy(
    driver: "psycopg.Connection[object]", statement: str, rows: Iterable[Sequence[object]]
) -> None:
    try:
        with driver.cursor() as cursor, cursor.copy(statement.encode()) as stream:
            for row in rows:
                stream.write_row(row)
    except psycopg.IntegrityError:
        raise Collision(statement) from None
    except psycopg.OperationalError as error:
        raise OperationalError(statement, None, error) from error
    except psycopg.Error as error:
        raise Unwritable(f"{statement}: {error.sqlstate}") from None


def spelled(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime(SQLITE_TIME)
    return value


def numbers(session: Session, model: type[Base], count: int) -> list[int]:
    """Return ids for new rows of a table, which nobody else gets."""
    if not count:
        return []
    if session.get_bind().dialect.name == "postgresql":
        following = sa.func.nextval(f"{model.__tablename__}_id_seq")
        # In one row: to fetch thousands takes longer than to draw them.
        drawn = sa.select(sa.func.array_agg(following)).select_from(
            sa.func.generate_series(1, count)
        )
        return list(session.scalars(drawn).one())
    # SQLite's transactions are exclusive, and the rows that follow move the counter themselves.
    last = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    first = session.scalar(last, {"table": model.__tablename__}) or 0
    return list(range(first + 1, first + 1 + count))
