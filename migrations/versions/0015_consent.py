"""Consent: entries may wait for their seal; refusals of domains, by whom, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {"sqlite_autoincrement": True}
EVENTS = "consent_events"
BLANKED = ("evidence", "evidence_salt")
TOLD = (("note", 300), ("actor", 254))
REACH = ("address_key", "scope", "scope_id")
SCOPES = ("list", "sender", "everything")
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
    refuse_domains()
    let_consent_expire()
    mark = sa.Column("key_mark", sa.String(64), nullable=False, server_default="")
    op.add_column("instance", mark)
    op.create_table(
        "shown_texts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_shown_texts")),
    )


def downgrade() -> None:
    """Go back; `mailer verify` must have sealed what waits, or this fails.

    The older program walks the chain in the order of the numbers: where two entries were sealed in
    another order than they were numbered, it will call the chain broken.
    """
    op.drop_table("shown_texts")
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.drop_column("key_mark")
    op.drop_index("ix_subscriptions_consent_ends_at", "subscriptions")
    with op.batch_alter_table("subscriptions", schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_column("consent_expired_at")
        batch_op.drop_column("consent_ends_at")
    with op.batch_alter_table("lists", schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_column("consent_months")
    refuse_domains_no_more()
    allow_changes()
    op.drop_index("ix_consent_events_waiting", EVENTS)
    with op.batch_alter_table(EVENTS, schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint("uq_consent_events_position", type_="unique")
        batch_op.create_unique_constraint("uq_consent_events_hash", ["hash"])
        batch_op.alter_column("hash", existing_type=sa.String(64), nullable=False)
        batch_op.alter_column("previous_hash", existing_type=sa.String(64), nullable=False)
        batch_op.drop_column("position")
    forbid_changes(unless(BLANKED, *(f"NEW.{name} IS NULL" for name in BLANKED)))


def let_consent_expire() -> None:
    op.add_column("lists", sa.Column("consent_months", sa.Integer(), nullable=True))
    for name in ("consent_ends_at", "consent_expired_at"):
        op.add_column("subscriptions", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    implied = sa.text("consent_ends_at IS NOT NULL")
    op.create_index(
        "ix_subscriptions_consent_ends_at",
        "subscriptions",
        ["consent_ends_at"],
        sqlite_where=implied,
        postgresql_where=implied,
    )


def refuse_domains() -> None:
    op.drop_index("uq_suppressions_in_force", "suppressions")
    op.add_column("subscribers", sa.Column("domain_key", sa.LargeBinary(32), nullable=True))
    with op.batch_alter_table("suppressions", schema=None, table_kwargs=KEPT) as batch_op:
        for name, length in TOLD:
            batch_op.add_column(
                sa.Column(name, sa.String(length), nullable=False, server_default="")
            )
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(op.f("ck_suppressions_scope"), type_="check")
        batch_op.create_check_constraint(op.f("ck_suppressions_scope"), reach(*SCOPES, "domain"))
    # Each reason for itself: hers must hold when ours ends.
    create_unique(*REACH, "reason")
    limited = sa.text("ends_at IS NOT NULL AND lifted_at IS NULL")
    op.create_index(
        "ix_suppressions_ends_at",
        "suppressions",
        ["ends_at"],
        sqlite_where=limited,
        postgresql_where=limited,
    )


def refuse_domains_no_more() -> None:
    """Go back; the older program knows no domains, and one reason for each reach."""
    op.drop_index("ix_suppressions_ends_at", "suppressions")
    op.drop_index("uq_suppressions_in_force", "suppressions")
    op.execute("DELETE FROM suppressions WHERE scope = 'domain'")
    op.execute(
        "DELETE FROM suppressions WHERE lifted_at IS NULL AND id NOT IN (SELECT min(id) "
        "FROM suppressions WHERE lifted_at IS NULL GROUP BY address_key, scope, scope_id)"
    )
    with op.batch_alter_table("suppressions", schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(op.f("ck_suppressions_scope"), type_="check")
        batch_op.create_check_constraint(op.f("ck_suppressions_scope"), reach(*SCOPES))
        batch_op.drop_column("ends_at")
        for name, _ in reversed(TOLD):
            batch_op.drop_column(name)
    create_unique(*REACH)
    with op.batch_alter_table("subscribers", schema=None, table_kwargs=KEPT) as batch_op:
        batch_op.drop_column("domain_key")


def create_unique(*columns: str) -> None:
    in_force = sa.text("lifted_at IS NULL")
    op.create_index(
        "uq_suppressions_in_force",
        "suppressions",
        columns,
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )


def reach(*scopes: str) -> str:
    """Return the check as the model spells it."""
    quoted = ", ".join(f"'{scope}'" for scope in scopes)
    return f"scope IN ({quoted})"


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
