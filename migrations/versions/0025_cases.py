"""Access to people: cases of looking, narrowed colleagues, excepted fields."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
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
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_cases_actor_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_cases_subject"), "cases", ["subject"])
    op.create_index("ix_cases_actor_id_ends_at", "cases", ["actor_id", "ends_at"])
    op.create_table(
        "list_members",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], ondelete="CASCADE", name="fk_list_members_user_id_users"
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], ondelete="CASCADE", name="fk_list_members_list_id_lists"
        ),
        sa.PrimaryKeyConstraint("user_id", "list_id", name=op.f("pk_list_members")),
    )
    is_narrow = sa.Column("is_narrow", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("users", is_narrow)
    exception = sa.Column("exception", sa.String(500), nullable=False, server_default="")
    op.add_column("fields", exception)


def downgrade() -> None:
    op.drop_column("fields", "exception")
    op.drop_column("users", "is_narrow")
    op.drop_table("list_members")
    op.drop_table("cases")
