"""Databases for the tests: migrated once for each worker, then copied or emptied."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import URL, make_url

from config import Config
from mailer import schema
from mailer.app import create_app
from mailer.db import Base, db

PUBLIC_URL = "http://127.0.0.1:9"  # never a Mailer that runs on this machine
NO_RELAY = "smtp://127.0.0.1:9"  # never the inbox of a Mailer that runs on this machine
SECRET_KEY = "f2a7c39d50b84e1696cd0a3b7e5184d2" * 2
SUPPRESSION_KEY = "0c84d1ba96e7453fb2d8a15f07c36e9b" * 2

FEW_BYTES = 200_000
LARGEST = "SELECT max(pg_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND oid >= 16384"
RESTART = sql.SQL(
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " FROM pg_sequences WHERE last_value IS NOT NULL"
)


def settings(data_dir: Path, database_url: str, **changes: object) -> Config:
    """Return a development configuration with fixed keys, and no rate limits unless asked."""
    given: dict[str, object] = {
        "production": False,
        "data_dir": data_dir,
        "database_url": database_url,
        "public_url": PUBLIC_URL,
        "secret_keys": (SECRET_KEY,),
        "suppression_key": SUPPRESSION_KEY,
        "rate_limits": False,
        "smtp_url": NO_RELAY,
    }
    return Config(**{**given, **changes})  # type: ignore[arg-type]


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring a database up to a revision, by the migrations themselves."""
    app = create_app(settings(Path(), database_url))
    with app.app_context():
        schema.upgrade(app, revision)
        db.engine.dispose()


class SqliteTemplate:
    """One migrated file; each test gets a copy."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "template.sqlite3"
        migrate(f"sqlite:///{self.file}")

    def copy(self, folder: Path) -> str:
        """Return the URL of a fresh database in the folder."""
        shutil.copyfile(self.file, folder / "mailer.sqlite3")
        return f"sqlite:///{folder / 'mailer.sqlite3'}"


class PostgresqlDatabases:
    """The databases of one worker on the common server; ``prefix`` keeps workers apart."""

    def __init__(self, admin_url: str, prefix: str) -> None:
        self.admin = make_url(admin_url)
        self.prefix = prefix
        self.made: list[str] = []
        self.template = self.create()
        migrate(self.template)
        self.common = self.migrated()

    def migrated(self) -> str:
        """Return the URL of a new database at the newest revision."""
        return self.create(make_url(self.template).database)

    def create(self, template: str | None = "template0") -> str:
        """Return the URL of a new database; without a template it is blank."""
        name = f"{self.prefix}_{len(self.made)}"
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG").format(
                sql.Identifier(name), sql.Identifier(str(template))
            )
        )
        self.made.append(name)
        return self.url(name)

    def emptied(self) -> str:
        """Return the URL of the worker's common database, with every table empty.

        TRUNCATE makes every table and index a new file, which takes three times as long as
        deleting a handful of rows; but what is deleted still takes up room.
        """
        with psycopg.connect(libpq(make_url(self.common)), autocommit=True) as connection:
            # The ledgers refuse both; a replica's triggers stay silent, and so do foreign keys.
            connection.execute("SET session_replication_role = replica")
            largest = connection.execute(LARGEST).fetchone()
            if largest is None or largest[0] > FEW_BYTES:
                tables = sql.SQL(", ").join(map(sql.Identifier, names()))
                connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
            else:
                each = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in names()]
                connection.execute(sql.SQL("; ").join([*each, RESTART]))
        return self.common

    def drop_all(self) -> None:
        for name in self.made:
            self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, name: str) -> str:
        return self.admin.set(database=name).render_as_string(hide_password=False)

    def execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(libpq(self.admin), autocommit=True) as connection:
            connection.execute(statement)


def names() -> list[str]:
    return [table.name for table in Base.metadata.sorted_tables]


def libpq(url: URL) -> str:
    """Return the URL as PostgreSQL's own library reads it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def digests(engine: sa.Engine) -> dict[str, str]:
    """Return one digest for each table, which changes when any row of it does."""
    # Only reading, it need not wait for whoever holds SQLite's write lock.
    with engine.execution_options(read_only=True).connect() as connection:
        return {
            table.name: digest(connection.execute(sa.select(table)).all())
            for table in Base.metadata.sorted_tables
        }


def digest(rows: Sequence[sa.Row[Any]]) -> str:
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
