"""Keeping: periods, legal holds and runs; closed lists, last counts; incidents and their people."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEY = sa.LargeBinary(length=32)
CLASSES = (
    "unconfirmed imports security subscription proof correspondence requests incidents analytics"
)
HELD = "person list campaign"
PERIODS, HOLDS, RUNS = "retention_periods", "legal_holds", "retention_runs"
INCIDENTS, PEOPLE = "incidents", "affected_people"
UNDER_WAY = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.add_column("lists", sa.Column("closed_at", MOMENT, nullable=True))
    # When they were archived was not written down: their periods begin with this program.
    op.execute("UPDATE lists SET closed_at = CURRENT_TIMESTAMP WHERE status = 'archived'")
    op.add_column(
        "portions", sa.Column("is_final", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("campaigns", sa.Column("incident_id", ID, nullable=True))
    make_keeping()
    make_incidents()


def make_keeping() -> None:
    op.create_table(
        PERIODS,
        sa.Column("name", enum("class", CLASSES), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f(f"pk_{PERIODS}")),
    )
    op.create_table(
        HOLDS,
        sa.Column("id", ID, nullable=False),
        sa.Column("held", enum("held", HELD), nullable=False),
        sa.Column("address_key", KEY, nullable=True),
        sa.Column("number", ID, nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(254), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{HOLDS}")),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{HOLDS}_address_key", HOLDS, ["address_key"])
    op.create_table(
        RUNS,
        sa.Column("id", ID, nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("is_dry", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("edges", sa.JSON(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("after", ID, nullable=False),
        sa.Column("expected", ID, nullable=False),
        sa.Column("done", ID, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{RUNS}")),
        sa.UniqueConstraint("night", name=op.f(f"uq_{RUNS}_night")),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{RUNS}_finished_at", RUNS, ["finished_at"])
    op.create_index(
        f"uq_{RUNS}_under_way",
        RUNS,
        ["is_dry"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )


def make_incidents() -> None:
    op.create_table(
        INCIDENTS,
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("noticed_at", MOMENT, nullable=False),
        sa.Column("aware_at", MOMENT, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("records", sa.Integer(), nullable=True),
        sa.Column("consequences", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(300), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=True),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("unreported", sa.Text(), nullable=False),
        sa.Column("banner", sa.String(500), nullable=False),
        sa.Column("banner_from", MOMENT, nullable=True),
        sa.Column("banner_until", MOMENT, nullable=True),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{INCIDENTS}")),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{INCIDENTS}_banner_until", INCIDENTS, ["banner_until"])
    op.create_index(f"ix_{INCIDENTS}_closed_at", INCIDENTS, ["closed_at"])
    op.create_table(
        PEOPLE,
        sa.Column("id", ID, nullable=False),
        sa.Column("incident_id", ID, nullable=False),
        sa.Column("address_key", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{PEOPLE}")),
        sa.UniqueConstraint(
            "incident_id", "address_key", name=op.f(f"uq_{PEOPLE}_incident_id_address_key")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{PEOPLE}_address_key", PEOPLE, ["address_key"])


def downgrade() -> None:
    for table in (PEOPLE, INCIDENTS, RUNS, HOLDS, PERIODS):
        op.drop_table(table)
    op.drop_column("campaigns", "incident_id")
    op.drop_column("portions", "is_final")
    op.drop_column("lists", "closed_at")


def enum(name: str, members: str) -> sa.Enum:
    words = members.split()
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)
