"""Erasures that wait for the end of a legal hold, and what people are told of it."""

from alembic import op

revision = "0029"
down_revision = "0026"
branch_labels = None
depends_on = None

KEPT = {"sqlite_autoincrement": True}
STATES, ABOUTS = ("received", "identified", "paused"), ("receipt", "extension", "answer")
REQUESTS, NOTICES = "privacy_requests", "privacy_notices"


def upgrade() -> None:
    allow(REQUESTS, "state", (*STATES, "held", "closed"), KEPT)
    allow(NOTICES, "about", (*ABOUTS, "hold"))


def downgrade() -> None:
    op.execute(f"UPDATE {REQUESTS} SET state = 'paused' WHERE state = 'held'")  # noqa: S608
    op.execute(f"UPDATE {NOTICES} SET about = 'answer' WHERE about = 'hold'")  # noqa: S608
    allow(NOTICES, "about", ABOUTS)
    allow(REQUESTS, "state", (*STATES, "closed"), KEPT)


def allow(
    table: str, column: str, members: tuple[str, ...], kept: dict[str, bool] | None = None
) -> None:
    """Let a column hold these words and no others, in the check as the model spells it."""
    check = op.f(f"ck_{table}_{column}")
    quoted = ", ".join(f"'{one}'" for one in members)
    with op.batch_alter_table(table, schema=None, table_kwargs=kept or {}) as batch_op:
        batch_op.drop_constraint(check, type_="check")
        batch_op.create_check_constraint(check, f"{column} IN ({quoted})")
