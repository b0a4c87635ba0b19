"""Access to people: cases of looking, and fields that an owner has excepted."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(800), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_cases_actor_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_cases_subject"), "cases", ["subject"])
    exception = sa.Column("exception", sa.String(500), nullable=False, server_default="")
    op.add_column("fields", exception)
    with op.batch_alter_table("fields") as fields:
        fields.alter_column("exception", server_default=None)


def downgrade() -> None:
    op.drop_column("fields", "exception")
    op.drop_table("cases")
