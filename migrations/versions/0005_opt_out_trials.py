"""Trials of each sender's opt-out."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "opt_out_trials",
        sa.Column("id", ID, nullable=False),
        sa.Column("sender_id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("public_url", sa.String(length=300), nullable=False),
        sa.Column("key_name", sa.String(length=16), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lists_left", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["senders.id"], name=op.f("fk_opt_out_trials_sender_id_senders")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_opt_out_trials_list_id_lists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out_trials")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("opt_out_trials", schema=None) as batch_op:
        batch_op.create_index(
            "ix_opt_out_trials_sender_id_tried_at", ["sender_id", "tried_at"], unique=False
        )


def downgrade() -> None:
    op.drop_table("opt_out_trials")
