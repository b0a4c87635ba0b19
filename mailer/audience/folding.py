"""Texts compared whatever their case, the same on both databases, and by an index."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

LAST = "\U0010ffff"
SMALL = {ord(sign): sign.lower() for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


class folded(FunctionElement[str]):  # noqa: N801 - it is written like a function of SQL
    """A column whose letters A to Z compare like a to z; other letters as they are.

    SQLite knows no more than these, and so addresses and their searches agree everywhere.
    """

    type = sa.String()
    inherit_cache = True
    name = "folded"


@compiles(folded)
def on_sqlite(element: folded, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401
    return f"{compiler.process(element.clauses, **given)} COLLATE NOCASE"


@compiles(folded, "postgresql")
def on_postgresql(element: folded, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401
    return f'lower({compiler.process(element.clauses, **given)} COLLATE "C")'


class domain(FunctionElement[str]):  # noqa: N801 - it is written like a function of SQL
    """What stands behind the @ of an address, as it is kept: in small letters."""

    type = sa.String()
    inherit_cache = True
    name = "domain"


@compiles(domain)
def domain_on_sqlite(element: domain, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401
    column = compiler.process(element.clauses, **given)
    return f"substr({column}, instr({column}, '@') + 1)"


@compiles(domain, "postgresql")
def domain_on_postgresql(element: domain, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401
    return f"split_part({compiler.process(element.clauses, **given)}, '@', 2)"


class place(FunctionElement[int]):  # noqa: N801 - it is written like a function of SQL
    """Where a text in small letters stands in a column, whatever the case of A to Z; or 0."""

    type = sa.Integer()
    inherit_cache = True
    name = "place"


@compiles(place)
def place_on_sqlite(element: place, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401
    column, text = (compiler.process(one, **given) for one in element.clauses)
    return f"instr(lower({column}), {text})"


@compiles(place, "postgresql")
def place_on_postgresql(element: place, compiler: SQLCompiler, **given: Any) -> str:  # noqa: ANN401
    column, text = (compiler.process(one, **given) for one in element.clauses)
    return f'strpos(lower({column} COLLATE "C"), {text})'


def begins(column: Any, text: str) -> sa.ColumnElement[bool]:  # noqa: ANN401 - any text of SQL
    """Ask whether a column begins with a text, in a way that an index answers."""
    low = text.translate(SMALL)
    return sa.and_(folded(column) >= low, folded(column) < low + LAST)


def equals(column: Any, text: str) -> sa.ColumnElement[bool]:  # noqa: ANN401 - any text of SQL
    return folded(column) == text.translate(SMALL)


def contains(column: Any, text: str) -> sa.ColumnElement[bool]:  # noqa: ANN401 - any text of SQL
    """Ask whether a text stands anywhere in a column. No index helps; LIKE would take longer."""
    return place(column, sa.literal(text.translate(SMALL), sa.String())) > 0
