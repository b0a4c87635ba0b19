"""How Alembic reaches the application's database and models."""

from alembic import context
from flask import current_app

import mailer.accounts.models
import mailer.audience.models
import mailer.campaigns.models
import mailer.delivery.models  # noqa: F401 - a model is known once it is imported
from mailer.db import Base, UtcDateTime

migrate = current_app.extensions["migrate"]


def spelled(kind: str, item: object, _context: object) -> str | bool:
    """Write our UTC column as the plain type it is, so that revisions need no model code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    engine = migrate.db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=spelled,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
