"""Pacing: limits that people set, paces that all workers share, and who has how many lines."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def about() -> sa.Column[str]:
    words = ("relay", "recipients", "sender")
    kind = sa.Enum(*words, name="about", native_enum=False, create_constraint=True, length=20)
    return sa.Column("about", kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "limits",
        sa.Column("id", ID, nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        about(),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("per_second", sa.Float(), nullable=True),
        sa.Column("connections", sa.Integer(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("warm_from", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limits")),
        sa.UniqueConstraint("host", "about", "domain", name=op.f("uq_limits_host_about_domain")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "paces",
        sa.Column("host", sa.String(length=253), nullable=False),
        about(),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("free_at", MOMENT, nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("used", ID, nullable=False),
        sa.Column("slowed_to", sa.Float(), nullable=True),
        sa.Column("slowed_at", MOMENT, nullable=True),
        sa.Column("closed_until", MOMENT, nullable=True),
        sa.Column("prober", sa.String(length=32), nullable=False),
        sa.Column("trips", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", "about", "domain", name=op.f("pk_paces")),
    )
    op.create_table(
        "crews",
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("worker", sa.String(length=32), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("host", "worker", name=op.f("pk_crews")),
    )


def downgrade() -> None:
    for table in ("crews", "paces", "limits"):
        op.drop_table(table)
