"""Indexes for the privacy desk: all refusals of an address, and whom nobody has told yet."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

CLOSED = "ix_privacy_requests_closed_at"
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
    op.drop_index(CLOSED, "privacy_requests")
    op.create_index(CLOSED, "privacy_requests", ["closed_at", "received_at"])


def downgrade() -> None:
    op.drop_index(CLOSED, "privacy_requests")
    op.create_index(CLOSED, "privacy_requests", ["closed_at"])
    for table in ("privacy_notices", "privacy_recipients"):
        op.drop_index(f"ix_{table}_untold", table)
    op.drop_index("ix_suppressions_address_key", "suppressions")
