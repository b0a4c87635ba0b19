"""What makes thousands of tests cheap, and none of them weaker."""

import gc
from collections.abc import Callable
from typing import Any

from passlib.hash import argon2  # type: ignore[import-untyped]
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]
STATEMENTS = 5000  # SQLAlchemy's 500 are meant for one engine's life


def set_garbage_aside() -> None:
    """Leave out what lives until the end: each full collection would walk through all of it."""
    gc.collect()
    gc.freeze()


def remember_builders() -> None:
    """Compile the builder of each route's addresses once, although each test has its own routes.

    A builder depends on nothing but its key here; Werkzeug binds it to its rule.
    """
    compiled: dict[tuple[object, ...], Builder] = {}
    compile_builder = Rule._compile_builder

    def remembered(self: Any, append_unknown: bool = True) -> Builder:  # noqa: ANN401, FBT001, FBT002 - as Werkzeug's own
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(self, append_unknown)
        return compiled[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]


def remember_statements() -> None:
    """Compile each SQL statement once, although each test has an engine of its own.

    What SQLAlchemy has compiled it knows again by the statement and by the dialect, of which
    each engine has one; all that speak to the same server or library are alike.
    """
    compiled = LRUCache[Any, Any](STATEMENTS)

    @event.listens_for(Engine, "engine_connect")
    def share(connection: Connection) -> None:
        connection.engine._compiled_cache = compiled

    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = is_of_the_same_class  # type: ignore[method-assign]
        dialect.__hash__ = hash_of_the_class  # type: ignore[method-assign,assignment]


def hash_cheaply() -> None:
    """Let a password's hash take a millisecond; it is the work alone that a guesser would mind."""
    argon2.default_rounds = 1
    argon2.memory_cost = 64  # KiB


def is_of_the_same_class(one: object, other: object) -> bool:
    return type(one) is type(other)


def hash_of_the_class(one: object) -> int:
    return hash(type(one))
