"""What a campaign states about itself, the packs a sender keeps, and overrides of warnings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
BEFORE = ("commercial", "editorial", "transactional")
AFTER = (*BEFORE, "service")
RELATIONS = ("transaction", "safety", "account", "employment", "delivery")
PACKS = "promises can_spam casl eu bulk"
# Text columns with their length and with what old campaigns hold.
TEXTS = {
    "kind_reason": (500, ""),
    "dealing_field": (50, ""),
    "advertisers": (1000, ""),
    "offer_zone": (64, "UTC"),
    "offer_terms": (2000, ""),
    "offer_claims": (1000, ""),
    "synonyms": (1000, ""),
    "ruleset": (20, ""),
}
FLAGS = {"is_adult": sa.false(), "is_own_promoted": sa.true(), "are_opt_outs_shared": sa.false()}
TIMES = ("offer_starts_at", "offer_ends_at")


def words(name: str, values: tuple[str, ...], *, check: bool = True) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=check, length=20)


def upgrade() -> None:
    change_kinds(AFTER)
    with op.batch_alter_table("campaigns") as batch:
        for name, (length, old) in TEXTS.items():
            kind = sa.String(length=length)
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=old))
        for name, flag in FLAGS.items():
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=flag))
        for name in TIMES:
            batch.add_column(sa.Column(name, TIME, nullable=True))
        batch.add_column(sa.Column("dealing_relation", words("relation", RELATIONS), nullable=True))
    op.execute(
        "UPDATE campaigns SET kind_reason = 'Chosen before reasons were written down.' "
        "WHERE kind <> 'commercial'"
    )
    with op.batch_alter_table("senders") as batch:
        packs = sa.Column("packs", sa.String(200), nullable=False, server_default=PACKS)
        batch.add_column(packs)
    op.create_table(
        "overrides",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("finding", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("ruleset", sa.String(length=20), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_overrides_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
        sa.UniqueConstraint(
            "campaign_id", "finding", name=op.f("uq_overrides_campaign_id_finding")
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("overrides")
    with op.batch_alter_table("senders") as batch:
        batch.drop_column("packs")
    with op.batch_alter_table("campaigns") as batch:
        batch.drop_constraint(op.f("ck_campaigns_relation"), type_="check")
        for name in ("dealing_relation", *TIMES, *FLAGS, *TEXTS):
            batch.drop_column(name)
    # What the old table cannot say is said by its strictest word.
    op.execute("UPDATE campaigns SET kind = 'commercial' WHERE kind = 'service'")
    change_kinds(BEFORE)


def change_kinds(values: tuple[str, ...]) -> None:
    with op.batch_alter_table("campaigns") as batch:
        batch.drop_constraint(op.f("ck_campaigns_kind"), type_="check")
        quoted = ", ".join(f"'{value}'" for value in values)
        batch.create_check_constraint(op.f("ck_campaigns_kind"), f"kind IN ({quoted})")
