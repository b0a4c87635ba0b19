"""How Alembic reaches the application's database and models."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

import mailer.accounts.models
import mailer.audience.address_models
import mailer.audience.bulk_models
import mailer.audience.imports.models
import mailer.audience.models
import mailer.campaigns.models
import mailer.delivery.models
import mailer.delivery.pace_models
import mailer.privacy.letters.models
import mailer.privacy.requests.models  # noqa: F401 - a model is known once it is imported
from mailer.db import Base, UtcDateTime

migrate = current_app.extensions["migrate"]


def spelled(kind: str, item: object, _context: object) -> str | bool:
    """Write our UTC column as the plain type it is, so that revisions need no model code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def unreferenced(connection: Connection) -> Iterator[None]:
    """Let SQLite change a table in the only way it knows: copy it, drop it, rename the copy.

    Dropping would else delete what refers to it. Afterwards every reference is looked at again.
    """
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"references were broken: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    engine = migrate.db.engine
    with engine.connect() as connection, unreferenced(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=spelled,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
