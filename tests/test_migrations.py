"""The migrations: every revision up and down on both databases, and the models equal the head."""

import json
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from config import ROOT
from mailer import schema as migrating
from mailer.app import create_app
from mailer.db import Base, db
from tests.conftest import ConfigFor
from tests.databases import PostgresqlDatabases

SCRIPTS = ScriptDirectory.from_config(
    AlembicConfig(attributes={}, config_args={"script_location": str(ROOT / "migrations")})
)
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request: pytest.FixtureRequest, config_for: ConfigFor, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without a table, inside its context."""
    url = f"sqlite:///{tmp_path / 'blank.sqlite3'}"
    if request.param == "postgresql":
        databases: PostgresqlDatabases = request.getfixturevalue("postgresql")
        url = databases.create()
    app = create_app(config_for(url))
    migrating.prepare(app)
    with app.app_context():
        yield app
        db.engine.dispose()


def test_there_is_one_line_of_revisions() -> None:
    assert len(SCRIPTS.get_heads()) == 1
    assert all(not isinstance(s.down_revision, tuple) for s in SCRIPTS.walk_revisions())


@pytest.mark.usefixtures("blank")
def test_every_revision_goes_up_and_down_and_up_again() -> None:
    before = schema()
    for revision in REVISIONS:
        flask_migrate.upgrade(revision=revision)
        above = schema()
        flask_migrate.downgrade(revision="-1")
        assert schema() == before
        flask_migrate.upgrade(revision=revision)
        assert schema() == above
        before = above


# An index over an expression that SQLite is not given cannot be compared there.
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified:UserWarning")
@pytest.mark.usefixtures("blank")
def test_the_models_equal_the_head() -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.usefixtures("blank")
def test_what_create_all_makes_is_what_the_migrations_make() -> None:
    flask_migrate.upgrade()
    migrated = tables()
    flask_migrate.downgrade(revision="base")
    Base.metadata.create_all(db.engine)
    created = tables()
    assert migrated == created


def schema() -> dict[str, object]:
    """Return everything that stands in the database but Alembic's own note."""
    return {"tables": tables(), "triggers": triggers()}


def tables() -> dict[str, object]:
    look = sa.inspect(db.engine)
    names = [name for name in look.get_table_names() if name != "alembic_version"]
    return {
        name: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in look.get_columns(name)},
            "primary": look.get_pk_constraint(name),
            "foreign": sorted(map(spelled, look.get_foreign_keys(name))),
            "unique": sorted(map(spelled, look.get_unique_constraints(name))),
            "indexes": sorted(map(spelled, look.get_indexes(name))),
            "checks": sorted(map(spelled, look.get_check_constraints(name))),
        }
        for name in names
    }


def spelled(item: object) -> str:
    """Write an item of the catalogue out; SQL within it has no other equality."""
    return json.dumps(item, sort_keys=True, default=str)


def triggers() -> list[str]:
    query = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
        " UNION SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'public'",
    }[db.engine.dialect.name]
    with db.engine.connect() as connection:
        return sorted(connection.scalars(sa.text(query)))
