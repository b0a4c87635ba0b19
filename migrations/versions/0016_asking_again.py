"""Asking again for consent, and from when the consent of imported readers counts."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEPT = {"sqlite_autoincrement": True}
BASES = ("double_opt_in", "opt_in", "customer")
INDEX = "ix_subscriptions_consent_expired_at"


def upgrade() -> None:
    asking = sa.Column("is_asking", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("campaigns", asking)
    with op.batch_alter_table("imports", schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("began_on", sa.Date(), nullable=True))
        batch_op.drop_constraint(op.f("ck_imports_basis"), type_="check")
        batch_op.create_check_constraint(op.f("ck_imports_basis"), one_of(*BASES, "inquiry"))
    over = sa.text("consent_expired_at IS NOT NULL")
    op.create_index(
        INDEX,
        "subscriptions",
        ["consent_expired_at"],
        sqlite_where=over,
        postgresql_where=over,
    )


def downgrade() -> None:
    """Go back; the older program knows inquiries as what they are not worse than: customers."""
    op.drop_index(INDEX, "subscriptions")
    op.execute("UPDATE imports SET basis = 'customer' WHERE basis = 'inquiry'")
    with op.batch_alter_table("imports", schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(op.f("ck_imports_basis"), type_="check")
        batch_op.create_check_constraint(op.f("ck_imports_basis"), one_of(*BASES))
        batch_op.drop_column("began_on")
    with op.batch_alter_table("campaigns", schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_column("is_asking")


def one_of(*values: str) -> str:
    """Return the check as the model spells it."""
    quoted = ", ".join(f"'{value}'" for value in values)
    return f"basis IN ({quoted})"
