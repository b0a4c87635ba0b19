"""Indexes that hold the few rows they are asked for: an entry for every other one cost imports."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SPARSE = (("subscribers", "paused_until"), ("subscriptions", "confirmation_due_at"))


def upgrade() -> None:
    for table, column in SPARSE:
        only = sa.text(f"{column} IS NOT NULL")
        remade(table, column, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for table, column in SPARSE:
        remade(table, column)


def remade(table: str, column: str, **only: sa.TextClause) -> None:
    name = f"ix_{table}_{column}"
    op.drop_index(name, table)
    op.create_index(name, table, [column], **only)
