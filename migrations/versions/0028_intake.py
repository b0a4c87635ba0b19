"""The ways by which letters come in, and how soon opt-outs hold."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
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
    op.create_table(
        "opt_out_effects",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("longest", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "channel", "slot", "bucket", name=op.f("pk_opt_out_effects")
        ),
    )


def downgrade() -> None:
    op.drop_table("opt_out_effects")
    op.drop_table("ways_in")
