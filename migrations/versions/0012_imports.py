"""Imports: the batch, its bytes, what went wrong, and ids of former systems."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STATES = (
    *("uploaded", "checking", "checked", "running", "paused"),
    *("finished", "failed", "cancelled", "undoing", "undone"),
)
PROVENANCES = (
    *("own_form", "event_sheet", "customers", "migration"),
    *("purchased", "scraped", "appended", "unknown"),
)


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", ID, nullable=False),
        sa.Column("state", words("state", *STATES), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("size", ID, nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("list_ids", sa.JSON(), nullable=False),
        sa.Column("provenance", words("provenance", *PROVENANCES), nullable=True),
        sa.Column("basis", words("basis", "double_opt_in", "opt_in", "customer"), nullable=True),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("attested_by", sa.String(length=254), nullable=False),
        sa.Column("attested_at", MOMENT, nullable=True),
        sa.Column("overwrite", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("forecast", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("undone", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("duplicates", sa.LargeBinary(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("created_by", sa.String(length=254), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imports_state"), ["state"])
    op.create_table(
        "import_chunks",
        sa.Column("import_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_import_chunks_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_chunks")),
    )
    op.create_table(
        "import_faults",
        sa.Column("id", ID, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_import_faults_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_faults")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("import_faults", schema=None) as batch_op:
        batch_op.create_index("ix_import_faults_import_id_id", ["import_id", "id"])
    op.create_table(
        "foreign_ids",
        sa.Column("system", words("system", "listmonk", "mailtrain", "phplist"), nullable=False),
        sa.Column("foreign_id", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_foreign_ids_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_foreign_ids_list_id_lists")
        ),
        sa.PrimaryKeyConstraint("system", "foreign_id", name=op.f("pk_foreign_ids")),
    )
    with op.batch_alter_table("foreign_ids", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_foreign_ids_subscriber_id"), ["subscriber_id"])
    for table in ("subscribers", "subscriptions"):
        op.add_column(table, sa.Column("import_id", ID, nullable=True))


def downgrade() -> None:
    for table in ("subscriptions", "subscribers"):
        op.drop_column(table, "import_id")
    op.drop_table("foreign_ids")
    op.drop_table("import_faults")
    op.drop_table("import_chunks")
    op.drop_table("imports")
