"""Fields, segments, bulk acts, and the indexes that keep readers' pages quick."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DEEDS = ("unsubscribe", "suppress", "disable", "enable", "set-field")
KINDS = ("text", "number", "date", "yes-no", "choice", "country")
# Asked for each person whenever an audience is frozen, and answered by the freezing itself.
BY_PERSON = (
    ("fk_deliveries_campaign_id_campaigns", "campaign_id", "campaigns"),
    ("fk_deliveries_list_id_lists", "list_id", "lists"),
)
KEPT = {"sqlite_autoincrement": True}
POSTGRESQL = (
    'CREATE INDEX ix_subscribers_email_folded ON subscribers (lower(email COLLATE "C"))',
    'CREATE INDEX ix_subscribers_name_folded ON subscribers (lower(name COLLATE "C"))',
    "CREATE INDEX ix_subscribers_domain ON subscribers (split_part(email, '@', 2))",
)
SQLITE = (
    "CREATE INDEX ix_subscribers_email_folded ON subscribers (email COLLATE NOCASE)",
    "CREATE INDEX ix_subscribers_name_folded ON subscribers (name COLLATE NOCASE)",
)


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    op.create_table(
        "fields",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=50), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("kind", words("fieldkind", *KINDS), nullable=False),
        sa.Column("choices", sa.String(length=2000), nullable=False),
        sa.Column("is_hers", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fields")),
        sa.UniqueConstraint("key", name=op.f("uq_fields_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "segments",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("name", name=op.f("uq_segments_name")),
        sqlite_autoincrement=True,
    )
    for table in ("campaign_segments", "campaign_exclusions"):
        op.create_table(
            table,
            sa.Column("campaign_id", ID, nullable=False),
            sa.Column("segment_id", ID, nullable=False),
            sa.ForeignKeyConstraint(
                ["campaign_id"],
                ["campaigns.id"],
                name=op.f(f"fk_{table}_campaign_id_campaigns"),
                ondelete="CASCADE",
            ),
            sa.ForeignKeyConstraint(
                ["segment_id"], ["segments.id"], name=op.f(f"fk_{table}_segment_id_segments")
            ),
            sa.PrimaryKeyConstraint("campaign_id", "segment_id", name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "bulk_acts",
        sa.Column("id", ID, nullable=False),
        sa.Column("deed", words("deed", *DEEDS), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("last_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_acts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulk_acts_finished_at", "bulk_acts", ["finished_at"])
    op.create_table(
        "bulk_members",
        sa.Column("act_id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["act_id"], ["bulk_acts.id"], name=op.f("fk_bulk_members_act_id_bulk_acts")
        ),
        sa.PrimaryKeyConstraint("act_id", "subscriber_id", name=op.f("pk_bulk_members")),
    )
    op.create_index("ix_bulk_members_subscriber_id", "bulk_members", ["subscriber_id"])
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject"])
    op.drop_index("ix_subscriptions_list_id_status", table_name="subscriptions")
    op.create_index(
        "ix_subscriptions_list_id_status", "subscriptions", ["list_id", "status", "subscriber_id"]
    )
    op.create_index("ix_subscribers_status_id", "subscribers", ["status", "id"])
    with op.batch_alter_table("deliveries", schema=None, table_kwargs=KEPT) as batch_op:
        for name, _, _ in BY_PERSON:
            batch_op.drop_constraint(name, type_="foreignkey")
    if is_postgresql():
        op.alter_column(
            "subscribers", "attributes", type_=JSONB(), postgresql_using="attributes::jsonb"
        )
    for statement in POSTGRESQL if is_postgresql() else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    for statement in POSTGRESQL if is_postgresql() else SQLITE:
        op.drop_index(statement.split()[2], table_name="subscribers")
    if is_postgresql():
        op.alter_column(
            "subscribers", "attributes", type_=sa.JSON(), postgresql_using="attributes::json"
        )
    with op.batch_alter_table("deliveries", schema=None, table_kwargs=KEPT) as batch_op:
        for name, column, table in BY_PERSON:
            batch_op.create_foreign_key(name, table, [column], ["id"])
    op.drop_index("ix_subscribers_status_id", table_name="subscribers")
    op.drop_index("ix_subscriptions_list_id_status", table_name="subscriptions")
    op.create_index("ix_subscriptions_list_id_status", "subscriptions", ["list_id", "status"])
    op.drop_index("ix_audit_entries_subject", table_name="audit_entries")
    for table in (
        "bulk_members",
        "bulk_acts",
        "campaign_exclusions",
        "campaign_segments",
        "segments",
        "fields",
    ):
        op.drop_table(table)
