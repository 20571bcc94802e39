"""Keep clawback orders and notices to residents.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: None = None
depends_on: None = None

_FIGURES = ("activities", "grams", "points", "pending", "available", "expired", "owed", "borne")


def upgrade() -> None:
    """Make orders, what they are about, forgiven debts and notices."""
    _make_orders()
    op.create_table(
        "debt_forgiveness",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reason_zh", sa.String(), nullable=False),
        sa.Column("reason_en", sa.String(), nullable=False),
        sa.Column("forgiven_by", sa.String(), nullable=False),
        sa.Column("forgiven_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points > 0", name="ck_debt_forgiveness_points"),
        sa.PrimaryKeyConstraint("programme_id", "entry_id"),
    )
    op.create_index("ix_debt_forgiveness_resident", "debt_forgiveness", ["programme_id", "resident_id"])
    op.execute(
        "CREATE TRIGGER debt_forgiveness_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON debt_forgiveness "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    _make_notices()


def _make_orders() -> None:
    op.create_table(
        "clawback",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("clawback_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("scope", postgresql.JSONB(), nullable=False),
        sa.Column("spent_points", sa.String(), nullable=True),
        sa.Column("reason_zh", sa.String(), nullable=False),
        sa.Column("reason_en", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("scanned_until", sa.Uuid(), nullable=True),
        sa.Column("previewed", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("prepared_by", sa.String(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ordered_by", sa.String(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "clawback_id"),
    )
    op.create_index("ix_clawback_state", "clawback", ["programme_id", "state"])
    op.create_table(
        "clawback_activity",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("clawback_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("adjustment_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("taken_grams", sa.BigInteger(), nullable=True),
        sa.Column("taken_points", sa.BigInteger(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "clawback_id", "resident_id", "activity_id"),
    )
    op.create_table(
        "clawback_resident",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("clawback_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.SmallInteger(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _FIGURES),
        sa.PrimaryKeyConstraint("programme_id", "clawback_id", "phase", "resident_id"),
    )


def _make_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("reason_zh", sa.String(), nullable=False),
        sa.Column("reason_en", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("grams", "points", "owed", "borne")),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.String(), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "resident_id", "notice_id"),
        sa.UniqueConstraint("programme_id", "resident_id", "about_id", name="uq_notice_about"),
    )
    op.create_index(
        "ix_notice_appealed",
        "notice",
        ["programme_id", "about_id"],
        postgresql_where=sa.text("appealed_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them again."""
    for table in ("notice", "debt_forgiveness", "clawback_resident", "clawback_activity", "clawback"):
        op.drop_table(table)
