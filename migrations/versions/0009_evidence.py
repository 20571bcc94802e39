"""Keep unit labels that were claimed and receipts of anonymous sales, and what residents gather by month and category.

The index of activities by resident goes: that of entries has the same ids and serves as well.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.drop_index("ix_activity_resident", table_name="activity")
    _by_resident("resident_id")
    _resident_month()
    _unit_claim()
    _anonymous_sale()


def downgrade() -> None:
    op.drop_table("anonymous_sale")
    op.drop_table("unit_claim")
    op.drop_table("resident_month")
    _by_resident("programme_id", "resident_id")
    op.create_index("ix_activity_resident", "activity", ["programme_id", "resident_id", "activity_id"])


def _by_resident(*columns: str) -> None:
    """Lead the indexes of entries and lots with `columns`: a resident is of one programme."""
    op.drop_index("ix_entry_resident", table_name="entry")
    op.drop_index("ix_lot_spendable", table_name="lot")
    some, left = sa.text("resident_id IS NOT NULL"), sa.text("remaining > 0")
    op.create_index("ix_entry_resident", "entry", [*columns, "entry_id"], postgresql_where=some)
    op.create_index("ix_lot_spendable", "lot", [*columns, "expires_at"], postgresql_where=left)


def _resident_month() -> None:
    op.create_table(
        "resident_month",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("category_id", sa.String(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("activities", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "resident_id", "month", "category_id"),
        postgresql_with={"fillfactor": "80"},
    )
    op.execute("""
        INSERT INTO resident_month (
            programme_id, resident_id, month, category_id, grams, points, units, activities
        )
        SELECT a.programme_id, a.resident_id, date_trunc('month', a.day)::date, coalesce(b.category_id, ''),
            sum(a.grams), sum(a.points), sum(a.quantity), count(*)
        FROM activity AS a LEFT JOIN baseline AS b ON b.id = a.baseline_id
        GROUP BY 1, 2, 3, 4
    """)


def _unit_claim() -> None:
    op.create_table(
        "unit_claim",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("serial", sa.String(length=20), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("matched_sale_id", sa.Uuid(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "gtin", "serial"),
    )
    op.create_index(
        "ix_unit_claim_unmatched",
        "unit_claim",
        ["programme_id", "resident_id", "gtin"],
        postgresql_where=sa.text("matched_sale_id IS NULL"),
    )
    op.create_index(
        "ix_unit_claim_sale",
        "unit_claim",
        ["programme_id", "matched_sale_id"],
        postgresql_where=sa.text("matched_sale_id IS NOT NULL"),
    )


def _anonymous_sale() -> None:
    op.create_table(
        "anonymous_sale",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("claim_code", sa.String(length=20), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("retailer_id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("returned BETWEEN 0 AND quantity", name="ck_anonymous_sale_returned"),
        sa.PrimaryKeyConstraint("programme_id", "claim_code", "line"),
    )
