"""The desk: the register of requests, challenges that prove a mailbox, restricted readers."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEY = sa.LargeBinary(length=32)
WORDS = {
    "kind": "access portability correction erasure restriction objection withdrawal complaint opt-out",
    "channel": "page mail letter phone other",
    "state": "received identified paused closed",
    "outcome": "granted partly refused dropped",
}
REGIMES = ("GDPR", "UK GDPR", "CCPA", "policy")
REQUESTS, CHALLENGES = "privacy_requests", "privacy_challenges"


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("restricted_at", MOMENT, nullable=True))
    op.create_table(
        REQUESTS,
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", word("kind"), nullable=False),
        sa.Column("regime", enum("regime", *REGIMES), nullable=False),
        sa.Column("channel", word("channel"), nullable=False),
        sa.Column("state", word("state"), nullable=False),
        sa.Column("address_key", KEY, nullable=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("confirm_by", MOMENT, nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("citation", sa.String(200), nullable=False),
        sa.Column("extended_at", MOMENT, nullable=True),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("paused_for", sa.Integer(), nullable=False),
        sa.Column("identified_at", MOMENT, nullable=True),
        sa.Column("identified_by", sa.String(20), nullable=False),
        sa.Column("assignee", sa.String(254), nullable=False),
        sa.Column("outcome", word("outcome"), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{REQUESTS}")),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{REQUESTS}_state_due_at", REQUESTS, ["state", "due_at"])
    op.create_index(f"ix_{REQUESTS}_address_key", REQUESTS, ["address_key"])
    op.create_index(f"ix_{REQUESTS}_closed_at", REQUESTS, ["closed_at"])
    op.create_table(
        CHALLENGES,
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", word("kind"), nullable=False),
        sa.Column("address_key", KEY, nullable=False),
        sa.Column("given", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("subscriber_id", ID, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{CHALLENGES}")),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{CHALLENGES}_address_key", CHALLENGES, ["address_key"])
    op.create_index(f"ix_{CHALLENGES}_due_at", CHALLENGES, ["due_at"])


def downgrade() -> None:
    op.drop_table(CHALLENGES)
    op.drop_table(REQUESTS)
    op.drop_column("subscribers", "restricted_at")


def word(name: str) -> sa.Enum:
    return enum(name, *WORDS[name].split())


def enum(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=20)
