"""Indexes for the privacy desk: all refusals of an address, and whom nobody has told yet."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None

UNTOLD = sa.text("told_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_suppressions_address_key", "suppressions", ["address_key"])
    for table in ("privacy_notices", "privacy_recipients"):
        op.create_index(
            f"ix_{table}_untold",
            table,
            ["request_id"],
            sqlite_where=UNTOLD,
            postgresql_where=UNTOLD,
        )


def downgrade() -> None:
    for table in ("privacy_notices", "privacy_recipients"):
        op.drop_index(f"ix_{table}_untold", table)
    op.drop_index("ix_suppressions_address_key", "suppressions")
