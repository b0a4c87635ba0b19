"""A second law beside a request's own, acts without a request, who vouched for parents, reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KEPT = {"sqlite_autoincrement": True}
REGIMES = ("GDPR", "UK GDPR", "CCPA", "policy")
CHANNELS = ("page", "mail", "letter", "phone", "other")
REQUESTS = "privacy_requests"
CHANNEL, ALSO = f"ck_{REQUESTS}_channel", f"ck_{REQUESTS}_also"


def upgrade() -> None:
    with op.batch_alter_table(REQUESTS, schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("also", sa.String(20), nullable=True))
        batch_op.create_check_constraint(op.f(ALSO), one_of("also", REGIMES))
        batch_op.drop_constraint(op.f(CHANNEL), type_="check")
        batch_op.create_check_constraint(op.f(CHANNEL), one_of("channel", (*CHANNELS, "own")))
    parents = sa.Column("parents_by", sa.String(254), nullable=False, server_default="")
    op.add_column("imports", parents)
    op.add_column("relays", sa.Column("contract_on", sa.Date(), nullable=True))
    days = sa.Column("review_days", sa.Integer(), nullable=False, server_default="90")
    op.add_column("relays", days)


def downgrade() -> None:
    """Go back; the older program knows the new word as the nearest of its own."""
    op.drop_column("relays", "review_days")
    op.drop_column("relays", "contract_on")
    op.drop_column("imports", "parents_by")
    op.execute("UPDATE privacy_requests SET channel = 'other' WHERE channel = 'own'")
    with op.batch_alter_table(REQUESTS, schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(op.f(CHANNEL), type_="check")
        batch_op.create_check_constraint(op.f(CHANNEL), one_of("channel", CHANNELS))
        batch_op.drop_constraint(op.f(ALSO), type_="check")
        batch_op.drop_column("also")


def one_of(column: str, words: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{one}'" for one in words)
    return f"{column} IN ({quoted})"
