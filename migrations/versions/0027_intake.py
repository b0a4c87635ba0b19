"""The ways by which letters come in, and whether they were well lately."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "ways_in",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("tried_at", MOMENT, nullable=False),
        sa.Column("well_at", MOMENT, nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("fault", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ways_in")),
    )


def downgrade() -> None:
    op.drop_table("ways_in")
