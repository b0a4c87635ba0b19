"""Certificates, append-only like the other ledgers, and the kinds of copies that they speak of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def forbid_changes(table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE; the function for PostgreSQL came with the first tables."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    body = "BEGIN SELECT RAISE(ABORT, 'this ledger is append-only'); END"
    if postgresql:
        body = "EXECUTE FUNCTION refuse_change()"
    before = f"CREATE TRIGGER {table}_no_%s BEFORE %s ON {table} FOR EACH %s"
    op.execute(f"{before % ('delete', 'DELETE', 'ROW')} {body}")
    op.execute(f"{before % ('update', 'UPDATE', 'ROW')} {body}")
    if postgresql:
        op.execute(f"{before % ('truncate', 'TRUNCATE', 'STATEMENT')} {body}")


def upgrade() -> None:
    op.create_table(
        "judged_kinds",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_judged_kinds_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "digest", name=op.f("pk_judged_kinds")),
    )
    op.create_table(
        "certificates",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column(
            "occasion",
            sa.Enum(
                "start",
                "resume",
                "end",
                name="occasion",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("public_key", sa.String(length=44), nullable=False),
        sa.Column("signature", sa.String(length=88), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_certificates_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("hash", name=op.f("uq_certificates_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_certificates_campaign_id"), "certificates", ["campaign_id"])
    forbid_changes("certificates")


def downgrade() -> None:
    op.drop_index(op.f("ix_certificates_campaign_id"), "certificates")
    op.drop_table("certificates")
    op.drop_table("judged_kinds")
