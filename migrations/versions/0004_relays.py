"""Relays and what came back through them: a register, and the results of seed copies."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.create_table(
        "relays",
        sa.Column("id", ID, nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("legal_entity", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column(
            "transfer",
            words("transfer", "domestic", "adequacy", "dpf", "scc", "none"),
            nullable=False,
        ),
        sa.Column("transfer_checked_on", sa.Date(), nullable=True),
        sa.Column("contract", sa.String(length=500), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relays")),
        sa.UniqueConstraint("host", name=op.f("uq_relays_host")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "seed_results",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column(
            "state",
            words("seedstate", "due", "sent", "passed", "failed", "lost", "unsent"),
            nullable=False,
        ),
        sa.Column("ahead_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("sent_hash", sa.String(length=64), nullable=False),
        sa.Column("received_hash", sa.String(length=64), nullable=False),
        sa.Column("list_id", ID, nullable=True),
        sa.Column("list_header", sa.String(length=300), nullable=False),
        sa.Column("covered", sa.String(length=1000), nullable=False),
        sa.Column("relay_signs", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_seed_results_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_seed_results_list_id_lists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seed_results")),
        sa.UniqueConstraint(
            "campaign_id", "ahead_of", name=op.f("uq_seed_results_campaign_id_ahead_of")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("seed_results", schema=None) as batch_op:
        for column in ("campaign_id", "host", "next_at"):
            batch_op.create_index(
                batch_op.f(f"ix_seed_results_{column}"), [column], unique=False
            )


def downgrade() -> None:
    op.drop_table("seed_results")
    op.drop_table("relays")
