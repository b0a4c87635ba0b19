"""Portions: deliveries are leased by the run of them, so that a row is written only twice."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SIZE = 1000

# What a worker of the older version still held goes back; what it had on the wire is unknown.
GIVE_BACK = "UPDATE deliveries SET status = 'pending' WHERE status = 'claimed'"
WAS_ON_THE_WIRE = """
    UPDATE deliveries SET status = 'unknown', reason = 'the sending process ended',
        finished_at = sending_at
    WHERE status = 'sending'
"""
DIVIDE = f"""
    INSERT INTO portions (campaign_id, first_id, last_id, next_at, people, open_ones, accepted)
    SELECT campaign_id, min(id), max(id), min(waits_until), 0, 0, 0
    FROM (
        SELECT id, campaign_id,
            CASE WHEN status IN ('pending', 'deferred') THEN next_at END AS waits_until,
            (row_number() OVER (PARTITION BY campaign_id ORDER BY id) - 1) / {SIZE} AS number
        FROM deliveries
    ) AS audience
    GROUP BY campaign_id, number
"""  # noqa: S608 - made of a constant


def upgrade() -> None:
    op.create_table(
        "portions",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("first_id", ID, nullable=False),
        sa.Column("last_id", ID, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("open_ones", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_portions_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portions")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("portions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portions_campaign_id_next_at", ["campaign_id", "next_at"], unique=False
        )
        batch_op.create_index("ix_portions_lease_until", ["lease_until"], unique=False)
    for statement in (GIVE_BACK, WAS_ON_THE_WIRE, DIVIDE):
        op.execute(statement)
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_campaign_id_status_next_at")
        batch_op.drop_index("ix_deliveries_address_key")
        batch_op.drop_constraint("uq_deliveries_campaign_id_address_key", type_="unique")
        batch_op.create_unique_constraint(
            "uq_deliveries_address_key_campaign_id", ["address_key", "campaign_id"]
        )
        batch_op.drop_column("lease")
        batch_op.drop_column("lease_until")
        batch_op.add_column(
            sa.Column("crashes", sa.Integer(), nullable=False, server_default="0")
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE deliveries SET (fillfactor = 40)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE deliveries RESET (fillfactor)")
    kept = {"sqlite_autoincrement": True}
    with op.batch_alter_table("deliveries", schema=None, table_kwargs=kept) as batch_op:
        batch_op.drop_column("crashes")
        batch_op.add_column(sa.Column("lease", sa.String(length=32), nullable=True))
        batch_op.add_column(
            sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.drop_constraint("uq_deliveries_address_key_campaign_id", type_="unique")
        batch_op.create_unique_constraint(
            "uq_deliveries_campaign_id_address_key", ["campaign_id", "address_key"]
        )
        batch_op.create_index("ix_deliveries_address_key", ["address_key"], unique=False)
        batch_op.create_index(
            "ix_deliveries_campaign_id_status_next_at",
            ["campaign_id", "status", "next_at"],
            unique=False,
        )
    op.drop_table("portions")
