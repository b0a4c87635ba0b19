"""An index of refusals by address key alone: all of hers are found, lifted ones too."""

from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_suppressions_address_key", "suppressions", ["address_key"])


def downgrade() -> None:
    op.drop_index("ix_suppressions_address_key", "suppressions")
