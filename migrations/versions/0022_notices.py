"""The desk's second part: what people are told, who else must know, and where they live."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEPT = {"sqlite_autoincrement": True}
KINDS = (
    *("access", "portability", "correction", "erasure", "restriction"),
    *("objection", "withdrawal", "complaint", "opt-out"),
)
OUTCOMES = ("granted", "partly", "refused", "dropped")
REQUESTS, CHALLENGES = "privacy_requests", "privacy_challenges"
NOTICES, RECIPIENTS = "privacy_notices", "privacy_recipients"


def upgrade() -> None:
    with op.batch_alter_table(REQUESTS, schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.add_column(text("agent", 200))
        batch_op.add_column(text("home", 5))
        allow(batch_op, REQUESTS, "kind", (*KINDS, "do-not-sell"))
        allow(batch_op, REQUESTS, "outcome", (*OUTCOMES, "moot"))
    with op.batch_alter_table(CHALLENGES, schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.add_column(text("home", 5))
        batch_op.add_column(sa.Column("request_id", ID, nullable=True))
        allow(batch_op, CHALLENGES, "kind", (*KINDS, "do-not-sell"))
    op.create_table(
        NOTICES,
        sa.Column("id", ID, nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("about", word("about", "receipt", "extension", "answer"), nullable=False),
        sa.Column("way", word("way", "mail", "post", "phone", "page"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("fault", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NOTICES}")),
        of_request(NOTICES),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{NOTICES}_request_id", NOTICES, ["request_id"])
    op.create_index(f"ix_{NOTICES}_due_at", NOTICES, ["due_at"])
    op.create_table(
        RECIPIENTS,
        sa.Column("id", ID, nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("told_by", sa.String(254), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{RECIPIENTS}")),
        sa.UniqueConstraint("request_id", "name", name=op.f(f"uq_{RECIPIENTS}_request_id_name")),
        of_request(RECIPIENTS),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Go back; the older program knows the new words as the nearest of its own."""
    op.drop_table(RECIPIENTS)
    op.drop_table(NOTICES)
    for table in (REQUESTS, CHALLENGES):
        op.execute(f"UPDATE {table} SET kind = 'complaint' WHERE kind = 'do-not-sell'")  # noqa: S608
    op.execute("UPDATE privacy_requests SET outcome = 'dropped' WHERE outcome = 'moot'")
    with op.batch_alter_table(CHALLENGES, schema=None, table_kwargs=KEPT) as batch_op:
        allow(batch_op, CHALLENGES, "kind", KINDS)
        batch_op.drop_column("request_id")
        batch_op.drop_column("home")
    with op.batch_alter_table(REQUESTS, schema=None, table_kwargs=KEPT) as batch_op:
        allow(batch_op, REQUESTS, "outcome", OUTCOMES)
        allow(batch_op, REQUESTS, "kind", KINDS)
        batch_op.drop_column("home")
        batch_op.drop_column("agent")


def text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def allow(batch_op: BatchOperations, table: str, column: str, members: tuple[str, ...]) -> None:
    """Let a column hold these words and no others, in the check as the model spells it."""
    check = op.f(f"ck_{table}_{column}")
    quoted = ", ".join(f"'{one}'" for one in members)
    batch_op.drop_constraint(check, type_="check")
    batch_op.create_check_constraint(check, f"{column} IN ({quoted})")


def of_request(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_request_id_{REQUESTS}")
    return sa.ForeignKeyConstraint(["request_id"], [f"{REQUESTS}.id"], name=name)


def word(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=20)
