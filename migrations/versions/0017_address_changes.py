"""Readers correct their data: letters about another address, and the fields that a form asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEY = sa.LargeBinary(length=32)


def upgrade() -> None:
    asked = sa.Column("asked_fields", sa.String(length=1000), nullable=False, server_default="")
    op.add_column("lists", asked)
    op.create_table(
        "address_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("old_key", KEY, nullable=False),
        sa.Column("new_key", KEY, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_address_changes_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
        sqlite_autoincrement=True,
    )
    for column in ("subscriber_id", "old_key", "due_at"):
        op.create_index(f"ix_address_changes_{column}", "address_changes", [column])
    op.create_table(
        "address_letters",
        sa.Column("id", ID, nullable=False),
        sa.Column("change_id", ID, nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "old", "new", name="side", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(length=254), nullable=False),
        sa.Column("pressed_at", MOMENT, nullable=True),
        sa.Column("given", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["address_changes.id"],
            name=op.f("fk_address_letters_change_id_address_changes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_letters")),
        sa.UniqueConstraint("change_id", "side", name=op.f("uq_address_letters_change_id_side")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("address_letters")
    op.drop_table("address_changes")
    kept = {"sqlite_autoincrement": True}
    with op.batch_alter_table("lists", schema=None, table_kwargs=kept) as batch_op:
        batch_op.drop_column("asked_fields")
