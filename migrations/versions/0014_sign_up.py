"""Sign-up that is no weapon, and readers' wishes: the letterbox, limits, topics, pauses, reasons."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEY = sa.LargeBinary(length=32)
REASONS = ("too often", "not for me", "never asked", "other")
# Plain texts: an expression would have SQLite make the table anew, and lose its AUTOINCREMENT.
NO, ZERO, EMPTY = "0", "0", ""
# What each table gains: name, type, and the value of the rows that are there (None: none).
COLUMNS = {
    "lists": (("least_age", sa.Integer(), ZERO),),
    "subscribers": (("language", sa.String(length=35), EMPTY), ("paused_until", MOMENT, None)),
    "subscriptions": (("confirmation_asked_at", MOMENT, None), ("is_weekly", sa.Boolean(), NO)),
    "campaigns": (("topic_id", ID, None),),
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name, kind, value in columns:
                batch_op.add_column(
                    sa.Column(name, kind, nullable=value is None, server_default=value)
                )
    op.create_index("ix_subscribers_paused_until", "subscribers", ["paused_until"])
    op.execute(
        "UPDATE subscriptions SET confirmation_asked_at = created_at WHERE confirmation_serial > 0"
    )
    create_letterbox()
    create_wishes()


def create_letterbox() -> None:
    op.create_table(
        "sign_ups",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("address_key", KEY, nullable=False),
        sa.Column("list_id", ID, nullable=True),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_ups_address_key", "sign_ups", ["address_key"])
    op.create_table(
        "asked_mails",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("mailbox_key", KEY, nullable=False),
        sa.Column("list_id", ID, nullable=True),
        sa.Column("subscriber_id", ID, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_mails")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_asked_mails_at", "asked_mails", ["at"])
    op.create_index("ix_asked_mails_due_at", "asked_mails", ["due_at"])
    op.create_index("ix_asked_mails_mailbox_key_at", "asked_mails", ["mailbox_key", "at"])
    op.create_table(
        "left_mails",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_left_mails")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_left_mails_at", "left_mails", ["at"])


def create_wishes() -> None:
    op.create_table(
        "topics",
        sa.Column("id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_topics_list_id_lists")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("list_id", "name", name=op.f("uq_topics_list_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subscription_topics",
        sa.Column("subscription_id", ID, nullable=False),
        sa.Column("topic_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_subscription_topics_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_subscription_topics_topic_id_topics")
        ),
        sa.PrimaryKeyConstraint(
            "subscription_id", "topic_id", name=op.f("pk_subscription_topics")
        ),
    )
    op.create_table(
        "wishes",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("address_key", KEY, nullable=False),
        sa.Column("list_id", ID, nullable=True),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wishes_address_key", "wishes", ["address_key"])
    op.create_table(
        "leaving_reasons",
        sa.Column("suppression_id", ID, nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                *REASONS,
                name="leavingreason",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["suppression_id"],
            ["suppressions.id"],
            name=op.f("fk_leaving_reasons_suppression_id_suppressions"),
        ),
        sa.PrimaryKeyConstraint("suppression_id", name=op.f("pk_leaving_reasons")),
    )


def downgrade() -> None:
    for table in (
        "leaving_reasons",
        "wishes",
        "subscription_topics",
        "topics",
        "left_mails",
        "asked_mails",
        "sign_ups",
    ):
        op.drop_table(table)
    op.drop_index("ix_subscribers_paused_until", "subscribers")
    for table, columns in COLUMNS.items():
        kept = {"sqlite_autoincrement": True}
        with op.batch_alter_table(table, schema=None, table_kwargs=kept) as batch_op:
            for name, _, _ in columns:
                batch_op.drop_column(name)
