"""Letters that came in by mail, and opt-outs that they ask for."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EVENTS = "consent_events"
METHODS = ("form", "link", "one-click", "preferences", "staff")
CHECK = "ck_consent_events_consentmethod"
KINDS = ("opt-out", "complaint", "bounce", "automatic", "other")
ANSWERS = ("opt-out", "else")
WAITING = "ix_consent_events_waiting"
INDEXED = ("received_at", "mark", "from_key", "about_key")
PARTIAL = {
    "ix_letters_unread": "read_at IS NULL",
    "ix_letters_in_doubt": "doubt <> '' AND answered_at IS NULL",
}


def upgrade() -> None:
    allow_methods(*METHODS, "mail")
    op.create_table(
        "letters",
        sa.Column("id", ID, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_from", sa.String(length=320), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=True),
        sa.Column("from_key", sa.LargeBinary(length=32), nullable=True),
        sa.Column("about_key", sa.LargeBinary(length=32), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubt", sa.String(length=200), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=254), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=True),
        sa.CheckConstraint(one_of("kind", *KINDS), name=op.f("ck_letters_kind")),
        sa.CheckConstraint(one_of("answer", *ANSWERS), name=op.f("ck_letters_answer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sqlite_autoincrement=True,
    )
    for name in INDEXED:
        op.create_index(op.f(f"ix_letters_{name}"), "letters", [name])
    for name, condition in PARTIAL.items():
        where = sa.text(condition)
        op.create_index(name, "letters", ["id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Go back; fails where somebody has opted out by mail, for the ledger is append-only."""
    op.drop_table("letters")
    allow_methods(*METHODS)


def allow_methods(*methods: str) -> None:
    """Change the check; SQLite copies the table for that, and loses triggers and partial indexes."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), EVENTS, type_="check")
        op.create_check_constraint(op.f(CHECK), EVENTS, one_of("method", *methods))
        return
    told = sa.text(
        "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'consent_events'"
    )
    triggers = op.get_bind().execute(told).scalars().all()
    op.drop_index(WAITING, EVENTS)
    with op.batch_alter_table(
        EVENTS, schema=None, table_kwargs={"sqlite_autoincrement": True}
    ) as batch_op:
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.create_check_constraint(op.f(CHECK), one_of("method", *methods))
    op.create_index(WAITING, EVENTS, ["id"], sqlite_where=sa.text("position IS NULL"))
    for trigger in triggers:
        op.execute(trigger)


def one_of(column: str, *words: str) -> str:
    """Return the check as the model spells it."""
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({quoted})"
