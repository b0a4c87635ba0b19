"""Senders: more of their names, the life of their keys, what DNS says, letters to their mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAMES = (("other_names", 500), ("phone", 40), ("website", 200))
TIMES = ("verified_at", "activated_at")


def upgrade() -> None:
    with op.batch_alter_table("senders", schema=None) as batch_op:
        for name, length in NAMES:
            batch_op.add_column(
                sa.Column(name, sa.String(length), nullable=False, server_default="")
            )
    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        for name in TIMES:
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    # Until now a key signed from the moment it was made.
    op.execute("UPDATE signing_keys SET activated_at = created_at")
    op.create_table(
        "domain_checks",
        sa.Column("id", ID, nullable=False),
        sa.Column("sender_id", ID, nullable=False),
        sa.Column("from_address", sa.String(length=254), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("fault", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["senders.id"], name=op.f("fk_domain_checks_sender_id_senders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_checks")),
        sa.UniqueConstraint("sender_id", name=op.f("uq_domain_checks_sender_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reply_probes",
        sa.Column("id", ID, nullable=False),
        sa.Column("sender_id", ID, nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["senders.id"], name=op.f("fk_reply_probes_sender_id_senders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_probes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("reply_probes", schema=None) as batch_op:
        batch_op.create_index("ix_reply_probes_sender_id", ["sender_id"], unique=False)
        batch_op.create_index("ix_reply_probes_due_at", ["due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("reply_probes", schema=None) as batch_op:
        batch_op.drop_index("ix_reply_probes_due_at")
        batch_op.drop_index("ix_reply_probes_sender_id")
    op.drop_table("reply_probes")
    op.drop_table("domain_checks")
    kept = {"sqlite_autoincrement": True}
    with op.batch_alter_table("signing_keys", schema=None, table_kwargs=kept) as batch_op:
        for name in reversed(TIMES):
            batch_op.drop_column(name)
    with op.batch_alter_table("senders", schema=None, table_kwargs=kept) as batch_op:
        for name, _ in reversed(NAMES):
            batch_op.drop_column(name)
