"""Suppression keys have versions: people move from a former key to the newest, in a ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {"sqlite_autoincrement": True}
EVENTS = "consent_events"
REFUSED = "this ledger is append-only"
BLANKED = ("evidence", "evidence_salt")
SEAL = ("position", "previous_hash", "hash")
MOVED = ("address_key", "sealed_key")


def upgrade() -> None:
    op.add_column(EVENTS, sa.Column("sealed_key", sa.LargeBinary(32), nullable=True))
    allow_updates()
    moves = unless(MOVED, same_value("NEW.sealed_key", "coalesce(OLD.sealed_key, OLD.address_key)"))
    forbid_updates(f"{blanks_and_seals()} AND ({moves})")
    op.create_table(
        "turned_keys",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("former", sa.LargeBinary(length=32), nullable=False),
        sa.Column("present", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turned_keys")),
        sa.UniqueConstraint("former", "present", name=op.f("uq_turned_keys_former_present")),
        sa.UniqueConstraint("hash", name=op.f("uq_turned_keys_hash")),
        **KEPT,
    )
    keep_whole("turned_keys")
    marks = sa.Column("key_marks", sa.String(200), nullable=False, server_default="")
    op.add_column("instance", marks)
    op.execute("UPDATE instance SET key_marks = substr(key_mark, 1, 16)")
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.drop_column("key_mark")


def downgrade() -> None:
    """Go back; the older program knows one key alone, so this fails once a key was turned."""
    turned = sa.text("SELECT count(*) FROM turned_keys")
    if op.get_bind().scalar(turned):
        raise RuntimeError("A suppression key was turned: the older program would find nobody.")
    mark = sa.Column("key_mark", sa.String(64), nullable=False, server_default="")
    op.add_column("instance", mark)
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.drop_column("key_marks")
    op.drop_table("turned_keys")
    allow_changes()
    with op.batch_alter_table(EVENTS, schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_column("sealed_key")
    forbid_updates(blanks_and_seals())
    forbid_deletes()


def blanks_and_seals() -> str:
    """Return SQL for an update that neither blanks evidence nor sets a seal."""
    blanks = unless(BLANKED, *(f"NEW.{name} IS NULL" for name in BLANKED))
    seals = unless(SEAL, "OLD.position IS NULL", *(f"NEW.{name} IS NOT NULL" for name in SEAL))
    return f"({blanks}) AND ({seals})"


def unless(changed: tuple[str, ...], *conditions: str) -> str:
    """Return SQL for an update that changes other columns, or these in another way."""
    columns = [c["name"] for c in sa.inspect(op.get_bind()).get_columns(EVENTS)]
    kept = [same(name) for name in columns if name not in changed]
    return f"NOT ({' AND '.join([*conditions, *kept])})"


def same(name: str) -> str:
    # JSON has no equality on PostgreSQL.
    text = "::text" if name == "evidence" and is_postgresql() else ""
    return same_value(f"NEW.{name}{text}", f"OLD.{name}{text}")


def same_value(one: str, other: str) -> str:
    return f"{one} {'IS NOT DISTINCT FROM' if is_postgresql() else 'IS'} {other}"


def forbid_updates(changes: str) -> None:
    before = f"CREATE TRIGGER {EVENTS}_no_update BEFORE UPDATE ON {EVENTS} FOR EACH ROW"
    op.execute(f"{before} WHEN ({changes}) {body()}")


def forbid_deletes() -> None:
    """Set again what SQLite loses with the table that it copies."""
    if not is_postgresql():
        before = f"CREATE TRIGGER {EVENTS}_no_delete BEFORE DELETE ON {EVENTS} FOR EACH ROW"
        op.execute(f"{before} {body()}")


def allow_updates() -> None:
    op.execute(f"DROP TRIGGER {EVENTS}_no_update{f' ON {EVENTS}' if is_postgresql() else ''}")


def allow_changes() -> None:
    allow_updates()
    if not is_postgresql():
        op.execute(f"DROP TRIGGER {EVENTS}_no_delete")


def keep_whole(table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE."""
    before = f"CREATE TRIGGER {table}_no_%s BEFORE %s ON {table} FOR EACH %s"
    op.execute(f"{before % ('delete', 'DELETE', 'ROW')} {body()}")
    op.execute(f"{before % ('update', 'UPDATE', 'ROW')} {body()}")
    if is_postgresql():
        op.execute(f"{before % ('truncate', 'TRUNCATE', 'STATEMENT')} {body()}")


def body() -> str:
    if is_postgresql():
        return "EXECUTE FUNCTION refuse_change()"
    return f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
