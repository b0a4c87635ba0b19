"""Erasures that wait for a legal hold; periods of archives and the audit log; approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

STATES, ABOUTS = ("received", "identified", "paused"), ("receipt", "extension", "answer")
REQUESTS, NOTICES, PERIODS = "privacy_requests", "privacy_notices", "retention_periods"
CLASSES = (
    *("unconfirmed", "imports", "security", "subscription", "proof", "correspondence"),
    *("requests", "incidents", "analytics"),
)
MOMENT = sa.DateTime(timezone=True)
NUMBERED = (REQUESTS, NOTICES)
AUDIT, REFUSED = "audit_entries", "this ledger is append-only"
# The entry that says up to which number the log's first entries were thrown away.
IS_CUT = (
    f"SELECT 1 FROM {AUDIT} AS cut WHERE cut.action = 'retention.cut'"  # noqa: S608
    " AND CAST(substr(cut.subject, 12) AS BIGINT) >= OLD.id"
)


def upgrade() -> None:
    allow(PERIODS, "name", (*CLASSES[:3], "archives", *CLASSES[3:], "audit"), named="class")
    allow_cuts()
    allow(REQUESTS, "state", (*STATES, "held", "closed"))
    allow(NOTICES, "about", (*ABOUTS, "hold"))
    named = sa.Column("approver", sa.String(254), nullable=False, server_default="")
    op.add_column("cases", named)
    op.add_column("cases", sa.Column("approved_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "approved_at")
    op.drop_column("cases", "approver")
    forbid_cuts()
    op.execute(f"DELETE FROM {PERIODS} WHERE name IN ('archives', 'audit')")  # noqa: S608
    allow(PERIODS, "name", CLASSES, named="class")
    op.execute(f"UPDATE {REQUESTS} SET state = 'paused' WHERE state = 'held'")  # noqa: S608
    op.execute(f"UPDATE {NOTICES} SET about = 'answer' WHERE about = 'hold'")  # noqa: S608
    allow(NOTICES, "about", ABOUTS)
    allow(REQUESTS, "state", (*STATES, "closed"))


def allow(table: str, column: str, members: tuple[str, ...], named: str = "") -> None:
    """Let a column hold these words and no others, in the check as the model spells it."""
    check = op.f(f"ck_{table}_{named or column}")
    quoted = ", ".join(f"'{one}'" for one in members)
    kept = {"sqlite_autoincrement": True} if table in NUMBERED else {}
    with op.batch_alter_table(table, schema=None, table_kwargs=kept) as batch_op:
        batch_op.drop_constraint(check, type_="check")
        batch_op.create_check_constraint(check, f"{column} IN ({quoted})")


def allow_cuts() -> None:
    """Let the audit log lose its first entries, once an entry of its own says how many."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_delete() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF EXISTS ({IS_CUT}) THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{REFUSED}'; END $$"
        )
        set_trigger("EXECUTE FUNCTION refuse_delete()")
    else:
        set_trigger(f"WHEN (NOT EXISTS ({IS_CUT})) BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")


def forbid_cuts() -> None:
    if op.get_bind().dialect.name == "postgresql":
        set_trigger("EXECUTE FUNCTION refuse_change()")
        op.execute("DROP FUNCTION refuse_delete()")
    else:
        set_trigger(f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")


def set_trigger(body: str) -> None:
    name, is_postgresql = f"{AUDIT}_no_delete", op.get_bind().dialect.name == "postgresql"
    op.execute(f"DROP TRIGGER {name}{f' ON {AUDIT}' if is_postgresql else ''}")
    op.execute(f"CREATE TRIGGER {name} BEFORE DELETE ON {AUDIT} FOR EACH ROW {body}")
