"""Processors, whom lists address, and the privacy policy with its versions."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
SERVICES, TEXTS, VERSIONS = "processors", "policy_texts", "policy_versions"


def upgrade() -> None:
    countries = sa.Column("countries", sa.String(800), nullable=False, server_default="")
    op.add_column("lists", countries)
    op.create_table(
        SERVICES,
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", enum("role", "processor", "joint", "controller"), nullable=False),
        sa.Column("services", sa.String(300), nullable=False),
        sa.Column("legal_entity", sa.String(200), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column(
            "transfer",
            enum("transfer", "domestic", "adequacy", "dpf", "scc", "none"),
            nullable=False,
        ),
        sa.Column("transfer_checked_on", sa.Date(), nullable=True),
        sa.Column("contract", sa.String(500), nullable=False),
        sa.Column("contract_on", sa.Date(), nullable=True),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("reviewed_by", sa.String(254), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{SERVICES}")),
        sa.UniqueConstraint("name", name=op.f(f"uq_{SERVICES}_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        TEXTS,
        sa.Column("id", ID, nullable=False),
        sa.Column("page", enum("page", "privacy", "cookies"), nullable=False),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TEXTS}")),
        sa.UniqueConstraint("page", "place", name=op.f(f"uq_{TEXTS}_page_place")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        VERSIONS,
        sa.Column("id", ID, nullable=False),
        sa.Column("page", enum("page", "privacy", "cookies"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{VERSIONS}")),
        sa.UniqueConstraint("page", "number", name=op.f(f"uq_{VERSIONS}_page_number")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table(VERSIONS)
    op.drop_table(TEXTS)
    op.drop_table(SERVICES)
    op.drop_column("lists", "countries")


def enum(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=20)
