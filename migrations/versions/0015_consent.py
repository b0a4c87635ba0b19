"""Consent: entries may wait for their seal."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {"sqlite_autoincrement": True}
EVENTS = "consent_events"
BLANKED = ("evidence", "evidence_salt")
SEAL = ("position", "previous_hash", "hash")


def upgrade() -> None:
    allow_changes()
    with op.batch_alter_table(EVENTS, schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("position", ID, nullable=True))
        batch_op.alter_column("previous_hash", existing_type=sa.String(64), nullable=True)
        batch_op.alter_column("hash", existing_type=sa.String(64), nullable=True)
        batch_op.drop_constraint("uq_consent_events_hash", type_="unique")
    # Until now the order of the numbers was that of the chain.
    op.execute("UPDATE consent_events SET position = id")
    with op.batch_alter_table(EVENTS, schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.create_unique_constraint("uq_consent_events_position", ["position"])
    unsealed = sa.text("position IS NULL")
    op.create_index(
        "ix_consent_events_waiting",
        EVENTS,
        ["id"],
        sqlite_where=unsealed,
        postgresql_where=unsealed,
    )
    blanks = unless(BLANKED, *(f"NEW.{name} IS NULL" for name in BLANKED))
    seals = unless(SEAL, "OLD.position IS NULL", *(f"NEW.{name} IS NOT NULL" for name in SEAL))
    forbid_changes(f"({blanks}) AND ({seals})")


def downgrade() -> None:
    """Go back; `mailer verify` must have sealed what waits, or this fails.

    The older program walks the chain in the order of the numbers: where two entries were sealed in
    another order than they were numbered, it will call the chain broken.
    """
    allow_changes()
    op.drop_index("ix_consent_events_waiting", EVENTS)
    with op.batch_alter_table(EVENTS, schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint("uq_consent_events_position", type_="unique")
        batch_op.create_unique_constraint("uq_consent_events_hash", ["hash"])
        batch_op.alter_column("hash", existing_type=sa.String(64), nullable=False)
        batch_op.alter_column("previous_hash", existing_type=sa.String(64), nullable=False)
        batch_op.drop_column("position")
    forbid_changes(unless(BLANKED, *(f"NEW.{name} IS NULL" for name in BLANKED)))


def unless(changed: tuple[str, ...], *conditions: str) -> str:
    """Return SQL for an update that changes other columns, or these in another way."""
    columns = [c["name"] for c in sa.inspect(op.get_bind()).get_columns(EVENTS)]
    kept = [same(name) for name in columns if name not in changed]
    return f"NOT ({' AND '.join([*conditions, *kept])})"


def same(name: str) -> str:
    if not is_postgresql():
        return f"NEW.{name} IS OLD.{name}"
    text = "::text" if name == "evidence" else ""  # JSON has no equality there
    return f"NEW.{name}{text} IS NOT DISTINCT FROM OLD.{name}{text}"


def forbid_changes(changes: str) -> None:
    """Set the triggers anew: SQLite loses all with the table that it copies."""
    body = "BEGIN SELECT RAISE(ABORT, 'this ledger is append-only'); END"
    if is_postgresql():
        body = "EXECUTE FUNCTION refuse_change()"
    before = f"CREATE TRIGGER {EVENTS}_no_%s BEFORE %s ON {EVENTS} FOR EACH ROW"
    if not is_postgresql():
        op.execute(f"{before % ('delete', 'DELETE')} {body}")
    op.execute(f"{before % ('update', 'UPDATE')} WHEN ({changes}) {body}")


def allow_changes() -> None:
    op.execute(f"DROP TRIGGER {EVENTS}_no_update{f' ON {EVENTS}' if is_postgresql() else ''}")
    if not is_postgresql():
        op.execute(f"DROP TRIGGER {EVENTS}_no_delete")


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
