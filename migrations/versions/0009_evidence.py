"""Keep unit labels that were claimed and receipts of anonymous sales.

What activities were worked out from becomes rows of a small table, of which each names one. The table of activities is
written anew: a column that is dropped stays behind as a NULL in every row, and makes it eight bytes longer. The index
of activities by resident goes: that of entries has the same ids and serves as well.

Revision ID: 0009
Revises: 0008
"""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: None = None
depends_on: None = None

# 128 bits of SHA-256 of all that the row says: the ids that the service works out.
_BASIS_ID: Final = """
    CAST(encode(substring(sha256(
        uuid_send(certificate_id) || uuid_send(footprint_id) || uuid_send(baseline_id)
        || int8send(units_micro / quantity) || convert_to(gtin, 'UTF8')
    ) FOR 16), 'hex') AS uuid)
"""
_SHARED: Final = (
    "retailer_id, effective_at, saving_grams, grams, points, day, quantity, kind, evidence_bp, policy_version, "
    "rate_version, detail"
)


def upgrade() -> None:
    _by_resident("resident_id")
    _basis()
    _activity()
    _unit_claim()
    _anonymous_sale()


def downgrade() -> None:
    op.drop_table("anonymous_sale")
    op.drop_table("unit_claim")
    _by_resident("programme_id", "resident_id")
    _activity_as_before()
    op.drop_table("basis")


def _by_resident(*columns: str) -> None:
    """Lead the indexes of entries and lots with `columns`: a resident is of one programme."""
    op.drop_index("ix_entry_resident", table_name="entry")
    op.drop_index("ix_lot_spendable", table_name="lot")
    some, left = sa.text("resident_id IS NOT NULL"), sa.text("remaining > 0")
    op.create_index("ix_entry_resident", "entry", [*columns, "entry_id"], postgresql_where=some)
    op.create_index("ix_lot_spendable", "lot", [*columns, "expires_at"], postgresql_where=left)


def _basis() -> None:
    op.create_table(
        "basis",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("basis_id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("footprint_id", sa.Uuid(), nullable=False),
        sa.Column("baseline_id", sa.Uuid(), nullable=False),
        sa.Column("units_micro_each", sa.BigInteger(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "basis_id"),
    )
    op.execute(
        "CREATE TRIGGER basis_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON basis "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"""
        INSERT INTO basis (
            programme_id, basis_id, certificate_id, footprint_id, baseline_id, units_micro_each, gtin
        )
        SELECT DISTINCT programme_id, {_BASIS_ID}, certificate_id, footprint_id, baseline_id,
            units_micro / quantity, gtin
        FROM activity
    """)  # noqa: S608 - made of the constant above


def _activity() -> None:
    """Write activities anew, each with the id of its basis."""
    op.rename_table("activity", "activity_before")
    op.create_table(
        "activity",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("programme_id", "activity_id", "resident_id")),
        sa.Column("basis_id", sa.Uuid(), nullable=False),
        *_shared(),
    )
    _copied("activity_before", "activity", f"programme_id, activity_id, resident_id, {_BASIS_ID}, {_SHARED}")
    op.drop_table("activity_before")
    op.create_primary_key("activity_pkey", "activity", ["programme_id", "activity_id"])


def _activity_as_before() -> None:
    op.rename_table("activity", "activity_after")
    cited = ("footprint_id", "baseline_id", "certificate_id")
    op.create_table(
        "activity",
        *(
            sa.Column(name, sa.Uuid(), nullable=False)
            for name in ("programme_id", "activity_id", "resident_id", *cited)
        ),
        sa.Column("units_micro", sa.BigInteger(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        *_shared(),
    )
    found = "activity_after JOIN basis USING (programme_id, basis_id)"
    shown = f"programme_id, activity_id, resident_id, {', '.join(cited)}, units_micro_each * quantity, gtin, {_SHARED}"
    _copied(found, "activity", shown)
    op.drop_table("activity_after")
    op.create_primary_key("activity_pkey", "activity", ["programme_id", "activity_id"])
    op.create_index("ix_activity_resident", "activity", ["programme_id", "resident_id", "activity_id"])


def _shared() -> list[sa.Column[Any]]:
    """Return the columns that activities have before and after, in an order that wastes no byte on alignment."""
    return [
        sa.Column("retailer_id", sa.Uuid(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("saving_grams", "grams", "points")),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in ("kind", "evidence_bp")),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in ("policy_version", "rate_version")),
        sa.Column("detail", JSONB(none_as_null=True), nullable=True),
    ]


def _copied(source: str, table: str, columns: str) -> None:
    """Copy rows into a table whose columns come in the order of `columns`."""
    op.execute(f"INSERT INTO {table} SELECT {columns} FROM {source} ORDER BY programme_id, activity_id")  # noqa: S608 - constants


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
