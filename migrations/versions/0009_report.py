"""The live report: windows of what sending took, and copies that stay unknown."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = ("accepted", "refused", "deferred", "unknown", "left_out", "connections", "allowed")


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.create_table(
        "sending_windows",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.String(length=16), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTED),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("waits", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_sending_windows_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "at", "worker", name=op.f("pk_sending_windows")),
    )
    op.create_table(
        "unknowns",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", words("cause", "crash", "close", "timeout", "garbage"), nullable=False),
        sa.Column("relay", sa.String(length=253), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "resolution",
            words("resolution", "again", "journal", "word", "bounce", "click", "webhook"),
            nullable=True,
        ),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_unknowns_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unknowns")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("unknowns", schema=None) as batch_op:
        batch_op.create_index("ix_unknowns_campaign_id_resolved_at", ["campaign_id", "resolved_at"])
        batch_op.create_index("ix_unknowns_delivery_id", ["delivery_id"])
    # What became unknown before there was a list of it.
    op.execute(
        "INSERT INTO unknowns (campaign_id, delivery_id, found_at, handed_over_at, cause, relay, "
        "actor) SELECT campaign_id, id, coalesce(finished_at, next_at), sending_at, CASE reason "
        "WHEN 'the sending process ended' THEN 'crash' ELSE 'close' END, '', '' "
        "FROM deliveries WHERE status = 'unknown' ORDER BY id"
    )


def downgrade() -> None:
    with op.batch_alter_table("unknowns", schema=None) as batch_op:
        batch_op.drop_index("ix_unknowns_delivery_id")
        batch_op.drop_index("ix_unknowns_campaign_id_resolved_at")
    op.drop_table("unknowns")
    op.drop_table("sending_windows")
