"""Nothing of a person's is looked for by reading a table of everybody's."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import addresses
from mailer.audience.models import Subscriber
from mailer.audience.moving import changes
from mailer.links import Site
from mailer.privacy import access, erasure
from mailer.privacy.archive import places
from tests.conftest import MakeReader
from tests.privacy.conftest import Tell

# By these alone an index finds the rows of a whole campaign, list, incident or state.
WIDE = frozenset({"campaign_id", "list_id", "incident_id", "status", "state", "action", "kind"})
STEP = re.compile(r"(?:SCAN|SEARCH) (\w+?)(?:_\d+)?(?: USING [^(]*(?:\((.*)\))?)?")
# Staff put these in by hand, a few in all.
FEW = frozenset({"legal_holds"})
# The last entry of a chain stands at the end of its index.
LAST = re.compile(r"IS NOT NULL\s+ORDER BY \w+\.\w+ DESC\s+LIMIT")
TERM = re.compile(r"(\w+)\)?(?:::\w+)? ?[=<>]")

Act = Callable[[Session, Site, Subscriber, datetime], object]
Asked = list[tuple[str, Any]]
# A table, and the columns by whose values its rows were found.
Step = tuple[str, frozenset[str]]


def archive(session: Session, site: Site, reader: Subscriber, now: datetime) -> None:
    access.archive(session, site, reader, now)


def erase(session: Session, _: Site, reader: Subscriber, now: datetime) -> None:
    erasure.erase(session, reader, now, "a test", reason="her request")


@contextmanager
def listening(connection: sa.Connection) -> Iterator[Asked]:
    """Note which statements are executed, and what was given for them."""
    asked: Asked = []

    def note(*given: Any) -> None:  # noqa: ANN401 - as SQLAlchemy calls it
        asked.append((given[2], given[3]))

    sa.event.listen(connection, "before_cursor_execute", note)
    yield asked
    sa.event.remove(connection, "before_cursor_execute", note)


def steps(connection: sa.Connection, statement: str, given: Any) -> Iterator[Step]:  # noqa: ANN401
    """Yield how the database finds the rows of each table for a statement."""
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        found = (STEP.fullmatch(row[3]) for row in plan)
        yield from ((one[1], columns(one[2] or "")) for one in found if one)
    else:
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", given)
        yield from nodes(plan.scalar_one()[0]["Plan"], "")


def nodes(node: dict[str, Any], table: str) -> Iterator[Step]:
    """Yield what PostgreSQL reads; a bitmap of an index stands below the table that it is for."""
    table, kind = node.get("Relation Name", table), node["Node Type"]
    if table and "Scan" in kind and kind != "Bitmap Heap Scan":
        yield table, columns(node.get("Index Cond", ""))
    for below in node.get("Plans", ()):
        yield from nodes(below, table if kind.startswith("Bitmap") else "")


def columns(condition: str) -> frozenset[str]:
    return frozenset(TERM.findall(condition))


@pytest.mark.parametrize(("act", "read"), [(archive, set(places.TOLD)), (erase, set())])
def test_her_rows_are_found_by_an_index_of_her_own(
    session: Session,
    site: Site,
    rosa: Subscriber,
    make_reader: MakeReader,
    tell: Tell,
    now: datetime,
    database: str,
    act: Act,
    read: set[str],
) -> None:
    tell(rosa)
    tell(make_reader("tomas"))
    changes.ask(session, now, site.keys, rosa.id, addresses.parsed("rosa@elsewhere.example"))
    session.commit()
    connection = session.connection()
    if database.startswith("postgresql"):
        # Of a few rows each table is read as a whole. Of these: where no index will do.
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    with listening(connection) as asked:
        act(session, site, session.get_one(Subscriber, rosa.id, populate_existing=True), now)
    found = {
        step
        for statement, given in asked
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not LAST.search(statement)
        for step in steps(connection, statement, given)
    }
    hers = places.TOLD.keys() - FEW
    assert {(table, by) for table, by in found if table in hers and by <= WIDE} == set()
    assert {table for table, _ in found} >= read
